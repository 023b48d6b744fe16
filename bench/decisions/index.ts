/**
 * How many decisions a second, and how long each takes, with fifty people at once: a team accepts an identity, one member
 * asks for a grant, another approves it. ONUS_BENCH_IDENTITIES is the size of the registry around it (default 10,000);
 * ONUS_BENCH_DATA=FOLDER takes the registry that `npm run bench -- registry` keeps there, and adds a source of its own.
 * ONUS_BENCH_PAUSE is how many milliseconds a person thinks between two decisions (default 1,000).
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClient } from '@onus/core/contract/client.ts'
import type { Client } from '@onus/core/contract/client.ts'
import { openDatabase } from '@onus/server/db/database.ts'
import type { Database } from '@onus/server/db/database.ts'
import { migrate } from '@onus/server/db/migrate.ts'
import { addPerson, addTeam, joinTeam, writing } from '@onus/server/directory/index.ts'
import { accountFor } from '@onus/server/postgres/binaries.ts'
import { readConnection, startCluster } from '@onus/server/postgres/cluster.ts'
import { makeDataDir } from '@onus/server/postgres/data-place.ts'
import { createLink, openSession, signIn } from '@onus/server/sessions/index.ts'
import { identity, report, team } from '@onus/server/testing/reports.ts'
import { SOURCE, load } from '../registry/load.ts'

const PROGRAM = fileURLToPath(new URL('./server.ts', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const AROUND = Number(process.env['ONUS_BENCH_IDENTITIES'] ?? 10_000)
const PAUSE_MS = Number(process.env['ONUS_BENCH_PAUSE'] ?? 1_000)
const PEOPLE = 50
/** Of each person: accepted, and then granted something, one after another. */
const EACH = 8
/** Of each person, before anything is counted: connections are opened and code is compiled. */
const WARM = 2
const TARGET_MS = 100
const NO_BROWSER = { userAgent: 'bench', earlier: undefined }

type Person = { client: Client; identities: string[] }
type Crowd = { team: string; people: Person[] }
type Kind = 'accept' | 'propose' | 'approve'

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}
const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

type Server = { url: string; pid: number; stop(): Promise<void> }

async function serve(dataDir: string): Promise<Server> {
  const child = spawn(process.execPath, [PROGRAM, ROOT, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const url = await Promise.race([
    once(child.stdout, 'data').then(([chunk]) => String(chunk).trim()),
    exit.then(() => Promise.reject(new Error('the server did not start'))),
  ])
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM')
      await exit
    },
  }
}

/** Seconds of processor time of a process so far, in its own code and in the system for it; null where nobody says. */
async function processorTime(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  // Of a hundredth of a second each (proc(5)).
  return fields ? (Number(fields[11]) + Number(fields[12])) / 100 : null
}

/** A team with fifty members, and a source that names it for identities of its own. */
async function crowd(db: Database, url: string): Promise<Crowd> {
  const now = new Date()
  const name = `crowd-${now.getTime()}`
  const as = (cookie: string): Client => createClient(url, fetch, { cookie: `onus_session=${cookie}` })
  const { secret } = await signIn(db, await createLink(db, now), now)
  const { teamId, sessions } = await db.tx(async (tx) => {
    const w = await writing(tx, now, { kind: 'token', id: 'tok_bench' })
    const made = await addTeam(w, { name, externalId: null, origin: 'scim', escalation: null })
    const cookies: string[] = []
    for (let n = 0; n < PEOPLE; n += 1) {
      const userName = `${name}-${n}`
      const fields = { userName, displayName: userName, email: null, externalId: null, oidc: null }
      const person = await addPerson(w, { ...fields, origin: 'scim' })
      await joinTeam(w, made.id, [person.id], 'scim')
      cookies.push(await openSession(tx, person.id, NO_BROWSER, now))
    }
    return { teamId: made.id, sessions: cookies }
  })
  const identities = Array.from({ length: PEOPLE * (WARM + EACH * 2) }, (_, n) => ({
    ...identity({ name: `${name}-${n}`, team: name, environment: 'staging' }),
    isProduction: false,
  }))
  await as(secret).importReport({ query: { source: name }, body: report({ path: `/bench/${name}`, teams: [team(name)], identities }) })
  const ids = identities.map(({ id }) => id)
  const people = sessions.map((cookie) => ({ client: as(cookie), identities: ids.splice(0, WARM + EACH * 2) }))
  return { team: teamId, people }
}

type Times = Record<Kind, number[]>

/** Everybody decides on what is theirs, with so long a pause between two. Answers the times and how long it all took. */
async function decide({ team, people }: Crowd, each: number, pauseMs: number): Promise<{ times: Times; seconds: number }> {
  const times: Times = { accept: [], propose: [], approve: [] }
  const timed = async <T>(kind: Kind, work: () => Promise<T>): Promise<T> => {
    const from = performance.now()
    const answer = await work()
    times[kind].push(performance.now() - from)
    await sleep(pauseMs * (0.5 + Math.random()))
    return answer
  }
  const answers = { purpose: 'prints labels', function: { name: 'Delivery' }, sponsor: null, revocation: 'delete it' }
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString()
  const from = performance.now()
  await Promise.all(
    people.map(async ({ client, identities }, n) => {
      const other = people[(n + 1) % people.length]?.client ?? client
      // They do not begin in step.
      await sleep(Math.random() * pauseMs)
      for (const id of identities.splice(0, each)) {
        await timed('accept', () => client.acceptIdentities({ body: { team, chosen: { identities: [id] }, answers } }))
        const add = [{ permission: 'read', resource: 'parcels', environment: 'staging', level: 'read' as const, until }]
        const content = { kind: 'scope' as const, identity: id, add, remove: [] }
        const change = await timed('propose', () => client.proposeChange({ body: { content, reason: 'for the bench' } }))
        const { id: asked, digest } = change
        await timed('approve', () => other.approveChange({ params: { id: asked }, body: { digest } }))
      }
    }),
  )
  return { times, seconds: (performance.now() - from) / 1_000 }
}

function tell(what: string, { times, seconds }: { times: Times; seconds: number }, processor: number | null): void {
  const all = Object.values(times).flat()
  say(`${what}: ${all.length} decisions, ${(all.length / seconds).toFixed(0)} a second`)
  const lines: [string, number[]][] = [...Object.entries(times), ['all', all]]
  for (const [kind, of] of lines) {
    const [p50, p95, most] = [0.5, 0.95, 1].map((share) => quantile(of, share).toFixed(0))
    say(`  ${kind.padEnd(8)} p50 ${p50}  p95 ${p95}  max ${most} ms`)
  }
  say(`  target p95 < ${TARGET_MS} ms: ${quantile(all, 0.95) < TARGET_MS ? 'met' : 'MISSED'}`)
  if (processor !== null)
    say(`  the server took ${((processor / all.length) * 1_000).toFixed(1)} ms of processor time a decision, without its database`)
}

/** Brings the registry up around them, when it is not there; answers its size. */
async function registry(dataDir: string): Promise<number> {
  const cluster = await startCluster(dataDir)
  const db = openDatabase(cluster.connection, () => {})
  try {
    await migrate(cluster.connection)
    const source = await db.read.selectFrom('source').select('identities').where('id', '=', SOURCE).executeTakeFirst()
    if (!source) await load(cluster.connection, AROUND, () => {})
    return source?.identities ?? AROUND
  } finally {
    await db.close()
    await cluster.stop()
  }
}

export async function run(): Promise<void> {
  const kept = process.env['ONUS_BENCH_DATA']
  const dir = await mkdtemp(join(tmpdir(), 'onus-decisions-'))
  const dataDir = await makeDataDir(kept ?? dir, accountFor(process.getuid?.()))
  try {
    say(`a registry of ${(await registry(dataDir)).toLocaleString('en')} identities`)
    const server = await serve(dataDir)
    const connection = await readConnection(dataDir)
    if (!connection) throw new Error('the database does not say where it is')
    const db = openDatabase(connection, () => {})
    try {
      const all = await crowd(db, server.url)
      await decide(all, WARM, PAUSE_MS)
      for (const pauseMs of [PAUSE_MS, 0]) {
        const before = await processorTime(server.pid)
        const done = await decide(all, EACH, pauseMs)
        const after = await processorTime(server.pid)
        const what = pauseMs === 0 ? 'at once, without a pause' : `people who think ${pauseMs} ms between two decisions`
        tell(`${PEOPLE} ${what}`, done, before === null || after === null ? null : after - before)
      }
    } finally {
      await db.close()
      await server.stop()
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
