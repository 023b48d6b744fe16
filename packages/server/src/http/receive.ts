/** A large body to disk, within limits, without holding it. */
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { randomBytes } from 'node:crypto'
import { Refused } from './refused.ts'

function limit(most: number): Transform {
  let size = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size > most)
        done(new Refused('body-too-large', `the report may have ${most} bytes, unpacked; see ONUS_MAX_IMPORT_BYTES`))
      else done(null, chunk)
    },
  })
}

/**
 * Writes the body to a new file of mode 0600 in `dir` and answers its path; the caller removes it. Unpacks gzip, and
 * counts the unpacked bytes as they come, so a small body cannot become a large file.
 */
export async function receiveBody(request: IncomingMessage, dir: string, maxBytes: number): Promise<string> {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity' && encoding !== 'gzip') {
    throw new Refused('unsupported-media-type', 'of packed bodies only gzip is read')
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    throw new Refused('body-too-large', `the report may have ${maxBytes} bytes; see ONUS_MAX_IMPORT_BYTES`)
  }
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const file = join(dir, `import-${randomBytes(8).toString('hex')}.json`)
  const out = createWriteStream(file, { mode: 0o600, flags: 'wx' })
  try {
    if (encoding === 'gzip') await pipeline(request, createGunzip(), limit(maxBytes), out)
    else await pipeline(request, limit(maxBytes), out)
    return file
  } catch (error) {
    await rm(file, { force: true })
    if (error instanceof Refused) throw error
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (code.startsWith('Z_') || code.startsWith('ERR_STREAM_PREMATURE'))
      throw new Refused('malformed-json', 'the body ended early or is not gzip')
    throw error
  }
}
