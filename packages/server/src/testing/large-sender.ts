/** A thread that sends a body of any size, so that making it costs the server's thread nothing. */
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'

/** The body: `start`, then `part` so many times (`#` in it becomes the number of the repetition), then `end`. */
export type LargeBody = { start: string; part: string; times: number; end: string }
type Sending = { url: string; headers: Record<string, string>; body: LargeBody }
export type LargeAnswer = { status: number; code: string }

/** POSTs the body and answers what the server said, which may be before it has read everything. */
export function sendLarge(url: string, headers: Record<string, string>, body: LargeBody): Promise<LargeAnswer> {
  return new Promise((resolve, reject) => {
    const sending: Sending = { url, headers, body }
    const worker = new Worker(new URL(import.meta.url), { workerData: sending })
    worker.on('message', resolve)
    worker.on('error', reject)
  })
}

function* chunks({ start, part, times, end }: LargeBody): Generator<string> {
  let text = start
  for (let index = 0; index < times; index += 1) {
    text += part.replaceAll('#', String(index))
    if (text.length > 65_536) {
      yield text
      text = ''
    }
  }
  yield text + end
}

if (!isMainThread && parentPort) {
  const port = parentPort
  const { url, headers, body } = workerData as Sending
  const sent = request(url, { method: 'POST', headers: { ...headers, 'transfer-encoding': 'chunked' } }, (answer) => {
    let text = ''
    answer.on('data', (chunk) => {
      text += String(chunk)
    })
    answer.on('end', () => port.postMessage({ status: answer.statusCode ?? 0, code: JSON.parse(text).code }))
  })
  sent.on('error', (error: NodeJS.ErrnoException) => {
    // The server closes when it has refused; the answer is what counts.
    if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') throw error
  })
  Readable.from(chunks(body)).pipe(sent)
}
