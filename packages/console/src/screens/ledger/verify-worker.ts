/** Verifies the whole ledger beside the page: a stream of entries, hashed one by one, so that nothing freezes. */
import '../../no-eval.ts'
import { readCheckpoint, readVerifierKey } from '@onus/core/ledger/checkpoint.ts'
import { portableSha256 } from '@onus/core/ledger/portable-sha256.ts'
import { verifyExport } from '@onus/core/ledger/verify.ts'
import type { Verdict } from '@onus/core/ledger/verify.ts'
import { urlOf } from '@onus/core/contract/client.ts'
import { verifySignature } from './ed25519.ts'
import { tileLines } from './tile-stream.ts'

/** `isExport`: with what people wrote, for those who may export it. */
export type VerifyAsk = { keys: string[] | null; since: string | null; isExport: boolean }
export type VerifyTold =
  | { kind: 'progress'; lines: number; bytes: number }
  | { kind: 'verdict'; verdict: PlainVerdict; checkpoint: string | null }
  | { kind: 'failed'; message: string }
/** Without the bytes that a page has no use for. */
export type PlainVerdict =
  | { state: 'verified'; origin: string; size: number; root: string; signers: string[]; checkpoints: number; shown: number; erased: number }
  | Exclude<Verdict, { state: 'verified' }>

const NEWLINE = 10
const TELL_MS = 100
const tell = (told: VerifyTold): void => globalThis.postMessage(told)

/** Counts lines on the way; the first holds the checkpoint that is verified. */
async function* counted(chunks: AsyncIterable<Uint8Array>, first: (text: string) => void): AsyncGenerator<Uint8Array> {
  let [lines, bytes, toldAt] = [0, 0, 0]
  let head = ''
  const decoder = new TextDecoder()
  for await (const chunk of chunks) {
    if (lines === 0) head += decoder.decode(chunk, { stream: true })
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) {
      if (lines === 0) first(head.slice(0, head.indexOf('\n')))
      lines += 1
    }
    bytes += chunk.length
    if (performance.now() - toldAt > TELL_MS) {
      toldAt = performance.now()
      tell({ kind: 'progress', lines, bytes })
    }
    yield chunk
  }
  tell({ kind: 'progress', lines, bytes })
}

async function* exported(): AsyncGenerator<Uint8Array> {
  const answer = await fetch(urlOf('ledgerExport'), { credentials: 'same-origin', cache: 'no-store' })
  if (!answer.ok || answer.body === null) throw new Error(`The server answered ${answer.status} instead of the ledger.`)
  const reader = answer.body.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
}

async function verify({ keys, since, isExport }: VerifyAsk): Promise<void> {
  let checkpoint: string | null = null
  const chunks = counted(isExport ? exported() : tileLines(), (line) => {
    checkpoint = noteIn(line)
  })
  const verdict = await verifyExport(chunks, {
    sha256: portableSha256,
    verifySignature,
    keys: keys?.flatMap((text) => readVerifierKey(text, portableSha256) ?? []) ?? null,
    since: since === null ? null : readCheckpoint(since),
  })
  tell({ kind: 'verdict', checkpoint, verdict: verdict.state === 'verified' ? { ...verdict, root: toHex(verdict.root), signers: verdict.signers.map(({ text }) => text) } : verdict })
}

function noteIn(line: string): string | null {
  try {
    const header: unknown = JSON.parse(line)
    return typeof header === 'object' && header !== null && 'checkpoint' in header && typeof header.checkpoint === 'string' ? header.checkpoint : null
  } catch {
    return null
  }
}

const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

globalThis.addEventListener('message', (event: MessageEvent<VerifyAsk>) => {
  verify(event.data).catch((error: unknown) => tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }))
})
