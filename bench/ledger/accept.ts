/** What the entry costs of a decision as people make it: a team accepts an identity, through the API. */
import { createClient } from '@onus/core/contract/client.ts'
import type { Client } from '@onus/core/contract/client.ts'
import { readConfig } from '@onus/server/config.ts'
import { addPerson, addTeam, joinTeam, writing } from '@onus/server/directory/index.ts'
import { createLink, openSession, signIn } from '@onus/server/sessions/index.ts'
import { startServer } from '@onus/server/start/server.ts'
import type { Running } from '@onus/server/start/server.ts'
import { identity, report } from '@onus/server/testing/reports.ts'
import pg from 'pg'

/** Accepted one at a time, of which the first warm up. */
const IDENTITIES = 400
const WARM = 80

type Spent = { ledgerMs: number; statements: number; requestMs: number; requests: number }
export type AcceptCost = { clients: number; requestMs: number; statements: number; ledgerMs: number; share: number }

const NO_BROWSER = { userAgent: 'bench', earlier: undefined }

async function people(running: Running): Promise<{ administrator: Client; member: Client; team: string }> {
  const { ctx, url } = running
  const now = ctx.clock()
  const { secret } = await signIn(ctx.db, await createLink(ctx.db, now), now)
  const { team, session } = await ctx.db.tx(async (tx) => {
    const w = await writing(tx, now, { kind: 'token', id: 'tok_bench' })
    const made = await addTeam(w, { name: 'Parcels', externalId: null, origin: 'scim', escalation: null })
    const fields = { userName: 'ada', displayName: 'Ada', email: null, externalId: null, oidc: null }
    const person = await addPerson(w, { ...fields, origin: 'scim' })
    await joinTeam(w, made.id, [person.id], 'scim')
    return { team: made.id, session: await openSession(tx, person.id, NO_BROWSER, now) }
  })
  const client = (cookie: string): Client => createClient(url, fetch, { cookie: `onus_session=${cookie}` })
  return { administrator: client(secret), member: client(session), team }
}

/** Measures each statement in place, from when it is sent to when it is answered. Answers how to stop. */
function watchStatements(spent: Spent): () => void {
  const { query } = pg.Client.prototype
  const timed = function (this: pg.Client, ...given: unknown[]): unknown {
    const [first] = given as [string | { text?: string }]
    const isLedger = (typeof first === 'string' ? first : (first?.text ?? '')).includes('ledger_append')
    const start = process.hrtime.bigint()
    // The same arguments, whatever overload they are for.
    const answer: unknown = Reflect.apply(query, this, given)
    spent.statements += 1
    if (isLedger && answer instanceof Promise)
      void answer.finally(() => (spent.ledgerMs += Number(process.hrtime.bigint() - start) / 1e6)).catch(() => {})
    return answer
  }
  pg.Client.prototype.query = timed as typeof query
  return () => {
    pg.Client.prototype.query = query
  }
}

/** The share of a request that `append` has, with so many requests at once. Brings a server of its own up and down. */
export async function acceptCost(root: string, dataDir: string, clients: number): Promise<AcceptCost> {
  const reading = readConfig({ ONUS_DATA_DIR: dataDir }, root)
  if (!reading.ok) throw new Error(JSON.stringify(reading.complaints))
  const running = await startServer({ config: reading.config, root, dist: dataDir })
  const spent: Spent = { ledgerMs: 0, statements: 0, requestMs: 0, requests: 0 }
  let unwatch = (): void => {}
  try {
    const { administrator, member, team } = await people(running)
    const identities = Array.from({ length: IDENTITIES }, (_, n) => identity({ name: `account-${n}`, team: 'parcels' }))
    await administrator.importReport({ query: { source: 'bench' }, body: report({ path: '/bench', identities }) })
    const answers = { purpose: 'prints labels', function: { name: 'Delivery' }, sponsor: null, revocation: 'delete it' }
    const accept = (id: string): Promise<unknown> =>
      member.acceptIdentities({ body: { team, chosen: { identities: [id] }, answers } })
    const ids = identities.map(({ id }) => id)
    for (const id of ids.splice(0, WARM)) await accept(id)
    unwatch = watchStatements(spent)
    await Promise.all(
      Array.from({ length: clients }, async () => {
        for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
          const start = process.hrtime.bigint()
          await accept(id)
          spent.requestMs += Number(process.hrtime.bigint() - start) / 1e6
          spent.requests += 1
        }
      }),
    )
  } finally {
    unwatch()
    await running.stop()
  }
  const { requests, requestMs, statements, ledgerMs } = spent
  const each = { requestMs: requestMs / requests, statements: statements / requests, ledgerMs: ledgerMs / requests }
  return { clients, ...each, share: ledgerMs / requestMs }
}
