/** `onus ledger`: fetching an export of the ledger, and verifying one without any server. */
import { createPublicKey, hash, verify } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { urlOf } from '@onus/core/contract/client.ts'
import { readCheckpoint, readVerifierKey } from '@onus/core/ledger/checkpoint.ts'
import type { SignedCheckpoint, VerifierKey, VerifySignature } from '@onus/core/ledger/checkpoint.ts'
import type { Sha256 } from '@onus/core/ledger/entry.ts'
import { readHeader } from '@onus/core/ledger/export.ts'
import { MAX_LINE_BYTES } from '@onus/core/ledger/lines.ts'
import { firstDifference, verifyExport } from '@onus/core/ledger/verify.ts'
import type { Altered, Verdict, Verified } from '@onus/core/ledger/verify.ts'
import { copyAll, EXIT, Stop, writeAll, type ExitCode, type Io } from '../io.ts'
import { saveWhole } from '../output/file.ts'
import { jsonObject } from '../output/json.ts'
import { painter } from '../output/paint.ts'
import type { Paint } from '../output/paint.ts'
import { plain } from '../output/plain.ts'
import { count } from '../output/words.ts'
import { reasonOf, serverUrl } from '../push.ts'

export type VerifyCommand = { key?: string[]; since?: string; format: 'table' | 'json'; color: boolean }
export type ExportCommand = { tokenEnv: string; out: string }

/** A megabyte at once: a verifier reads faster than small pieces come. */
const CHUNK_BYTES = 1024 * 1024

/** By way of a string: a buffer of its own for each hash costs more than the hash. */
const sha256: Sha256 = (bytes) => Buffer.from(hash('sha256', bytes, 'binary'), 'binary')

const verifySignature: VerifySignature = (publicKey, message, signature) => {
  const x = Buffer.from(publicKey).toString('base64url')
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature)
}

function unreadable(path: string): (error: unknown) => never {
  return (error) => {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    throw new Stop(EXIT.usage, `cannot read ${path}${code}`)
  }
}

/** A key as it is written, or a file of them, one a line; `#` begins a remark. */
async function keysOf(given: string): Promise<VerifierKey[]> {
  const key = readVerifierKey(given, sha256)
  if (key) return [key]
  const text = await readFile(given, 'utf8').catch(() => {
    throw new Stop(EXIT.usage, `--key takes a verifier key (name+id+key) or a file of them; \`${given}\` is neither`)
  })
  const lines = text.split('\n').flatMap((line) => line.replace(/#.*/, '').trim() || [])
  return lines.map((line) => {
    const read = readVerifierKey(line, sha256)
    if (!read) throw new Stop(EXIT.usage, `${given} holds a line that is no verifier key`)
    return read
  })
}

type Reading = { keys: VerifierKey[] | null; since: SignedCheckpoint | null; signal: AbortSignal }

function read(path: string, { keys, since, signal }: Reading): Promise<Verdict> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES, signal })
  return verifyExport(file, { sha256, verifySignature, keys, since }).catch((error: unknown) => {
    if (signal.aborted) throw error
    return unreadable(path)(error)
  })
}

type Earlier = { checkpoint: SignedCheckpoint; isExport: boolean }

/** The beginning of a file, as far as a header can be long. */
async function firstLine(path: string): Promise<Buffer> {
  const file = await open(path).catch(unreadable(path))
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_LINE_BYTES)).catch(unreadable(path))
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** What was kept from earlier: a checkpoint, or an export, which must be whole itself. */
async function earlierState(path: string, reading: Reading): Promise<Earlier> {
  const start = await firstLine(path)
  const note = readCheckpoint(start.toString('utf8'))
  if (note) return { checkpoint: note, isExport: false }
  const header = readHeader(start.subarray(0, Math.max(0, start.indexOf('\n'))))
  const checkpoint = header && readCheckpoint(header.checkpoint)
  if (!checkpoint) throw new Stop(EXIT.usage, `${path} is neither an export of a ledger nor a checkpoint`)
  const verdict = await read(path, reading)
  if (verdict.state !== 'verified')
    throw new Stop(EXIT.usage, `${path}, which --since names, does not verify itself: ${verdict.detail}`)
  return { checkpoint, isExport: true }
}

type Said = { headline: string; facts: [label: string, value: string][]; remark: string | null }

const KEY_REMARK =
  'Without --key this shows that nothing was damaged, not whose ledger it is: pass the key that you were given.'

function verified({ origin, size, root, signers, shown, erased }: Verified, { keys, since }: Reading): Said {
  return {
    headline: `${count(size, 'entry')} of ${origin}`,
    facts: [
      ...signers.map(({ text }): [string, string] => ['signed by', `${text}${keys ? '' : ' (named by the export)'}`]),
      ['root', Buffer.from(root).toString('hex')],
      ...(since ? [['continues', `${count(since.size, 'entry')} that were signed before`] as [string, string]] : []),
      ...(shown + erased > 0
        ? [['personal', `${count(shown, 'value')} shown, ${erased} erased`] as [string, string]]
        : []),
    ],
    remark: keys ? null : KEY_REMARK,
  }
}

function altered({ code, first, last, id, detail }: Altered): Said {
  const place =
    first === null
      ? 'what is signed'
      : first === last
        ? `entry ${first}${id === null ? '' : ` (${id})`}`
        : `first altered is one of the entries ${first} to ${last}`
  return { headline: `${place}: ${detail}`, facts: [['code', code]], remark: null }
}

function* table(verdict: Verdict, reading: Reading, paint: Paint): Generator<string> {
  const words = {
    verified: paint('green', 'verified'),
    altered: paint(['red', 'bold'], 'ALTERED'),
    unreadable: 'unreadable',
  }
  const said =
    verdict.state === 'verified'
      ? verified(verdict, reading)
      : verdict.state === 'altered'
        ? altered(verdict)
        : { headline: verdict.detail, facts: [], remark: null }
  yield `${words[verdict.state]}  ${plain(said.headline)}\n`
  for (const [label, value] of said.facts) yield `  ${label.padEnd(10)}  ${plain(value)}\n`
  if (said.remark !== null) yield `${said.remark}\n`
}

function json(verdict: Verdict, { keys, since }: Reading): Generator<string> {
  if (verdict.state !== 'verified') return jsonObject(verdict)
  const { root, signers, ...rest } = verdict
  return jsonObject({
    ...rest,
    root: Buffer.from(root).toString('hex'),
    signers: signers.map(({ text }) => text),
    isKeyGiven: keys !== null,
    since: since?.size ?? null,
  })
}

const EXITS: Record<Verdict['state'], ExitCode> = { verified: EXIT.ok, altered: EXIT.findings, unreadable: EXIT.usage }

/** `onus ledger verify`: 0 verified, 1 altered, 2 unreadable. Reads files only; memory does not grow with them. */
export async function verifyCommand(path: string, options: VerifyCommand, io: Io): Promise<ExitCode> {
  const keys = options.key ? (await Promise.all(options.key.map(keysOf))).flat() : null
  const unbound: Reading = { keys, since: null, signal: io.signal }
  const earlier = options.since === undefined ? null : await earlierState(options.since, unbound)
  const reading = { ...unbound, since: earlier?.checkpoint ?? null }
  let verdict = await read(path, reading)
  if (verdict.state === 'altered' && verdict.code === 'history-rewritten' && earlier?.isExport && options.since) {
    const [older, newer] = [options.since, path].map((file) => createReadStream(file, { signal: io.signal }))
    const first = older && newer ? await firstDifference(older, newer) : null
    if (first !== null) verdict = { ...verdict, first, last: first, detail: 'it is not what was signed before' }
  }
  const paint = painter(options.color && io.stdout.isTTY === true && !io.env['NO_COLOR'])
  await writeAll(io.stdout, options.format === 'json' ? json(verdict, reading) : table(verdict, reading, paint))
  return EXITS[verdict.state]
}

/** `onus ledger export`: the file is there whole or not at all. */
export async function exportCommand(url: string, options: ExportCommand, io: Io): Promise<ExitCode> {
  const address = serverUrl(url, 'onus ledger export', urlOf('ledgerExport'))
  const token = io.env[options.tokenEnv]
  if (!token)
    throw new Stop(EXIT.usage, `a token with the scope audit is needed in the environment variable ${options.tokenEnv}`)
  const init: RequestInit = { headers: { authorization: `Bearer ${token}` }, redirect: 'error', signal: io.signal }
  const answer = await fetch(address, init).catch(() => {
    throw new Stop(
      EXIT.notDelivered,
      `no answer from ${address.host}: is the server running, and is the address right?`,
    )
  })
  if (!answer.ok || !answer.body)
    throw new Stop(EXIT.notDelivered, `${address.host} refused: ${reasonOf(answer.status, await answer.text())}`)
  const { body } = answer
  await saveWhole(options.out, (out) => copyAll(out, body)).catch((error: unknown) => {
    if (io.signal.aborted) throw error
    throw new Stop(EXIT.notDelivered, `${options.out} could not be written, or the server broke off`)
  })
  io.stderr.write(`Written to ${plain(options.out)}. Verify it: onus ledger verify ${plain(options.out)} --key KEY\n`)
  return EXIT.ok
}
