/** Changes, guardrails and exceptions of the made-up company: enough to fill every part of their screens. */
import type { ChangeContent } from '@onus/core/change/content.ts'
import type { z } from 'zod'
import type { ChangeDetail, ChangePreview, ChangeRow, ExceptionRow, GuardrailDetail, GuardrailRow, GuardrailVerdict, PowerHolder, Simulation } from '@onus/core/change/shapes.ts'
import { FixtureProblem } from './fixture-problem.ts'
import type { Company } from './fixture-data.ts'
import { hostile } from './hostile.ts'

type Named = { id: string; name: string }
type Me = { id: string; name: string; isAuditor: boolean }

const OTHER = { kind: 'person' as const, id: 'per_ben', name: 'Ben Carter' }
const digestOf = (revision: number): string => `sha256:${String(revision).padStart(64, '0')}`
const GUARDRAIL_TEXT = `@id("no-wildcard-in-production")
@title("A grant in production names what it is for")
@found("resource.isWildcard")
@allowed("a permission and a resource without \`*\`")
forbid (principal, action == Onus::Action::"grant", resource)
when { resource.isProduction && resource.isWildcard };
`
const EARLIER_TEXT = GUARDRAIL_TEXT.replace(' && resource.isWildcard', '')

const daysFrom = (company: Company, days: number): string => new Date(Date.parse(company.now) + days * 86_400_000).toISOString()
const text = (company: Company, plain: string, step: number): string => (company.isHostile ? hostile(step) : plain)

function verdictOf(company: Company, identity: Named, outcome: GuardrailVerdict['outcome']): GuardrailVerdict {
  return {
    rule: 'no-wildcard-in-production', version: 2, title: text(company, 'A grant in production names what it is for', 3), outcome, identity,
    about: text(company, 's3:* on arn:aws:s3:::baskets', 4), found: text(company, 'true', 5), allowed: text(company, 'a permission and a resource without `*`', 6),
    enforcedFrom: outcome === 'warned' ? daysFrom(company, 20) : null,
  }
}

function seatsOf(company: Company): ChangeDetail['seats'] {
  const [team] = company.teams
  return [
    { id: 'answer:tm', capacity: 'answer', team: { id: team?.id ?? '', name: team?.name ?? '' }, person: null, why: text(company, 'answers for `orders-api`', 7), filledBy: null },
    { id: 'sponsor:per_ada', capacity: 'sponsor', team: null, person: { id: 'per_ada', name: text(company, 'Ada Quill', 8) }, why: 'vouches for what touches production', filledBy: null },
  ]
}

function subjectOf(company: Company, at = 1): Named {
  const row = company.rows[at] ?? { id: 'idn_none', name: 'none' }
  return { id: row.id, name: row.name }
}

const grants = (identity: string): ChangeContent => ({
  kind: 'scope', identity,
  add: [{ permission: 's3:*', resource: 'arn:aws:s3:::baskets', environment: null, level: 'write', until: null }],
  remove: [],
})

function changeOf(company: Company, wish: { id: string } & Partial<ChangeDetail>): ChangeDetail {
  const identity = subjectOf(company)
  const revision = wish.revision ?? 1
  return {
    kind: 'scope', state: 'open', summary: text(company, `Grant ${identity.name} s3:* on arn:aws:s3:::baskets`, 1), author: OTHER, revision, digest: digestOf(revision),
    createdAt: daysFrom(company, -2), changedAt: daysFrom(company, -1), expiresAt: daysFrom(company, 12), closedAt: null,
    content: grants(identity.id), isEmergency: false, reason: text(company, 'The importer writes baskets from tomorrow on.', 2), closedBy: null,
    diff: [{ field: text(company, 's3:* on arn:aws:s3:::baskets', 9), before: null, after: text(company, 'write, without end', 10) }, { field: 'invoices:read on invoices', before: 'until 2026-12-01', after: 'read, until 2027-03-01' }],
    identities: [identity], identityCount: 1, verdicts: [], seats: seatsOf(company), decisions: [], authors: [OTHER], blocked: [],
    discussion: [{ id: 'ent_1', at: daysFrom(company, -1.5), by: OTHER, text: text(company, 'The bucket is its own.\nNothing else is in it.', 11) }, { id: 'ent_2', at: daysFrom(company, -1), by: OTHER, text: null }],
    may: { approve: [], edit: { isAllowed: false, rule: 'change-ones-own-proposal', who: 'whoever proposed it' }, withdraw: { isAllowed: false, rule: 'change-ones-own-proposal', who: 'whoever proposed it' } },
    ...wish,
  }
}

export type GovernWorld = { changes: ChangeDetail[]; exceptions: ExceptionRow[] }

export function governWorld(company: Company): GovernWorld {
  const identity = subjectOf(company)
  const refused = verdictOf(company, identity, 'refused')
  const changes = [
    changeOf(company, { id: 'chg_open' }),
    changeOf(company, {
      id: 'chg_refused', summary: text(company, 'Grant payouts-api everything', 12),
      verdicts: [refused, verdictOf(company, identity, 'warned'), verdictOf(company, identity, 'excepted'), verdictOf(company, identity, 'needs-guard')],
      blocked: [{ code: 'guardrail-exceeded', reason: text(company, '`no-wildcard-in-production`: found true, allowed none', 13) }],
    }),
    changeOf(company, {
      id: 'chg_guardrail', kind: 'guardrail', summary: 'Change the guardrail no-wildcard-in-production',
      content: { kind: 'guardrail', id: 'no-wildcard-in-production', text: GUARDRAIL_TEXT, stage: 'enforce', graceUntil: null },
      diff: [{ field: 'stage', before: 'warn', after: 'enforce' }, { field: 'text', before: EARLIER_TEXT, after: GUARDRAIL_TEXT }],
      identities: [], identityCount: 0, seats: [{ id: 'guard', capacity: 'guard', team: null, person: null, why: 'guards the limits', filledBy: null }],
    }),
    changeOf(company, {
      id: 'chg_applied', state: 'applied', closedAt: daysFrom(company, -0.5), closedBy: { kind: 'person', id: 'per_ada', name: 'Ada Quill' }, revision: 2,
      seats: seatsOf(company).map((seat) => ({ ...seat, filledBy: { id: 'per_ada', name: 'Ada Quill', at: daysFrom(company, -0.5) } })),
      decisions: [
        { seat: 'answer:tm', verdict: 'approve', by: { id: 'per_ada', name: 'Ada Quill' }, at: daysFrom(company, -1.2), digest: digestOf(1), voidedAt: daysFrom(company, -1) },
        { seat: 'answer:tm', verdict: 'approve', by: { id: 'per_ada', name: 'Ada Quill' }, at: daysFrom(company, -0.5), digest: digestOf(2), voidedAt: null },
      ],
    }),
    changeOf(company, { id: 'chg_rejected', state: 'rejected', closedAt: daysFrom(company, -0.5), reason: null, isEmergency: true }),
  ]
  return { changes, exceptions: [0, 1, 2].map((index) => exceptionOf(company, index)) }
}

function exceptionOf(company: Company, index: number): ExceptionRow {
  const isRule = index === 2
  return {
    id: `exc_${index}`, rule: isRule ? 'no-expiry' : 'no-wildcard-in-production', ruleKind: isRule ? 'rule' : 'guardrail', identity: subjectOf(company, index + 1), team: index === 1 ? null : subjectOf(company, 3),
    control: text(company, 'The bucket is its own, and its use is watched', 14 + index), from: daysFrom(company, -20), until: daysFrom(company, index === 2 ? -1 : 9 + index * 20), state: index === 2 ? 'lapsed' : 'running', change: 'chg_applied',
  }
}

/** What the reader may do, as the policies would say. */
function seenBy(change: ChangeDetail, me: Me): ChangeDetail {
  const isOwn = change.authors.some(({ id }) => id === me.id)
  const isOpen = change.state === 'open'
  const denied = (rule: string, who: string | null) => ({ isAllowed: false, rule, who })
  const approve = change.seats.map(({ id, capacity, filledBy }) => {
    if (!isOpen) return { seat: id, ...denied('not-open', null) }
    if (filledBy) return { seat: id, ...denied('already-decided', null) }
    if (me.isAuditor) return { seat: id, ...denied('auditors-only-read', 'someone who does not hold the power to audit') }
    if (isOwn) return { seat: id, ...denied('nobody-decides-on-their-own-change', 'someone who neither wrote nor edited it') }
    const mine = me.id === 'per_1' ? 'answer' : me.id === 'per_sec' ? 'guard' : null
    return capacity === mine ? { seat: id, isAllowed: true, rule: 'decide-as-the-team-that-answers', who: null } : { seat: id, ...denied(`decide-as-${capacity}`, capacity === 'sponsor' ? 'the sponsor' : 'a member of the team that answers') }
  })
  const own = isOpen && isOwn ? { isAllowed: true, rule: 'change-ones-own-proposal', who: null } : denied(isOpen ? 'change-ones-own-proposal' : 'not-open', isOpen ? 'whoever proposed it' : null)
  return { ...change, may: { approve, edit: own, withdraw: own } }
}

const rowOf = ({ seats, content: _c, isEmergency: _e, reason: _r, closedBy: _b, diff: _d, identities: _i, identityCount: _n, verdicts: _v, decisions: _k, authors: _a, blocked: _l, discussion: _t, may: _m, ...head }: ChangeDetail): ChangeRow => ({
  ...head,
  seats: seats.map(({ id, capacity, filledBy }) => ({ id, capacity, isFilled: filledBy !== null })),
})

type ListAsk = { state?: string | undefined; kind?: string | undefined; identity?: string | undefined; author?: string | undefined; awaiting?: 'me' | undefined }

export function listedChanges(world: GovernWorld, ask: ListAsk, me: Me): ChangeRow[] {
  return world.changes
    .filter((change) =>
      (ask.state === undefined || change.state === ask.state)
      && (ask.kind === undefined || change.kind === ask.kind)
      && (ask.author === undefined || change.author.id === ask.author)
      && (ask.identity === undefined || change.identities.some(({ id }) => id === ask.identity))
      && (ask.awaiting === undefined || (change.state === 'open' && seenBy(change, me).may.approve.some(({ isAllowed }) => isAllowed))))
    .map(rowOf)
}

function found(world: GovernWorld, id: string): ChangeDetail {
  const change = world.changes.find((each) => each.id === id)
  if (!change) throw new FixtureProblem({ status: 404, code: 'not-found', title: 'Not found', detail: `no change has the id ${id}` })
  return change
}

export const changeFor = (world: GovernWorld, id: string, me: Me): ChangeDetail => seenBy(found(world, id), me)

export function preview(company: Company, content: ChangeContent): ChangePreview {
  const identity = subjectOf(company)
  if (content.kind === 'exception' && content.rule === 'unowned') throw new FixtureProblem({ status: 422, code: 'change-not-possible', title: 'Not possible', detail: 'no team answers for it; a team accepts it first' })
  const isWild = content.kind === 'scope' && content.add.some(({ permission }) => permission.includes('*'))
  const verdicts = isWild ? [verdictOf(company, identity, 'refused')] : []
  const { diff, seats } = changeOf(company, { id: 'chg_preview' })
  return {
    summary: `A ${content.kind} for ${text(company, identity.name, 15)}`, digest: digestOf(9), diff, identities: [identity], identityCount: 1, verdicts,
    blocked: isWild ? [{ code: 'guardrail-exceeded', reason: 'found true, allowed none' }] : [], seats: seats.map(({ filledBy: _f, ...seat }) => seat),
  }
}

export function propose(world: GovernWorld, company: Company, { content, reason }: { content: ChangeContent; reason: string }, me: Me): ChangeDetail {
  if (me.isAuditor) throw new FixtureProblem({ status: 403, code: 'forbidden', title: 'Not allowed', detail: 'the rule `auditors-only-read` asks for someone who does not hold the power to audit' })
  const author = { kind: 'person' as const, id: me.id, name: me.name }
  const { verdicts, blocked, summary } = preview(company, content)
  const change = changeOf(company, { id: `chg_${world.changes.length + 1}`, kind: content.kind, content, reason, author, authors: [author], verdicts, blocked, summary, discussion: [] })
  world.changes = [change, ...world.changes]
  return seenBy(change, me)
}

type Write = { digest?: string; seat?: string; reason?: string; text?: string; content?: ChangeContent }

/** Writes to one change; `name` is that of the route. */
export function decideChange(world: GovernWorld, name: string, id: string, body: Write, me: Me): ChangeDetail {
  const change = found(world, id)
  if (body.digest !== undefined && body.digest !== change.digest) throw new FixtureProblem({ status: 409, code: 'content-changed', title: 'It was edited', detail: 'read the change again: it is not what you decided on' })
  const now = new Date().toISOString()
  const by = { id: me.id, name: me.name }
  const said = body.reason ?? body.text
  if (said !== undefined && name !== 'editChange') change.discussion = [...change.discussion, { id: `ent_${change.discussion.length + 3}`, at: now, by: { kind: 'person', ...by }, text: said }]
  if (name === 'editChange') edited(change, body)
  if (name === 'withdrawChange') close(change, 'withdrawn', by, now)
  if (name === 'rejectChange' || name === 'approveChange') {
    const seat = body.seat ?? ''
    change.decisions = [...change.decisions, { seat, verdict: name === 'approveChange' ? 'approve' : 'reject', by, at: now, digest: change.digest, voidedAt: null }]
    if (name === 'rejectChange') close(change, 'rejected', by, now)
    else change.seats = change.seats.map((each) => (each.id === seat ? { ...each, filledBy: { ...by, at: now } } : each))
    if (change.state === 'open' && change.seats.every(({ filledBy }) => filledBy !== null)) close(change, 'applied', by, now)
  }
  return seenBy(change, me)
}

function close(change: ChangeDetail, state: ChangeDetail['state'], by: Named, at: string): void {
  Object.assign(change, { state, closedAt: at, closedBy: { kind: 'person', ...by } })
}

/** Somebody writes it anew: what was decided is void. */
export function edited(change: ChangeDetail, { content, reason }: Pick<Write, 'content' | 'reason'>): void {
  const revision = change.revision + 1
  Object.assign(change, {
    revision, digest: digestOf(revision), ...(content ? { content } : {}), ...(reason ? { reason } : {}),
    diff: [{ field: 's3:GetObject on arn:aws:s3:::baskets', before: null, after: `read, revision ${revision}` }],
    decisions: change.decisions.map((each) => ({ ...each, voidedAt: each.voidedAt ?? new Date().toISOString() })),
    seats: change.seats.map((seat) => ({ ...seat, filledBy: null })),
  })
}

export function guardrailsOf(company: Company): GuardrailRow[] {
  const row = (id: string, wish: Partial<GuardrailRow>): GuardrailRow => ({
    id, version: 2, title: text(company, 'A grant in production names what it is for', 16), found: 'resource.isWildcard', allowed: text(company, 'a permission and a resource without `*`', 17), needs: null,
    text: text(company, GUARDRAIL_TEXT, 18), stage: 'enforce', standing: 'enforce', graceUntil: null, since: daysFrom(company, -40), endsAt: null, change: 'chg_applied', exceptions: 2, ...wish,
  })
  return [
    row('no-wildcard-in-production', {}),
    row('credential-lifetime', { title: 'A stored credential has an end', standing: 'warn', graceUntil: daysFrom(company, 20), exceptions: 0, needs: 'guard' }),
    row('third-party-end-date', { title: 'What a third party gets has an end', stage: 'warn', standing: 'warn', exceptions: 0, endsAt: daysFrom(company, 0.5) }),
  ]
}

export function guardrailOf(company: Company, id: string): z.infer<typeof GuardrailDetail> {
  const current = guardrailsOf(company).find((each) => each.id === id)
  if (!current) throw new FixtureProblem({ status: 404, code: 'not-found', title: 'Not found', detail: 'no guardrail is called so' })
  const { exceptions: _e, standing: _s, ...version } = current
  return { current, versions: [version, { ...version, version: 1, text: EARLIER_TEXT, stage: 'warn', since: daysFrom(company, -90), change: null }] }
}

export const STARTERS = [
  { id: 'no-wildcard-in-production', title: 'A grant in production names what it is for', text: GUARDRAIL_TEXT },
  { id: 'no-cross-environment-grant', title: 'An identity of one environment has no grants in another', text: GUARDRAIL_TEXT.replace('no-wildcard-in-production', 'no-cross-environment-grant') },
]
export const SCHEMA = 'namespace Onus {\n  entity Identity = { kind: String, isProduction: Bool };\n}\n'

export function simulationOf(company: Company): Simulation {
  return {
    faults: [], looked: company.rows.length, hit: 41, teamCount: 4, exceptionsNeeded: 39, excepted: 2, unknown: { environment: 12, dataClasses: 300 },
    teams: [...company.teams.slice(0, 3).map(({ id, name }, index) => ({ id, name, hit: 20 - index * 5 })), { id: null, name: '', hit: 6 }],
    first: [1, 2, 3].map((at) => ({ identity: subjectOf(company, at), team: null, about: text(company, 's3:* on everything', 19), found: text(company, 'true', 20), isExcepted: at === 2 })),
  }
}

export const POLICIES = `// Who may do what.

@id("decide-as-security")
@who("someone who holds the power to guard")
permit (principal is Onus::Person, action in Onus::Action::"decide", resource)
when { context.capacity == "guard" && principal.powers.contains("guard") };

@id("nobody-decides-on-their-own-change")
@who("someone who neither wrote nor edited it")
forbid (principal is Onus::Person, action in Onus::Action::"decide", resource)
when { resource.humans.contains(principal.human) };
`
export const POWERS: PowerHolder[] = [{ id: 'pow_1', power: 'guard', holder: { kind: 'team', id: 'tm_9', name: 'Edge Security' }, since: '2026-01-01T00:00:00.000Z', change: null, decidesFrom: '2026-01-01T00:00:00.000Z' }]
