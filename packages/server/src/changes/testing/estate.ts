/** A company in a test that has accepted what it answers for, with security and an auditor appointed. */
import { createClient } from '@onus/core/contract/client.ts'
import { ApiError } from '@onus/core/contract/client.ts'
import type { ChangeContent } from '@onus/core/change/content.ts'
import type { ChangeDetail } from '@onus/core/change/shapes.ts'
import type { Identity } from '@onus/core/identity.ts'
import { givePower } from '../../directory/index.ts'
import type { DirectoryTeam } from '../../directory/index.ts'
import type { Connection } from '../../postgres/cluster.ts'
import { createToken } from '../../sessions/index.ts'
import { testCompany } from '../../testing/company.ts'
import type { Company, Member } from '../../testing/company.ts'
import { identity, report } from '../../testing/reports.ts'

export type Estate = Company & {
  payments: DirectoryTeam
  billing: DirectoryTeam
  /** Ada and Bob answer in Payments, Sam sponsors, Dan in Billing, Gil and Gus guard, Olga operates, Abe audits. */
  ada: Member
  bob: Member
  sam: Member
  dan: Member
  gil: Member
  gus: Member
  olga: Member
  abe: Member
  /** In staging, of Payments. */
  worker: Identity
  /** In production, of Payments, with Sam as sponsor. */
  ledger: Identity
  /** Of nobody. */
  stray: Identity
  token(by: Member, ...scopes: ('propose' | 'read' | 'import')[]): Promise<Member>
}

const CHECKED = { purpose: 'Posts invoices', function: { name: 'Monthly invoicing' }, revocation: 'Delete the account in the console' }

export async function estate(connection: Connection, more: Identity[] = [], env: Record<string, string> = {}, connections = 10): Promise<Estate> {
  const company = await testCompany(connection, env, connections)
  const { ctx, client, url, cookie, change } = company
  const worker: Identity = { ...identity({ name: 'worker', team: 'payments', environment: 'staging' }), isProduction: false }
  const ledger = identity({ name: 'ledger', team: 'payments' })
  const stray = identity({ name: 'stray', team: null })
  await fetch(`${url}/v1/imports`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie },
    body: JSON.stringify(report({ identities: [worker, ledger, stray, ...more] })),
  })
  const payments = await company.team('payments')
  const billing = await company.team('billing')
  const security = await company.team('security', 'security')
  const ada = await company.join('ada', payments, 'ada@pay.example')
  const bob = await company.join('bob', payments, 'bob@pay.example')
  const sam = await company.join('sam', null, 'sam@pay.example')
  const dan = await company.join('dan', billing, 'dan@bill.example')
  const gil = await company.join('gil', security, 'gil@sec.example')
  const gus = await company.join('gus', security, 'gus@sec.example')
  const olga = await company.join('olga', null, 'olga@ops.example')
  const abe = await company.join('abe', null, 'abe@audit.example')
  await change((w) => givePower(w, 'operate', { person: olga.id }))
  await client.appointFirst({ body: { power: 'guard', holder: { team: security.id }, reason: 'the first who guard' } })
  await client.appointFirst({ body: { power: 'audit', holder: { person: abe.id }, reason: 'the first who audits' } })
  const accept = (ids: string[], sponsor: string | null) =>
    bob.client.acceptIdentities({ body: { team: payments.id, chosen: { identities: ids }, answers: { ...CHECKED, sponsor } } })
  // What is risky is left for a decision of its own.
  const { left } = await accept([worker.id, ...more.map(({ id }) => id)], null)
  for (const { identity: id } of left) await accept([id], null)
  await accept([ledger.id], sam.id)
  // What is new for a day has been there for two.
  await company.turn(new Date(company.clock.now.getTime() + 2 * 86_400_000).toISOString())
  return {
    ...company,
    payments,
    billing,
    ada,
    bob,
    sam,
    dan,
    gil,
    gus,
    olga,
    abe,
    worker,
    ledger,
    stray,
    async token(by, ...scopes) {
      const { id, secret } = await createToken(
        ctx.db,
        { purpose: 'ci', days: 30, scopes, team: payments.id },
        { kind: 'person', id: by.id },
        company.clock.now,
      )
      const bearer = { authorization: `Bearer ${secret}` }
      return { id, cookie: '', client: createClient(url, fetch, bearer) }
    },
  }
}

/** Days from the clock of the test. */
export const inDays = ({ clock }: Company, days: number): string => new Date(clock.now.getTime() + days * 86_400_000).toISOString()

export const grant = (it: Company, target: Identity, wish: Partial<Extract<ChangeContent, { kind: 'scope' }>['add'][number]> = {}): ChangeContent => ({
  kind: 'scope',
  identity: target.id,
  add: [{ permission: 'invoices:read', resource: 'invoices', environment: target.environment, level: 'read', until: inDays(it, 30), ...wish }],
  remove: [],
})

export const propose = (by: Member, content: ChangeContent, isEmergency = false): Promise<ChangeDetail> =>
  by.client.proposeChange({ body: { content, reason: 'needed for the release', isEmergency } })

/** Approves what is there now. */
export async function approve(by: Member, id: string, seat?: string): Promise<ChangeDetail> {
  const { digest } = await by.client.change({ params: { id } })
  return by.client.approveChange({ params: { id }, body: { digest, ...(seat === undefined ? {} : { seat }) } })
}

/** The code of a refusal, with the rule of a denial; `ok` when there is none. */
export async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'ok'
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const { code, errors = [] } = error.problem
    if (code === 'forbidden') return `forbidden ${errors.find(({ field }) => field === 'rule')?.reason ?? ''}`
    return code === 'change-not-possible' ? `${code} ${errors[0]?.field ?? ''}` : code
  }
}

/** Publishes a guardrail, written by one guard and approved by another. */
export async function enforce(it: Estate, id: string, text: string, stage: 'warn' | 'enforce' = 'enforce', graceUntil: string | null = null): Promise<ChangeDetail> {
  const { id: change } = await propose(it.gil, { kind: 'guardrail', id, text, stage, graceUntil })
  return approve(it.gus, change)
}
