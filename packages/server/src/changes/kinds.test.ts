import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChangeContent, ContentOf } from '@onus/core/change/content.ts'
import { settle } from '../accountability/lapse.ts'
import { teamDissolved } from '../directory/index.ts'
import { testDatabases } from '../testing/database.ts'
import { identity } from '../testing/reports.ts'
import { approve, estate, grant, inDays, outcome, propose } from './testing/estate.ts'

const databases = await testDatabases()
const many = ['one', 'two', 'three'].map((name) => identity({ name, team: 'payments' }))
const it = await estate(await databases.fresh(), many)

const NOTHING = { purpose: null, function: null, sponsor: null, revocation: null }
const handover = (wish: Partial<ContentOf<'ownership'>> = {}): ChangeContent => ({
  kind: 'ownership',
  identities: many.map(({ id }) => id),
  team: it.billing.id,
  until: inDays(it, 365),
  answers: NOTHING,
  ...wish,
})
const functionOf = (wish: Partial<ContentOf<'function'>> = {}): ChangeContent => ({
  kind: 'function',
  id: null,
  name: 'Monthly invoicing',
  team: it.payments.id,
  sponsor: it.sam.id,
  dataClasses: ['payment', 'internal'],
  criticality: 'high',
  ...wish,
})
const credential = (wish: Partial<ContentOf<'credential'>['credential']> = {}): ChangeContent => ({
  kind: 'credential',
  identity: it.worker.id,
  credential: { kind: 'api-key', name: 'deploy', purpose: 'deploys the worker', expiresAt: inDays(it, 30), revocation: 'delete it in the console', ...wish },
})

test('a credential is given with an end, once a name', async () => {
  assert.equal(await outcome(propose(it.ada, credential({ expiresAt: null }))), 'change-not-possible end-missing')
  assert.equal(await outcome(propose(it.ada, credential({ expiresAt: inDays(it, -1) }))), 'change-not-possible end-out-of-range')
  const { id } = await propose(it.ada, credential())
  assert.equal((await approve(it.bob, id)).state, 'applied')
  assert.equal(await outcome(propose(it.ada, credential())), 'change-not-possible nothing-changes')
  const longer = await propose(it.ada, credential({ expiresAt: inDays(it, 60) }))
  assert.match(longer.diff[0]?.before ?? '', /^expires/)
  await approve(it.bob, longer.id)
  const rows = await it.ctx.db.read.selectFrom('decided_credential').select(['change_id', 'ended_at']).orderBy('expires_at').execute()
  assert.deepEqual(rows.map((row) => [row.change_id, row.ended_at === null]), [[id, false], [longer.id, true]])
})

test('a grant is taken away again, and what is not there cannot be', async () => {
  const content = grant(it, it.worker, { resource: 'taken' }) as ContentOf<'scope'>
  await approve(it.bob, (await propose(it.ada, content)).id)
  const key = { permission: 'invoices:read', resource: 'taken', environment: 'staging' }
  assert.equal(await outcome(propose(it.ada, content)), 'change-not-possible nothing-changes')
  assert.equal(await outcome(propose(it.ada, { ...content, add: [], remove: [{ ...key, resource: 'other' }] })), 'change-not-possible not-found')
  const away = await propose(it.ada, { ...content, add: [], remove: [key] })
  assert.deepEqual(away.diff.map(({ after }) => after), [null])
  assert.equal((await approve(it.bob, away.id)).state, 'applied')
  assert.equal(await outcome(propose(it.ada, { ...content, add: [], remove: [key] })), 'change-not-possible not-found')
})

test('a business function: its team and its sponsor say yes; another team takes it over when both teams do', async () => {
  const { id, seats } = await propose(it.ada, functionOf())
  assert.deepEqual(seats.map((seat) => seat.id), [`answer:${it.payments.id}`, `sponsor:${it.sam.id}`])
  await approve(it.bob, id)
  assert.equal((await approve(it.sam, id)).state, 'applied')
  assert.equal(await outcome(propose(it.ada, functionOf())), 'change-not-possible nothing-changes')
  // It is regulated data from now on: staging asks for a sponsor too, and nobody vouches for the worker.
  assert.equal(await outcome(propose(it.ada, grant(it, it.worker, { resource: 'regulated' }))), 'change-not-possible sponsor-missing')
  const moved = await propose(it.ada, functionOf({ team: it.billing.id }))
  assert.deepEqual(moved.seats.map((seat) => seat.id), [`answer:${it.payments.id}`, `answer:${it.billing.id}`, `sponsor:${it.sam.id}`])
  await approve(it.bob, moved.id)
  await approve(it.dan, moved.id)
  assert.equal((await approve(it.sam, moved.id)).state, 'applied')
  while ((await settle(it.ctx)) > 0);
  const split = await it.client.identity({ params: { id: it.worker.id } })
  assert.equal(split.identity.accountability.state, 'split', 'accepted by one team, serving the function of another')
  assert.equal(await outcome(propose(it.ada, grant(it, it.worker, { resource: 'split' }))), 'change-not-possible not-accountable')
  const back = await propose(it.dan, functionOf())
  for (const who of [it.bob, it.sam]) await approve(who, back.id)
  const dan2 = await it.join('dora', it.billing, 'dora@bill.example')
  assert.equal((await approve(dan2, back.id)).state, 'applied')
  while ((await settle(it.ctx)) > 0);
  assert.equal((await it.client.identity({ params: { id: it.worker.id } })).identity.accountability.state, 'accountable')
})

test('a handover takes both teams; until the last says yes the giving team answers', async () => {
  const { id, seats, identityCount, diff } = await propose(it.ada, handover())
  assert.deepEqual([seats.map((seat) => seat.id), identityCount, diff], [
    [`answer:${it.payments.id}`, `answer:${it.billing.id}`],
    3,
    [{ field: '3 identities', before: 'payments', after: 'billing' }],
  ])
  const teamOf = async (): Promise<string | null> => (await it.client.identity({ params: { id: many[0]?.id ?? '' } })).identity.accountability.team
  await approve(it.dan, id)
  assert.equal(await teamOf(), it.payments.id)
  assert.equal((await approve(it.bob, id)).state, 'applied')
  assert.equal(await teamOf(), it.billing.id)
  const { acceptance, history } = await it.client.accountability({ params: { id: many[0]?.id ?? '' }, query: {} })
  assert.deepEqual([acceptance?.acceptedBy, acceptance?.change, acceptance?.purpose, history[1]?.ended], [it.dan.id, id, 'Posts invoices', 'handed-over'])
  assert.equal(await outcome(propose(it.ada, handover())), 'change-not-possible nothing-changes')
})

test('what nobody answers for is taken by a second member of the team that wants it', async () => {
  const wish = handover({ identities: [it.stray.id], team: it.payments.id })
  assert.equal(await outcome(propose(it.ada, wish)), 'change-not-possible not-accountable')
  const answers = { purpose: 'Nightly export', function: { name: 'Exports' }, sponsor: null, revocation: 'Delete the account' }
  const { id, seats } = await propose(it.ada, { ...wish, answers } as ChangeContent)
  assert.deepEqual(seats.map((seat) => seat.id), [`answer:${it.payments.id}`])
  assert.equal(await outcome(approve(it.ada, id)), 'forbidden nobody-decides-on-their-own-change')
  assert.equal((await approve(it.bob, id)).state, 'applied')
  assert.equal((await it.client.identity({ params: { id: it.stray.id } })).identity.accountability.state, 'accountable')
})

test('a team that is dissolved meanwhile takes nothing over', async () => {
  const gone = await it.team('gone')
  const member = await it.join('gia', gone, 'gia@gone.example')
  const { id, digest } = await propose(it.bob, handover({ identities: [it.worker.id], team: gone.id }))
  await approve(it.ada, id)
  await it.change((w) => teamDissolved(w, gone.id))
  assert.equal(await outcome(member.client.approveChange({ params: { id }, body: { digest } })), 'change-not-possible team-cannot-answer')
  const seen = await it.bob.client.change({ params: { id } })
  assert.deepEqual([seen.state, seen.blocked.map(({ code }) => code)], ['open', ['team-cannot-answer']])
})

test('a preview is the same plan, and keeps nothing', async () => {
  const before = (await it.client.listChanges()).total
  const content = { ...credential({ name: 'other' }), identity: it.ledger.id } as ChangeContent
  const { digest, seats, summary } = await it.ada.client.previewChange({ body: { content } })
  assert.equal((await it.client.listChanges()).total, before)
  const proposed = await propose(it.ada, content)
  assert.deepEqual([proposed.digest, proposed.summary, proposed.seats.map(({ id }) => id)], [digest, summary, seats.map(({ id }) => id)])
})
