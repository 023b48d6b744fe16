import { after, test } from 'node:test'
import assert from 'node:assert/strict'
import { openDatabase } from '../db/database.ts'
import { Refused } from '../http/refused.ts'
import { testApp } from '../testing/app.ts'
import { connect, testDatabases } from '../testing/database.ts'
import { identity, report } from '../testing/reports.ts'
import { addPerson, addTeam, depart, discardHold, joinTeam, listHolds, liveTeam, membersOf, releaseHold, withdraw, writing } from './index.ts'
import type { Departure, Writing } from './index.ts'

const databases = await testDatabases()
const DIRECTORY = { kind: 'token', id: 'tok_directory' } as const
const ADMINISTRATOR = { kind: 'person', id: 'per_local' } as const
const minute = (n: number): Date => new Date(Date.UTC(2026, 3, 1, 12, n))

/** Teams that answer for one identity each, with so many members; the last one answers for nothing. */
async function company(sizes: Record<string, number>, idle = 3) {
  const connection = await databases.fresh()
  const app = await testApp(connection)
  await fetch(`${app.url}/v1/imports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: app.cookie },
    body: JSON.stringify(report({ identities: Object.keys(sizes).map((team) => identity({ name: `of-${team}`, team })) })),
  })
  const db = openDatabase(connection, () => {})
  after(() => db.close())
  const on = <T>(n: number, by: typeof DIRECTORY | typeof ADMINISTRATOR, work: (w: Writing) => Promise<T>): Promise<T> =>
    db.tx(async (tx) => work(await writing(tx, minute(n), by)))
  const teams = new Map<string, { id: string; people: string[] }>()
  await on(0, DIRECTORY, async (w) => {
    for (const [name, size] of Object.entries({ ...sizes, idle })) {
      const { id } = await addTeam(w, { name, externalId: null, origin: 'scim', escalation: null })
      const people: string[] = []
      for (let index = 0; index < size; index += 1) {
        const userName = `${name}-${index}`
        people.push((await addPerson(w, { userName, displayName: userName, email: null, externalId: null, origin: 'scim', oidc: null })).id)
      }
      await joinTeam(w, id, people, 'scim')
      teams.set(name, { id, people })
    }
  })
  const team = (name: string) => teams.get(name) ?? assert.fail(name)
  const members = async (name: string): Promise<number> => (await membersOf(db.read, team(name).id)).length
  const leave = (n: number, people: readonly string[]): Promise<void> =>
    on(n, DIRECTORY, (w) => depart(w, people.map((person): Departure => ({ kind: 'person-left', person })), 'scim'))
  const hold = async () => (await listHolds(db.read))[0]
  return { db, app, on, team, members, leave, hold, look: await connect(connection) }
}

test('T32 a few leavers go at once; the one too many is held, and everybody after', async () => {
  const { db, leave, team, members, hold } = await company({ billing: 100, dispatch: 300 })
  const { people } = team('billing')
  for (let index = 0; index < 20; index += 1) await leave(20, people.slice(index, index + 1))
  assert.equal(await members('billing'), 80)
  assert.equal(await hold(), undefined)
  for (let index = 20; index < 40; index += 1) await leave(21, people.slice(index, index + 1))
  assert.equal(await members('billing'), 80, 'nobody else went')
  const held = await hold()
  assert.equal(held?.state, 'open')
  assert.match(held?.reason ?? '', /^40 of 400 people/)
  assert.equal(held?.departures.filter(({ state }) => state === 'held').length, 20)
  const told = await db.read.selectFrom('notice').select(['power', 'is_urgent']).execute()
  assert.deepEqual(told, [{ power: 'operate', is_urgent: true }], 'who operates hears once, at once')
})

test('T32 one page that says everybody left is held whole; nobody loses an owner', async () => {
  const { leave, team, members, db, hold } = await company({ billing: 12, dispatch: 12 })
  await leave(20, [...team('billing').people, ...team('dispatch').people, ...team('idle').people])
  assert.deepEqual([await members('billing'), await members('dispatch')], [12, 12])
  assert.ok(await liveTeam(db.read, team('billing').id))
  assert.equal(await members('idle'), 0, 'who answers for nothing goes in any case')
  assert.equal((await hold())?.departures.length, 24)
  await leave(21, team('billing').people)
  assert.equal((await hold())?.departures.length, 24, 'what is said again is held once')
})

test('T32 a group that comes back empty is held; its last member may leave it', async () => {
  const { on, team, members, hold } = await company({ billing: 3, dispatch: 40, returns: 1 })
  const leaveTeam = (n: number, name: string): Promise<void> =>
    on(n, DIRECTORY, (w) => depart(w, team(name).people.map((person): Departure => ({ kind: 'member-left', person, team: team(name).id })), 'scim'))
  await leaveTeam(20, 'returns')
  assert.equal(await members('returns'), 0)
  await leaveTeam(21, 'billing')
  assert.equal(await members('billing'), 3)
  assert.match((await hold())?.reason ?? '', /every member/)
})

test('a team with few members is dissolved at once, one with many is held', async () => {
  const { on, team, members } = await company({ billing: 4, dispatch: 60 })
  const dissolve = (n: number, name: string): Promise<void> => on(n, DIRECTORY, (w) => depart(w, [{ kind: 'team-dissolved', team: team(name).id }], 'scim'))
  await dissolve(20, 'billing')
  assert.equal(await members('billing'), 0)
  await dissolve(20, 'dispatch')
  assert.equal(await members('dispatch'), 60)
})

test('the count is of ten minutes', async () => {
  const { leave, team, members } = await company({ billing: 100, dispatch: 300 })
  const { people } = team('billing')
  for (let index = 0; index < 60; index += 1) await leave(20 + index, people.slice(index, index + 1))
  assert.equal(await members('billing'), 40)
})

test('a tenth of a small company is one leaver, who goes', async () => {
  const { leave, team, members } = await company({ billing: 9 })
  await leave(20, team('billing').people.slice(0, 4))
  assert.equal(await members('billing'), 5)
  await leave(21, team('billing').people.slice(4, 5))
  assert.equal(await members('billing'), 5, 'the fifth is more than a twentieth')
})

test('a released hold lets everybody go who was held, once', async () => {
  const { on, leave, team, members, hold, look } = await company({ billing: 30 })
  await leave(20, team('billing').people)
  const { id = '' } = (await hold()) ?? {}
  await on(25, ADMINISTRATOR, (w) => releaseHold(w, id, 'The office closes'))
  assert.equal(await members('billing'), 0)
  assert.deepEqual((await hold())?.departures.map(({ state }) => state), Array.from({ length: 30 }, () => 'released'))
  await assert.rejects(on(26, ADMINISTRATOR, (w) => releaseHold(w, id, 'x')), (error) => error instanceof Refused && error.code === 'not-found')
  await assert.rejects(on(26, ADMINISTRATOR, (w) => discardHold(w, id, 'x')), (error) => error instanceof Refused)
  const { rows } = await look.query<{ action: string }>("select action from ledger_entry where subject_kind = 'directory-hold' order by seq")
  assert.deepEqual(rows.map(({ action }) => action), ['directory.hold', 'directory.release'])
})

test('a discarded hold keeps everybody, and brings back who went in the same ten minutes', async () => {
  const { on, leave, team, members, hold } = await company({ billing: 40, dispatch: 300, returns: 2 })
  const { people } = team('billing')
  await on(20, DIRECTORY, (w) => depart(w, [{ kind: 'team-dissolved', team: team('returns').id }], 'scim'))
  await on(20, DIRECTORY, (w) => depart(w, [{ kind: 'person-deleted', person: people[0] ?? '' }, { kind: 'member-left', person: people[1] ?? '', team: team('billing').id }], 'scim'))
  for (const person of people.slice(2, 12)) await leave(21, [person])
  assert.deepEqual([await members('billing'), await members('returns')], [28, 0])
  await leave(22, people.slice(12))
  assert.equal(await members('billing'), 28)
  await on(25, ADMINISTRATOR, async (w) => discardHold(w, (await hold())?.id ?? '', 'The directory was empty for a minute'))
  assert.deepEqual([await members('billing'), await members('returns')], [40, 2])
})

test('what the directory takes back by itself is held no more', async () => {
  const { on, leave, team, hold, members } = await company({ billing: 30 })
  await leave(20, team('billing').people)
  const [first = '', second = ''] = team('billing').people
  await on(21, DIRECTORY, (w) => withdraw(w, [{ kind: 'person-left', person: first }]))
  const { id = '', departures = [] } = (await hold()) ?? {}
  assert.equal(departures.filter(({ state }) => state === 'held').length, 29)
  await on(22, ADMINISTRATOR, (w) => releaseHold(w, id, 'yes'))
  assert.equal(await members('billing'), 1)
  assert.notEqual(first, second)
})

test('whose leaving is held answers for the team and may not act', async () => {
  const { db, leave, team, members } = await company({ billing: 30 })
  const { openSession, actorOfSession } = await import('../sessions/index.ts')
  const [first = ''] = team('billing').people
  const secret = await db.tx((tx) => openSession(tx, first, { userAgent: '', earlier: undefined }, minute(10)))
  assert.deepEqual((await actorOfSession(db, secret, minute(11)))?.teams, [team('billing').id])
  await leave(20, team('billing').people)
  assert.equal(await members('billing'), 30)
  assert.equal(await actorOfSession(db, secret, minute(21)), null)
})

test('two writes at once are counted together', async () => {
  const { leave, team, members } = await company({ billing: 60, dispatch: 900 })
  const { people } = team('billing')
  await Promise.all(people.slice(0, 40).map((person) => leave(20, [person])))
  assert.equal(await members('billing'), 40)
})
