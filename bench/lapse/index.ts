/**
 * A team with 10,000 identities is dissolved: how long until each is lapsed with a day to take over, until what stands is
 * computed, and until the first people were asked. ONUS_BENCH_LAPSE is the number (default 10,000).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '@onus/core/contract/client.ts'
import { readConfig } from '@onus/server/config.ts'
import { addPerson, addTeam, joinTeam, teamDissolved, writing } from '@onus/server/directory/index.ts'
import { accountFor } from '@onus/server/postgres/binaries.ts'
import { makeDataDir } from '@onus/server/postgres/data-place.ts'
import { createLink, openSession, signIn } from '@onus/server/sessions/index.ts'
import { startServer } from '@onus/server/start/server.ts'
import type { Running } from '@onus/server/start/server.ts'
import { identity, report } from '@onus/server/testing/reports.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const COUNT = Number(process.env['ONUS_BENCH_LAPSE'] ?? 10_000)
const TARGET_S = 10
/** Of one acceptance through the API. */
const AT_ONCE = 1_000
const BY = { kind: 'token', id: 'tok_bench' } as const

const since = (start: bigint): number => Number(process.hrtime.bigint() - start) / 1e9

/** A team that has accepted them all. Answers its id. */
async function team({ ctx, url }: Running): Promise<string> {
  const now = ctx.clock()
  const { secret } = await signIn(ctx.db, await createLink(ctx.db, now), now)
  const { id, session } = await ctx.db.tx(async (tx) => {
    const w = await writing(tx, now, BY)
    const made = await addTeam(w, { name: 'Parcels', externalId: null, origin: 'scim', escalation: null })
    const fields = { userName: 'ada', displayName: 'Ada', email: null, externalId: null, oidc: null }
    const person = await addPerson(w, { ...fields, origin: 'scim' })
    await joinTeam(w, made.id, [person.id], 'scim')
    const browser = { userAgent: 'bench', earlier: undefined }
    return { id: made.id, session: await openSession(tx, person.id, browser, now) }
  })
  const as = (cookie: string) => createClient(url, fetch, { cookie: `onus_session=${cookie}` })
  const identities = Array.from({ length: COUNT }, (_, n) => identity({ name: `account-${n}`, team: 'parcels' }))
  await as(secret).importReport({ query: { source: 'bench' }, body: report({ path: '/bench', identities }) })
  const answers = { purpose: 'prints labels', function: { name: 'Delivery' }, sponsor: null, revocation: 'delete it' }
  for (let start = 0; start < COUNT; start += AT_ONCE) {
    const chosen = { identities: identities.slice(start, start + AT_ONCE).map((each) => each.id) }
    await as(session).acceptIdentities({ body: { team: id, chosen, answers } })
  }
  return id
}

async function until(running: Running, left: (run: Running) => Promise<number>): Promise<void> {
  while ((await left(running)) > 0) await new Promise((done) => setTimeout(done, 50))
}

const restanding = async ({ ctx }: Running): Promise<number> =>
  Number((await ctx.db.read.selectFrom('restanding').select(({ fn }) => fn.countAll().as('n')).executeTakeFirstOrThrow()).n)
const unasked = async ({ ctx }: Running): Promise<number> =>
  Number((await ctx.db.read.selectFrom('orphaned').select(({ fn }) => fn.countAll().as('n')).where('step', 'is', null).executeTakeFirstOrThrow()).n)

export async function run(): Promise<void> {
  const dataDir = await makeDataDir(await mkdtemp(join(tmpdir(), 'onus-bench-')), accountFor(process.getuid?.()))
  const reading = readConfig({ ONUS_DATA_DIR: dataDir }, ROOT)
  if (!reading.ok) throw new Error(JSON.stringify(reading.complaints))
  const running = await startServer({ config: reading.config, root: ROOT, dist: dataDir })
  try {
    const id = await team(running)
    const start = process.hrtime.bigint()
    await running.ctx.db.tx(async (tx) => teamDissolved(await writing(tx, running.ctx.clock(), BY), id))
    const committed = since(start)
    await until(running, restanding)
    const stands = since(start)
    await until(running, unasked)
    const asked = since(start)
    const verdict = stands < TARGET_S ? 'within' : 'BEYOND'
    process.stdout.write(
      `${COUNT} identities of a dissolved team: lapsed and committed in ${committed.toFixed(2)} s, ` +
        `standing everywhere after ${stands.toFixed(2)} s (${verdict} ${TARGET_S} s), people asked after ${asked.toFixed(2)} s\n`,
    )
  } finally {
    await running.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}
