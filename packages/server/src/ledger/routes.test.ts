import assert from 'node:assert/strict'
import test from 'node:test'
import { ApiError } from '@onus/core/contract/client.ts'
import { readCheckpoint, readVerifierKey, signersOf } from '@onus/core/ledger/checkpoint.ts'
import type { SignedCheckpoint, VerifierKey } from '@onus/core/ledger/checkpoint.ts'
import { treeHasher, verifyConsistency, verifyInclusion } from '@onus/core/ledger/merkle.ts'
import { verifyExport } from '@onus/core/ledger/verify.ts'
import type { Verified } from '@onus/core/ledger/verify.ts'
import { testApp } from '../testing/app.ts'
import { connect, testDatabases } from '../testing/database.ts'
import { append, sha256 } from './append.ts'
import type { NewEntry } from './append.ts'
import { erasePersonal } from './erase.ts'
import { accepted, verifySignature } from './testing/ledger.ts'

const databases = await testDatabases()
const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex')
const hasher = treeHasher(sha256)

async function api() {
  const connection = await databases.fresh()
  const it = await testApp(connection)
  const get = (path: string, cookie = it.cookie): Promise<Response> => fetch(`${it.url}${path}`, { headers: { cookie } })
  const add = async (count: number, wish: (n: number) => Partial<NewEntry> = () => ({})): Promise<string[]> =>
    it.ctx.db.tx((tx) => append(tx, Array.from({ length: count }, (_, n) => accepted(wish(n))), it.clock.now))
  const checkpoint = async (): Promise<SignedCheckpoint> => readCheckpoint(await it.client.ledgerCheckpoint()) as SignedCheckpoint
  // What came with the installation and the sign-in.
  await it.ctx.sequencer.poke()
  const { size: before } = await it.client.ledgerState()
  return { ...it, connection, get, add, checkpoint, before }
}

test('nobody reads the ledger who has not signed in', async () => {
  const it = await api()
  for (const path of ['', '/state', '/checkpoint', '/export', '/tile/0/000.p/1', '/entries/x', '/consistency?oldSize=0'])
    assert.equal((await it.get(`/v1/ledger${path}`, '')).status, 401, path)
})

test('an entry is seen at once as queued, and as published when it is signed', async () => {
  const it = await api()
  const [id = ''] = await it.add(1, () => ({ personal: { reason: { value: 'because', about: 'per_1' } } }))
  const queued = await it.client.ledgerEntry({ params: { id } })
  assert.deepEqual([queued.stage, queued.index, queued.inclusion], ['queued', null, null])
  assert.equal((await it.client.ledgerState()).queued, 1)
  await it.ctx.sequencer.poke()
  const published = await it.client.ledgerEntry({ params: { id } })
  assert.deepEqual([published.stage, published.index, published.personal], ['published', it.before, { reason: 'because' }])
  assert.deepEqual(published.entry, JSON.parse(published.inclusion?.text ?? ''))
  assert.equal((await it.client.ledgerState()).queued, 0)
})

test('every entry comes with a proof against the signed root', async () => {
  const it = await api()
  const ids = await it.add(700)
  await it.ctx.sequencer.poke()
  const { keys } = await it.client.ledgerState()
  const known = keys.map(({ vkey }) => readVerifierKey(vkey, sha256) as VerifierKey)
  for (const at of [0, 254, 255, 256, 510, 511, 698, 699]) {
    const { inclusion } = await it.client.ledgerEntry({ params: { id: ids[at] ?? '' } })
    assert.ok(inclusion)
    const checkpoint = readCheckpoint(inclusion.checkpoint) as SignedCheckpoint
    assert.equal((await signersOf(checkpoint, known, verifySignature))?.length, 1)
    const leaf = hasher.leaf(Buffer.from(inclusion.text))
    assert.equal(Buffer.from(leaf).toString('hex'), inclusion.leaf)
    assert.ok(verifyInclusion({ leaf, index: inclusion.index, size: checkpoint.size, root: checkpoint.root, proof: inclusion.proof.map(bytes) }, hasher), `${at}`)
  }
})

test('a checkpoint that somebody kept is proved to be continued', async () => {
  const it = await api()
  const kept: SignedCheckpoint[] = [await it.checkpoint()]
  for (const count of [1, 254, 300]) {
    await it.add(count)
    await it.ctx.sequencer.poke()
    kept.push(await it.checkpoint())
  }
  for (const old of kept) {
    const said = await it.client.ledgerConsistency({ query: { oldSize: old.size } })
    const now = readCheckpoint(said.checkpoint) as SignedCheckpoint
    assert.ok(verifyConsistency({ oldSize: old.size, oldRoot: old.root, size: now.size, root: now.root, proof: said.proof.map(bytes) }, hasher), `${old.size}`)
  }
  await assert.rejects(it.client.ledgerConsistency({ query: { oldSize: 10_000 } }), (error) => error instanceof ApiError && error.problem.code === 'invalid-request')
})

test('T71: that the tree was changed is seen where its state is asked for, until it is mended', async () => {
  const it = await api()
  const look = await connect(it.connection)
  const swap = `begin; set local session_replication_role = replica; update ledger_leaf set hash = sha256(hash) where index = 0; commit`
  await look.query('create table kept as select hash from ledger_leaf where index = 0')
  await look.query(swap)
  await it.add(1)
  await it.ctx.sequencer.poke()
  const state = await it.client.ledgerState()
  assert.deepEqual(state.trouble, { since: it.clock.now.toISOString(), isDamaged: true, reason: `the tree of ${it.before} leaves has not the root that was signed` })
  assert.deepEqual([state.size, state.queued], [it.before, 1])
  assert.match(it.logged(), /has not the root that was signed/)
  await look.query(swap.replace('sha256(hash)', '(select hash from kept)'))
  await it.ctx.sequencer.poke()
  const mended = await it.client.ledgerState()
  assert.deepEqual([mended.trouble, mended.size], [null, it.before + 1])
})

test('the list: newest first, filtered, a page at a time without gaps', async () => {
  const it = await api()
  for (let n = 0; n < 9; n += 1) {
    it.clock.now = new Date(it.clock.now.getTime() + (n % 3 === 0 ? 0 : 1_000))
    await it.add(1, () => ({ subject: { kind: 'identity', id: `idn_${n % 2}` }, actor: { kind: 'person', id: `per_${n % 3}` }, action: n === 4 ? 'acceptance.refuse' : 'acceptance.accept', change: n === 5 ? 'chg_5' : null }))
  }
  const all = await it.client.listLedger()
  assert.equal(all.total, it.before + 9)
  assert.deepEqual(all.items.map(({ entry }) => entry.at), all.items.map(({ entry }) => entry.at).toSorted().reverse())
  const paged: string[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await it.client.listLedger({ query: { limit: 3, ...(cursor ? { cursor } : {}) } })
    paged.push(...page.items.map(({ entry }) => entry.id))
    assert.equal(page.total, it.before + 9)
    if (!page.nextCursor) break
    cursor = page.nextCursor
  }
  assert.deepEqual(paged, all.items.map(({ entry }) => entry.id))
  const count = async (query: Parameters<typeof it.client.listLedger>[0]): Promise<number> => (await it.client.listLedger(query)).items.length
  assert.equal(await count({ query: { subject: 'idn_1' } }), 4)
  assert.equal(await count({ query: { actor: 'per_2' } }), 3)
  assert.equal(await count({ query: { action: 'acceptance.refuse' } }), 1)
  assert.equal(await count({ query: { change: 'chg_5' } }), 1)
  const [newest, ...older] = all.items.map(({ entry }) => entry.at)
  assert.equal(await count({ query: { to: newest as string } }), older.filter((at) => at < (newest as string)).length)
  assert.equal(await count({ query: { from: newest as string } }), 1 + older.filter((at) => at === newest).length)
})

test('tiles are served by their C2SP paths, and only as far as is signed', async () => {
  const it = await api()
  await it.add(600 - it.before)
  await it.ctx.sequencer.poke()
  const tile = async (path: string): Promise<Buffer | number> => {
    const answer = await it.get(`/v1/ledger/tile/${path}`)
    return answer.status === 200 ? Buffer.from(await answer.arrayBuffer()) : answer.status
  }
  const leaves = await it.ctx.db.read.selectFrom('ledger_leaf').select('hash').orderBy('index').execute()
  assert.deepEqual(await tile('0/000'), Buffer.concat(leaves.slice(0, 256).map(({ hash }) => hash)))
  assert.deepEqual(await tile('0/002.p/88'), Buffer.concat(leaves.slice(512).map(({ hash }) => hash)))
  assert.equal(((await tile('1/000.p/2')) as Buffer).length, 64)
  for (const path of ['0/002', '0/002.p/89', '0/003.p/1', '1/000.p/3', '2/000.p/1', '0/0', 'x/000', '..%2f..', 'entries/002.p/89']) assert.equal(await tile(path), 404, path)
  const bundle = (await tile('entries/002.p/88')) as Buffer
  let at = 0
  let entries = 0
  for (; at < bundle.length; entries += 1) {
    const length = bundle.readUInt16BE(at)
    assert.deepEqual(Buffer.from(hasher.leaf(bundle.subarray(at + 2, at + 2 + length))), leaves[512 + entries]?.hash)
    at += 2 + length
  }
  assert.deepEqual([at, entries], [bundle.length, 88])
  assert.match((await it.get('/v1/ledger/tile/0/000')).headers.get('cache-control') ?? '', /immutable/)
})

test('T102: what is personal is erased, the proofs hold, and the verifier counts it', async () => {
  const it = await api()
  const ids = await it.add(10, (n) => ({ personal: { reason: { value: `Ada's reason ${n}`, about: n < 6 ? 'per_ada' : 'per_bob' } } }))
  const exported = async (): Promise<string> => (await it.get('/v1/ledger/export')).text()
  const check = async (file: string): Promise<Verified> => (await verifyExport([Buffer.from(file)], { sha256, verifySignature, keys: null, since: null })) as Verified
  const before = await exported()
  assert.match(before, /Ada/)
  const { proof: old, leaf } = (await it.client.ledgerEntry({ params: { id: ids[2] ?? '' } })).inclusion ?? { proof: [] }
  const by = { actor: { kind: 'person', id: 'per_auditor' } as const, capacity: 'audit' as const, personal: { reason: { value: 'asked for by letter', about: null } } }
  assert.equal(await it.ctx.db.tx((tx) => erasePersonal(tx, { about: 'per_ada' }, by, it.clock.now)), 6)
  assert.equal(await it.ctx.db.tx((tx) => erasePersonal(tx, { about: 'per_ada' }, by, it.clock.now)), 0, 'there is nothing left')
  const file = await exported()
  assert.doesNotMatch(file, /Ada's reason [0-5]/)
  const verdict = await check(file)
  assert.deepEqual([verdict.state, verdict.size, verdict.shown, verdict.erased], ['verified', it.before + 11, 5, 6])
  const since = readCheckpoint(JSON.parse(before.split('\n')[0] ?? '').checkpoint) as SignedCheckpoint
  assert.equal((await verifyExport([Buffer.from(file)], { sha256, verifySignature, keys: null, since })).state, 'verified', 'history was not rewritten')
  const now = await it.client.ledgerEntry({ params: { id: ids[2] ?? '' } })
  assert.deepEqual(now.personal, {})
  assert.equal(now.inclusion?.leaf, leaf)
  assert.equal(now.inclusion?.proof[0], old[0])
  assert.equal((await it.client.listLedger({ query: { action: 'personal.erase' } })).items[0]?.entry.subject.id, 'per_ada')
  const raw = JSON.stringify((await it.ctx.db.read.selectFrom('ledger_entry').select('body').execute()).map(({ body }) => body))
  assert.doesNotMatch(raw, /Ada|letter/)
})

test('T102: without a record of it nothing is erased', async () => {
  const it = await api()
  await it.add(1, () => ({ personal: { reason: { value: 'because', about: 'per_1' } } }))
  await assert.rejects(it.ctx.db.tx((tx) => tx.deleteFrom('ledger_personal').execute()), /needs an entry of the ledger/)
})

test('an export signs first, so that it has what was decided a moment ago', async () => {
  const it = await api()
  await it.add(3)
  const answer = await it.get('/v1/ledger/export')
  assert.match(answer.headers.get('content-type') ?? '', /application\/x-ndjson/)
  assert.equal(JSON.parse((await answer.text()).split('\n')[0] ?? '').size, it.before + 3)
})
