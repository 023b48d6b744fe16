/** `onus ledger`: exit codes, formats, keys, earlier states. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { exportLines, fileOf, madeEntries, newSigner } from '@onus/core/ledger/testing/made-ledger.ts'
import { readHeader } from '@onus/core/ledger/export.ts'
import { EXIT } from './io.ts'
import { onus } from './testing/capture.ts'

const folder = mkdtempSync(join(tmpdir(), 'onus-ledger-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const [signer, stranger] = [newSigner(), newSigner()] as const
const entries = madeEntries(40)
const file = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const lines = (of = entries, by = signer): string[] => exportLines({ entries: of, signersAt: () => [by], checkpoints: [16], keys: [by.key] })
const whole = fileOf(lines())

const good = file('good.ndjson', whole)
const old = file('old.ndjson', fileOf(lines(entries.slice(0, 20))))
const oldCheckpoint = file('old.checkpoint', readHeader(Buffer.from(lines(entries.slice(0, 20))[0] ?? ''))?.checkpoint ?? '')
const bad = file('bad.ndjson', whole.toString().replace('"per_4"', '"per_5"'))
const rewritten = file('rewritten.ndjson', fileOf(lines(entries.with(6, entries[7] as (typeof entries)[number]))))
const foreign = file('foreign.ndjson', fileOf(lines(entries, stranger)))
const key = file('keys.txt', `# the ledger of Lumen Parcel\n${signer.key.text} # since 2026\n\n`)
const nonsense = file('nonsense.txt', 'onus\n')

const CASES: [name: string, args: string[], code: number, says: RegExp][] = [
  ['an export verifies by itself, and says that its key is its own', [good], EXIT.ok, /^verified {2}40 entries of onus\/lumen\n[^]*named by the export[^]*pass the key/],
  ['with a key from a file', [good, '--key', key], EXIT.ok, /signed by {3}onus\/lumen\+[^ ]+\n/],
  ['with a key as it is written, before the export', ['--key', signer.key.text, good], EXIT.ok, /^verified/],
  ['with two keys of which one signed', ['--key', stranger.key.text, '--key', signer.key.text, good], EXIT.ok, /^verified/],
  ['with the key of a stranger', [good, '--key', stranger.key.text], 1, /^ALTERED[^]*key-not-trusted/],
  ['the ledger of a stranger with our key', [foreign, '--key', key], 1, /^ALTERED[^]*key-not-trusted/],
  ['an altered entry is named by place and id', [bad], 1, /^ALTERED {2}entry 4 \(ent_0+4\): its text/],
  ['it continues an earlier export', [good, '--since', old], EXIT.ok, /continues {3}20 entries/],
  ['it continues an earlier checkpoint', [good, '--since', oldCheckpoint], EXIT.ok, /continues {3}20 entries/],
  ['T100: rewritten and signed again, against a checkpoint', [rewritten, '--key', key, '--since', oldCheckpoint], 1, /one of the entries 0 to 19[^]*history-rewritten/],
  ['T100: rewritten and signed again, against an export: the entry is named', [rewritten, '--key', key, '--since', old], 1, /entry 6:[^]*history-rewritten/],
  ['shorter than before', [old, '--since', good], 1, /entries 20 to 39[^]*history-rewritten/],
  ['no export', [nonsense], 2, /^unreadable/],
]
for (const [name, args, code, says] of CASES)
  test(`ledger verify: ${name}`, async () => {
    const ran = await onus(['ledger', 'verify', ...args])
    assert.match(ran.stdout, says)
    assert.equal(ran.code, code, ran.stderr)
  })

const STOPS: [name: string, args: string[], says: RegExp][] = [
  ['a file that is not there', [join(folder, 'none')], /cannot read .*ENOENT/],
  ['a folder', [folder], /cannot read .*EISDIR/],
  ['a key that is none', [good, '--key', 'nonsense'], /--key takes a verifier key/],
  ['a file of keys with something else in it', [good, '--key', nonsense], /no verifier key/],
  ['an earlier state that is none', [good, '--since', nonsense], /neither an export of a ledger nor a checkpoint/],
  ['an earlier state that is damaged itself', [good, '--since', bad], /does not verify itself/],
  ['an earlier state of another ledger', [good, '--key', key, '--since', foreign], /does not verify itself/],
  ['a format that there is not', [good, '--format', 'sarif'], /Allowed choices are table, json/],
]
for (const [name, args, says] of STOPS)
  test(`ledger verify stops at ${name}`, async () => {
    const ran = await onus(['ledger', 'verify', ...args])
    assert.equal(ran.code, EXIT.usage)
    assert.match(ran.stderr, says)
    assert.equal(ran.stdout, '')
  })

test('ledger verify: the same as JSON', async () => {
  const said = JSON.parse((await onus(['ledger', 'verify', good, '--key', key, '--since', old, '--format', 'json'])).stdout)
  assert.deepEqual({ ...said, root: '' }, { state: 'verified', origin: 'onus/lumen', size: 40, root: '', signers: [signer.key.text], checkpoints: 2, shown: 8, erased: 4, isKeyGiven: true, since: 20 })
  const found = JSON.parse((await onus(['ledger', 'verify', bad, '--format', 'json'])).stdout)
  assert.deepEqual({ ...found, detail: '' }, { state: 'altered', code: 'entry-altered', first: 4, last: 4, id: entries[4]?.entry.id, detail: '' })
})

test('T46: what an altered entry is called cannot act on the terminal', async () => {
  const path = file('hostile.ndjson', whole.toString().replace('"ent_00000000000000000004"', '"\\u001b[2J\\u202eent"'))
  const { stdout } = await onus(['ledger', 'verify', path])
  assert.match(stdout, /entry 4 \(\\u\{1b\}\[2J\\u\{202e\}ent\)/)
  // oxlint-disable-next-line no-control-regex -- it is what must not be there
  assert.doesNotMatch(stdout, /[\u001b\u202e]/)
})

type Server = { url: string; asked: (string | undefined)[] }
async function server(answer: (url: string) => { status: number; body: string; isBroken?: boolean }): Promise<Server> {
  const asked: (string | undefined)[] = []
  const it = createServer((request, reply) => {
    asked.push(request.headers.authorization)
    const { status, body, isBroken } = answer(request.url ?? '')
    reply.writeHead(status, { 'content-type': 'application/json' })
    reply.write(body)
    if (isBroken) setTimeout(() => reply.destroy(), 20)
    else reply.end()
  })
  await new Promise<void>((resolve) => it.listen(0, '127.0.0.1', resolve))
  after(() => {
    it.closeAllConnections()
    it.close()
  })
  return { url: `http://127.0.0.1:${(it.address() as AddressInfo).port}`, asked }
}

test('ledger export: the file is written whole, and what was fetched verifies', async () => {
  const { url, asked } = await server((path) => (path === '/base/v1/ledger/export' ? { status: 200, body: whole.toString() } : { status: 404, body: '' }))
  const out = join(folder, 'fetched.ndjson')
  const ran = await onus(['ledger', 'export', `${url}/base/`, '--out', out], { env: { ONUS_TOKEN: 'onus_secret' } })
  assert.equal(ran.code, EXIT.ok, ran.stderr)
  assert.deepEqual(asked, ['Bearer onus_secret'])
  assert.deepEqual(readFileSync(out), whole)
  assert.equal((await onus(['ledger', 'verify', out])).code, EXIT.ok)
})

test('ledger export: a refusal is said, and a broken answer leaves no file', async () => {
  const env = { T: 'onus_secret' }
  const out = join(folder, 'none.ndjson')
  const refusing = await server(() => ({ status: 403, body: JSON.stringify({ type: 'x', title: 'x', status: 403, code: 'forbidden', detail: 'the token may not read' }) }))
  const refused = await onus(['ledger', 'export', refusing.url, '--out', out, '--token-env', 'T'], { env })
  assert.equal(refused.code, EXIT.notDelivered)
  assert.match(refused.stderr, /the token may not read/)
  const breaking = await server(() => ({ status: 200, body: 'half', isBroken: true }))
  const broken = await onus(['ledger', 'export', breaking.url, '--out', out, '--token-env', 'T'], { env })
  assert.equal(broken.code, EXIT.notDelivered)
  assert.deepEqual(readdirSync(folder).filter((name) => name.includes('none.ndjson')), [])
  assert.equal((await onus(['ledger', 'export', breaking.url, '--out', out], { env })).code, EXIT.usage)
  const clear = await onus(['ledger', 'export', 'http://onus.example.com', '--out', out, '--token-env', 'T'], { env })
  assert.match(clear.stderr, /needs https/)
})
