import { test } from 'node:test'
import assert from 'node:assert/strict'
import { stableId } from '@onus/core/ids.ts'
import { Refused } from '../http/refused.ts'
import { connect, testDatabases } from '../testing/database.ts'
import { openDatabase } from '../db/database.ts'
import type { Database } from '../db/database.ts'
import { addPerson, addTeam, changePerson, changeTeam, endPower, findPerson, givePower, heldPowers, joinTeam, leaveTeam, liveTeam, membersOf, personLeft, personReturned, teamDissolved, teamsOf, writing } from './index.ts'
import type { Writing } from './index.ts'
import { after } from 'node:test'

const databases = await testDatabases()
const BY = { kind: 'token', id: 'tok_directory' } as const
const day = (n: number): Date => new Date(Date.UTC(2026, 3, n))

async function directory() {
  const connection = await databases.fresh()
  const db: Database = openDatabase(connection, () => {})
  after(() => db.close())
  const look = await connect(connection)
  const on = <T>(n: number, work: (w: Writing) => Promise<T>): Promise<T> => db.tx(async (tx) => work(await writing(tx, day(n), BY)))
  const person = (n: number, userName: string): Promise<string> =>
    on(n, async (w) => (await addPerson(w, { userName, displayName: userName, email: null, externalId: null, origin: 'scim', oidc: null })).id)
  const team = (n: number, name: string, ...people: string[]): Promise<string> =>
    on(n, async (w) => {
      const { id } = await addTeam(w, { name, externalId: null, origin: 'scim', escalation: null })
      await joinTeam(w, id, people, 'scim')
      return id
    })
  const told = async (): Promise<string[]> =>
    (await look.query<{ action: string; subject_id: string }>('select action, subject_id from ledger_entry order by seq')).rows.map(({ action, subject_id }) => `${action} ${subject_id}`)
  return { db, look, on, person, team, told }
}
const ids = (rows: { id: string }[]): string[] => rows.map(({ id }) => id)
const refused = (code: string) => (error: unknown): boolean => error instanceof Refused && error.code === code

test('who was a member on a day is answered for every day', async () => {
  const { db, on, person, team } = await directory()
  const ada = await person(1, 'ada')
  const ben = await person(1, 'ben')
  const billing = await team(2, 'Billing', ada)
  await on(4, (w) => joinTeam(w, billing, [ben], 'scim'))
  await on(6, (w) => leaveTeam(w, billing, [ada]))
  await on(8, (w) => personLeft(w, ben))
  await on(10, (w) => personReturned(w, ben))
  const cases: [day: number, want: string[]][] = [
    [1, []],
    [2, [ada]],
    [3, [ada]],
    [4, [ada, ben]],
    [6, [ben]],
    [8, []],
    [9, []],
    [10, [ben]],
  ]
  for (const [n, want] of cases) {
    assert.deepEqual(ids(await membersOf(db.read, billing, day(n))), want, `day ${n}`)
    for (const each of [ada, ben]) assert.equal((await teamsOf(db.read, each, day(n))).length, want.includes(each) ? 1 : 0, `day ${n}`)
  }
  assert.deepEqual(ids(await membersOf(db.read, billing)), [ben])
})

test('a team has the id of the discovered team of its name, however either is written', async () => {
  const { team } = await directory()
  assert.equal(await team(1, 'Customer Care'), stableId('tm', 'customer-care'))
  assert.equal(await team(1, 'github:@lumen/Returns_Desk'), stableId('tm', 'returns-desk'))
})

test('a name is taken in any spelling, and free again when the directory forgets who had it', async () => {
  const { on, person, team, db } = await directory()
  const ada = await person(1, 'Ada@lumen.example')
  await assert.rejects(person(1, 'ada@LUMEN.example'), refused('name-taken'))
  await assert.rejects(person(1, 'ＡDA@lumen.example'), refused('name-taken'), 'full width letters are the same letters')
  await assert.rejects(person(1, 'ada\u200B@lumen.example'), refused('invalid-request'), 'an invisible character')
  await assert.rejects(person(1, ' '), refused('invalid-request'))
  await team(1, 'Billing', ada)
  await assert.rejects(team(1, 'billing'), refused('name-taken'))
  await on(2, (w) => personLeft(w, ada))
  await assert.rejects(person(2, 'ada@lumen.example'), refused('name-taken'), 'who left may return')
  await on(2, (w) => personLeft(w, ada, { isDeleted: true }))
  const other = await person(3, 'ada@lumen.example')
  assert.notEqual(other, ada)
  assert.deepEqual(await teamsOf(db.read, other), [], 'a name that is given again brings nothing with it')
  await on(3, (w) => personReturned(w, ada))
  assert.equal((await findPerson(db.read, ada))?.isActive, false, 'who was forgotten does not return')
})

test('a team is live while it exists and somebody in it is here', async () => {
  const { db, on, person, team } = await directory()
  const ada = await person(1, 'ada')
  const billing = await team(1, 'Billing', ada)
  assert.equal((await liveTeam(db.read, billing))?.name, 'Billing')
  assert.equal(await liveTeam(db.read, 'tm_nothing'), null)
  await on(2, (w) => personLeft(w, ada))
  assert.equal(await liveTeam(db.read, billing), null, 'its only member left')
  await on(3, (w) => personReturned(w, ada))
  assert.ok(await liveTeam(db.read, billing))
  await on(4, (w) => teamDissolved(w, billing))
  assert.equal(await liveTeam(db.read, billing), null, 'dissolved')
  assert.equal(await team(5, 'billing'), billing, 'formed again it is the same team')
  assert.equal(await liveTeam(db.read, billing), null, 'without its former members')
})

test('a team that is renamed keeps its id, and a new team of its old name is another', async () => {
  const { db, on, person, team } = await directory()
  const ada = await person(1, 'ada')
  const billing = await team(1, 'Billing', ada)
  await on(2, (w) => changeTeam(w, billing, { name: 'Invoicing' }))
  assert.equal((await liveTeam(db.read, billing))?.name, 'Invoicing')
  const second = await team(3, 'Billing', ada)
  assert.notEqual(second, billing)
  await assert.rejects(on(4, (w) => changeTeam(w, billing, { name: 'billing' })), refused('name-taken'))
})

test('powers are held in person or through a team, dated, and by nobody who has left', async () => {
  const { db, on, person, team } = await directory()
  const ada = await person(1, 'ada')
  const platform = await team(1, 'Platform', ada)
  await on(2, (w) => givePower(w, 'operate', { team: platform }))
  await on(3, (w) => givePower(w, 'audit', { person: ada }))
  await on(3, (w) => givePower(w, 'audit', { person: ada }))
  const at = (n?: number) => heldPowers(db.read, ada, n === undefined ? undefined : day(n))
  assert.deepEqual(await at(1), [])
  assert.deepEqual(await at(2), ['operate'])
  assert.deepEqual(await at(), ['audit', 'operate'])
  await on(4, (w) => endPower(w, 'audit', { person: ada }))
  assert.deepEqual(await at(), ['operate'])
  assert.deepEqual(await at(3), ['audit', 'operate'])
  await on(5, (w) => personLeft(w, ada))
  assert.deepEqual(await at(), [])
  await on(6, (w) => personReturned(w, ada))
  await on(7, (w) => teamDissolved(w, platform))
  assert.deepEqual(await at(), [], 'the power of a team ends with the team')
  assert.deepEqual(await heldPowers(db.read, 'per_local'), ['operate'])
})

test('every decision of the directory is in the ledger, in its transaction and without a name', async () => {
  const { look, on, person, team, told } = await directory()
  const ada = await person(1, 'ada.lovelace')
  const billing = await team(1, 'Billing', ada)
  await on(2, (w) => changePerson(w, ada, { displayName: 'Ada L' }))
  await on(3, (w) => personLeft(w, ada))
  await on(3, (w) => personLeft(w, ada))
  await on(4, (w) => teamDissolved(w, billing))
  const before = [
    `directory.person-added ${ada}`,
    `directory.team-formed ${billing}`,
    `directory.member-joined ${billing}`,
    `directory.person-left ${ada}`,
    `directory.team-dissolved ${billing}`,
  ]
  assert.deepEqual(await told(), before)
  await assert.rejects(on(5, async (w) => {
    await personReturned(w, ada)
    throw new Error('the transaction fails')
  }))
  assert.deepEqual(await told(), before)
  const { rows } = await look.query<{ body: string }>('select body from ledger_entry')
  assert.ok(rows.every(({ body }) => !/lovelace|Ada L/.test(body)))
})

test('whoever leaves is signed out in the same moment', async () => {
  const { db, on, person, look } = await directory()
  const { openSession, actorOfSession } = await import('../sessions/index.ts')
  const ada = await person(1, 'ada')
  const secret = await db.tx((tx) => openSession(tx, ada, { userAgent: 'x', earlier: undefined }, day(1)))
  assert.equal((await actorOfSession(db, secret, day(1)))?.id, ada)
  await on(1, (w) => personLeft(w, ada))
  assert.equal(await actorOfSession(db, secret, day(1)), null)
  assert.equal((await look.query('select from session')).rowCount, 0)
})

test('a clock that is set back makes no period that ends before it begins', async () => {
  const { db, on, person, team } = await directory()
  const ada = await person(9, 'ada')
  const billing = await team(9, 'Billing', ada)
  await on(5, (w) => leaveTeam(w, billing, [ada]))
  await on(5, (w) => personLeft(w, ada))
  assert.deepEqual(await membersOf(db.read, billing), [])
})
