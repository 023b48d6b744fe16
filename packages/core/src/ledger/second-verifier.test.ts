/** T101: two implementations that share no code come to the same verdict. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { readCheckpoint } from './checkpoint.ts'
import type { SignedCheckpoint } from './checkpoint.ts'
import { readHeader } from './export.ts'
import { announcement, exportLines, fileOf, madeEntries, newSigner, sha256, verifySignature } from './testing/made-ledger.ts'
import type { Signer } from './testing/made-ledger.ts'
import { verifyExport } from './verify.ts'
import type { Verdict } from './verify.ts'

const SCRIPT = fileURLToPath(new URL('../../../../scripts/verify_ledger.py', import.meta.url))
const [first, second, stranger] = [newSigner(), newSigner(), newSigner()] as const
const folder = mkdtempSync(join(tmpdir(), 'onus-python-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const hasPython = spawnSync('python3', ['-c', '']).status === 0
const skip = hasPython ? false : 'no python3 on this machine'

const entries = [announcement(0, first.key), ...madeEntries(15).slice(1), announcement(15, second.key), ...madeEntries(24).slice(16)]
const signersAt = (size: number): Signer[] => (size < 16 ? [first] : size === 16 ? [first, second] : [second])
const made = { entries, signersAt, checkpoints: [7, 16, 20], keys: [first.key, second.key] }
const good = fileOf(exportLines(made))
const checkpoint = (file: Buffer): string => readHeader(file.subarray(0, file.indexOf('\n')))?.checkpoint ?? ''

type Wish = { keys?: string[]; since?: string }
/** What Python says about each file. */
function python(files: readonly Uint8Array[], { keys, since }: Wish = {}): { code: number | null; said: unknown[] } {
  const paths = files.map((file, index) => {
    const path = join(folder, `${index}.ndjson`)
    writeFileSync(path, file)
    return path
  })
  const args = (keys ?? []).flatMap((key) => ['--key', key])
  if (since !== undefined) {
    writeFileSync(join(folder, 'since'), since)
    args.push('--since', join(folder, 'since'))
  }
  const done = spawnSync('python3', [SCRIPT, ...args, ...paths], { encoding: 'utf8', maxBuffer: 2 ** 26 })
  assert.equal(done.stderr, '')
  return { code: done.status, said: done.stdout.trim().split('\n').map((line) => JSON.parse(line)) }
}

/** What we say, in the same words. */
async function ours(file: Uint8Array, { keys, since }: Wish = {}): Promise<unknown> {
  const known = [first, second, stranger].map(({ key }) => key)
  const verdict: Verdict = await verifyExport([file], {
    sha256, verifySignature,
    keys: keys ? known.filter(({ text }) => keys.includes(text)) : null,
    since: since === undefined ? null : (readCheckpoint(since) as SignedCheckpoint),
  })
  if (verdict.state === 'verified') {
    const { state, origin, size, root, shown, erased } = verdict
    return { state, origin, size, root: Buffer.from(root).toString('hex'), shown, erased }
  }
  if (verdict.state === 'altered') return { state: verdict.state, code: verdict.code, first: verdict.first, last: verdict.last }
  return verdict
}

const rewritten = fileOf(exportLines({ ...made, entries: entries.with(3, madeEntries(9)[8] as (typeof entries)[number]) }))
const CASES: [name: string, file: Buffer, wish: Wish, state: string][] = [
  ['as it was written', good, {}, 'verified'],
  ['with the first key, through the turn to the second', good, { keys: [first.key.text] }, 'verified'],
  ['with the last key', good, { keys: [second.key.text] }, 'verified'],
  ['with the key of a stranger', good, { keys: [stranger.key.text] }, 'altered'],
  ['an empty ledger', fileOf(exportLines({ ...made, entries: [] })), {}, 'verified'],
  ['a ledger of one entry', fileOf(exportLines({ ...made, entries: entries.slice(0, 1) })), {}, 'verified'],
  ['continuing itself', good, { since: checkpoint(good) }, 'verified'],
  ['continuing an earlier state', good, { since: checkpoint(fileOf(exportLines({ ...made, entries: entries.slice(0, 9) }))) }, 'verified'],
  ['continuing the empty state', good, { since: checkpoint(fileOf(exportLines({ ...made, entries: [] }))) }, 'verified'],
  ['history rewritten and signed again', rewritten, { since: checkpoint(good) }, 'altered'],
  ['history rewritten and signed again, taken alone', rewritten, {}, 'verified'],
  ['shorter than before', fileOf(exportLines({ ...made, entries: entries.slice(0, 9) })), { since: checkpoint(good) }, 'altered'],
  ['an earlier state that a stranger signed', good, { since: checkpoint(fileOf(exportLines({ ...made, entries: entries.slice(0, 9), signersAt: () => [stranger], keys: [stranger.key] }))) }, 'unreadable'],
  ['no export', Buffer.from('onus\n'), {}, 'unreadable'],
  ['nothing', Buffer.alloc(0), {}, 'unreadable'],
]

for (const [name, file, wish, state] of CASES)
  test(`T101: both verifiers say ${state}: ${name}`, { skip }, async () => {
    const { code, said } = python([file], wish)
    assert.equal((said[0] as Verdict).state, state, JSON.stringify(said[0]))
    assert.equal(code, ['verified', 'altered', 'unreadable'].indexOf(state))
    const mine = await ours(file, wish)
    if (state === 'unreadable') assert.equal((mine as Verdict).state, state)
    else assert.deepEqual(said[0], mine)
  })

/** A change of the file: of a bit, of a byte, of a stretch, or of a line. */
const mutation = fc
  .record({ kind: fc.constantFrom('flip', 'put', 'cut', 'insert', 'swap', 'repeat', 'splice', 'drop'), at: fc.nat(good.length - 1), n: fc.nat(40), byte: fc.nat(255) })
  .map(({ kind, at, n, byte }): Buffer => {
    const copy = Buffer.from(good)
    const lines = good.toString('utf8').split('\n').slice(0, -1)
    const line = at % lines.length
    const other = (line + 1 + n) % lines.length
    const joined = (changed: string[]): Buffer => Buffer.from(changed.map((text) => `${text}\n`).join(''))
    switch (kind) {
      case 'flip': copy[at] = (copy[at] as number) ^ (1 << (byte & 7)); return copy
      case 'put': copy[at] = byte; return copy
      case 'cut': return Buffer.concat([copy.subarray(0, at), copy.subarray(at + 1 + n)])
      case 'insert': return Buffer.concat([copy.subarray(0, at), Buffer.alloc(1 + (n % 3), byte), copy.subarray(at)])
      case 'swap': return joined(lines.with(line, lines[other] as string).with(other, lines[line] as string))
      case 'repeat': return joined(lines.toSpliced(line, 0, lines[other] as string))
      case 'drop': return joined(lines.toSpliced(line, 1))
      default: return copy.subarray(0, at)
    }
  })

/** An earlier checkpoint only narrows down what is altered: without it, or with it twice, nothing is. */
const entriesOf = (file: Buffer): string => file.toString('utf8').replaceAll(/^\{"checkpoint":.*\n/gm, '')

test('T101: both verifiers say the same of 200 exports that were changed', { skip }, async () => {
  const files = fc.sample(mutation, 200)
  const { said } = python(files)
  assert.equal(said.length, files.length)
  let found = 0
  for (const [index, file] of files.entries()) {
    const mine = await ours(file)
    const theirs = said[index] as Verdict
    if (theirs.state === 'unreadable') assert.equal((mine as Verdict).state, 'unreadable', `${index}`)
    else assert.deepEqual(theirs, mine, `${index}: ${file.toString('utf8').slice(0, 200)}`)
    if (theirs.state !== 'verified') found += 1
    else assert.equal(entriesOf(file), entriesOf(good), `${index} verifies and is not the original`)
  }
  assert.ok(found > 180, `${found} changes were found`)
})

test('T101: the second implementation stays short enough to be read', () => {
  const text = readFileSync(SCRIPT, 'utf8')
  assert.ok(text.split('\n').length <= 151, `${text.split('\n').length} lines`)
  assert.deepEqual([...text.matchAll(/^\s*(?:import|from) .*$/gm)].map(([line]) => line), ['import argparse, base64, functools, hashlib, json, re, sys'])
})

test('T101: it says how it is used', { skip }, () => {
  const done = spawnSync('python3', [SCRIPT], { encoding: 'utf8' })
  assert.equal(done.status, 2)
  assert.match(done.stderr, /usage: verify_ledger\.py/)
  assert.throws(() => execFileSync('python3', [SCRIPT, '--key', 'nonsense', join(folder, '0.ndjson')], { stdio: 'ignore' }))
})
