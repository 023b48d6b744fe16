/** The whole of one made-up identity, as its row promises it: enough variety to fill every part of its screen. */
import type { z } from 'zod'
import type { Claim, Controller, Credential, Grant, Identity, KnownDate } from '@onus/core/identity.ts'
import type { IdentityDetail, TimelineEntry } from '@onus/core/contract/routes.ts'
import { findingOf, seeded } from './fixture-data.ts'
import type { Company, Row, Team } from './fixture-data.ts'
import { hostile } from './hostile.ts'

type Detail = z.infer<typeof IdentityDetail>
type Text = (plain: string, index: number) => string

/** Identity 7 has hundreds of grants and dozens of credentials; the others have few. */
const CROWDED = 7

export function detailOf(company: Company, row: Row): Detail {
  const index = Number(row.id.slice(4))
  const text: Text = (plain, step) => (company.isHostile ? hostile(index + step) : plain)
  const team = company.teams.find((known) => known.id === row.team?.id) ?? null
  const other = company.teams[8] ?? null
  const teams = [team, other].filter((known) => known !== null)
  const rules = [row.findings.critical > 0 ? 'escalation-path' : null, row.state === 'unowned' ? 'unowned' : null, row.state === 'split' ? 'split-ownership' : null, row.findings.medium > 0 ? 'never-rotated' : null, row.findings.low > 0 ? 'environment-unknown' : null]
  const unknown = { ...findingOf('dormant', row, 90, company.isHostile), verdict: 'unknown' as const, detail: text('No usage log covers the last 90 days.', 1) }
  const hasFunction = index % 3 !== 0 && row.state !== 'unowned'
  return {
    identity: identityOf(row, index, team, other, text, hasFunction),
    team: team === null ? null : withoutCounts(team),
    teams: teams.map(withoutCounts),
    function: hasFunction ? { id: 'fn_1', name: text('Monthly invoicing', 2), description: null, team: team?.id ?? null, evidence: [] } : null,
    service: hasFunction ? { id: 'svc_1', name: text('invoice-run', 3), team: team?.id ?? null, function: 'fn_1', repository: text('https://git.example/harbour/invoice-run', 28), lifecycle: null, evidence: [] } : null,
    findings: rules.filter((rule) => rule !== null).map((rule, step) => findingOf(rule, row, step, company.isHostile)),
    unknowns: [unknown],
    sourceId: row.sourceId,
    sourcePath: text('/srv/estates/harbour', 4),
    firstSeenAt: row.firstSeenAt, lastSeenAt: row.lastSeenAt, vanishedAt: row.vanishedAt,
  }
}

function withoutCounts({ id, name, kind, contacts, members, isKnown, spellings, evidence }: Team): Detail['teams'][number] {
  return { id, name, kind, contacts, members, isKnown, spellings, evidence }
}

function identityOf(row: Row, index: number, team: Team | null, other: Team | null, text: Text, hasFunction: boolean): Identity {
  const place = { file: row.file, line: row.line }
  const isCrowded = index === CROWDED
  return {
    id: row.id, kind: row.kind, name: row.name, namespace: row.namespace, environment: row.environment, isProduction: row.isProduction,
    source: { ...place, ref: text(`ServiceAccount ${row.namespace ?? 'ci'}/${row.name}`, 5), system: 'kubernetes', uid: null, isDefined: index % 11 !== 10, also: [] },
    accountability: accountabilityOf(row, team, other, text, isCrowded),
    questions: questionsOf(row, team, text, hasFunction),
    purpose: index % 2 === 0 ? text('Sends the monthly invoices to the printer.', 6) : null,
    function: hasFunction ? 'fn_1' : null, service: hasFunction ? 'svc_1' : null,
    createdAt: row.firstSeenAt, isThirdParty: row.kind === 'third-party', isSuspended: null, reviewAfter: { state: 'unknown' },
    credentials: Array.from({ length: isCrowded ? 40 : row.credentials }, (_, step) => credentialOf(row, step, text)),
    grants: Array.from({ length: isCrowded ? 300 : index % 5 }, (_, step) => grantOf(row, step, text)),
    trusts: index % 4 === 1 ? [{ issuer: text('https://token.actions.example', 27), audiences: ['sts'], subjects: index % 8 === 1 ? [] : [text('repo:harbour/invoice-run:*', 8)], ...place }] : [],
    uses: index % 3 === 1 ? [{ kind: 'workload', name: text('invoice-run', 9), namespace: text('billing-jobs', 10), environment: row.environment, ...place }] : [],
    access: row.findings.critical > 0 ? { admin: 'conditional', escalations: [{ path: text('attach a policy to itself', 11), permissions: ['iam:AttachRolePolicy'], condition: null }], ...place } : null,
    tags: { 'harbour.example/owner': text(row.team?.name ?? '', 12), [text('harbour.example/runbook', 13)]: text('https://wiki.example/runbooks/invoices', 29), chart: text('invoice-run-2.4.1', 14) },
  }
}

function accountabilityOf(row: Row, team: Team | null, other: Team | null, text: Text, isCrowded: boolean): Identity['accountability'] {
  const claim = (via: Claim['via'], about: Team, step: number): Claim => ({
    team: about.id, raw: text(about.spellings[1] ?? about.name, step), reading: 'team', candidates: [], via, key: text(via === 'tag' ? 'harbour.example/owner' : 'CODEOWNERS /billing/', step + 1),
    isInherited: via !== 'tag', file: row.file, line: row.line + step, confidence: via === 'tag' ? 'high' : 'medium',
  })
  const person: Claim = { team: null, raw: text('ana.lima', 15), reading: 'person', candidates: [], via: 'history', key: 'last change', isInherited: true, file: row.file, line: 1, confidence: 'low' }
  const controller = (about: Team, power: Controller['power'], step: number): Controller => ({
    team: about.id, raw: about.name, kind: 'group', power, via: text(`RoleBinding ${about.name}-admin`, 16 + step), file: row.file, line: row.line + 9 + step,
  })
  const isSplit = row.state === 'split' && team !== null && other !== null
  return {
    state: row.state,
    team: team?.id ?? null,
    claims: [...(team ? [claim('tag', team, 0)] : []), ...(isSplit ? [claim('codeowners', other, 2)] : []), person],
    controllers: other === null ? [] : Array.from({ length: isCrowded ? 30 : 2 }, (_, step) => controller(step % 2 === 0 || team === null ? other : team, step % 2 === 0 ? 'approve' : 'admin', step)),
    disagreement: isSplit
      ? { kinds: ['claims-differ', 'platform-alone'], teams: [team.id, other.id], names: [team.name, other.name], explanation: text(`\`${team.name}\` is said to answer, but \`${other.name}\` alone approves every change of it.`, 17) }
      : null,
  }
}

function questionsOf(row: Row, team: Team | null, text: Text, hasFunction: boolean): Identity['questions'] {
  const evidence = [{ file: row.file, line: row.line }]
  const isKnown = row.line % 2 === 0
  return {
    why: isKnown ? { answer: text('It sends the monthly invoices to the printer.', 18), evidence, missing: null } : { answer: null, evidence: [], missing: 'No description says why it exists.' },
    function: hasFunction ? { answer: text('Monthly invoicing, through the service invoice-run.', 19), evidence, missing: null } : { answer: null, evidence: [], missing: 'No catalog entry or label names a business function.' },
    approver: team === null ? { answer: null, evidence: [], missing: 'Nobody who could approve is known.' } : { answer: text(`${team.name}, by its rule in CODEOWNERS.`, 20), evidence: [...evidence, { file: '.github/CODEOWNERS', line: 14 }], missing: null },
    revocation: row.credentials === 0 ? { answer: null, evidence: [], missing: 'It has no credential that could be taken back.' } : { answer: text('Delete the secret invoice-run-token.', 21), evidence, missing: 'It was never tried.' },
  }
}

function credentialOf(row: Row, step: number, text: Text): Credential {
  const random = seeded(row.line * 31 + step)
  const day = (from: number): string => new Date(Date.UTC(2026, 10, 24) - Math.floor(from + random() * 900) * 86_400_000).toISOString()
  const created = day(200)
  const rotated: KnownDate[] = [{ state: 'at', at: day(5), raw: '' }, { state: 'never', raw: '01-01-2000' }, { state: 'unreadable', raw: text('next tuesday', 22), reason: 'not a date' }, { state: 'unknown' }]
  // The list has four parts and the step is taken modulo four.
  const date = rotated[step % 4] as KnownDate
  return {
    id: `crd_${row.id.slice(4, 20)}${String(step).padStart(4, '0')}`,
    kind: step % 3 === 0 ? 'service-account-token' : step % 3 === 1 ? 'access-key' : 'client-secret',
    name: text(`${row.name}-token-${step}`, 23),
    createdAt: created, rotatedAt: date.state === 'at' ? date.at : null, expiresAt: null, lastUsedAt: null,
    dates: { created: { state: 'at', at: created, raw: created }, rotated: date, expires: { state: 'unknown' }, lastUsed: { state: 'unknown' } },
    neverExpires: step % 2 === 0 ? true : null, isActive: null,
    kept: step % 2 === 0 ? [{ kind: 'kubernetes-secret', name: text(`${row.name}-token`, 24) }] : [],
    revocation: step % 2 === 0 ? text(`kubectl delete secret ${row.name}-token`, 25) : null,
    file: row.file, line: row.line + step,
  }
}

function grantOf(row: Row, step: number, text: Text): Grant {
  const levels: Grant['level'][] = ['read', 'admin', 'write', 'unknown']
  return {
    permission: text(['get secrets', '*', 's3:PutObject', 'roles/editor'][step % 4] ?? '', 26),
    resource: text(`arn:example:bucket/${row.namespace ?? 'shared'}/${step}`, 30),
    level: levels[step % 4] ?? 'unknown', isWildcard: step % 4 === 1, environment: step % 3 === 0 ? row.environment : null,
    condition: step % 6 === 2 ? text('aws:PrincipalTag/team equals ledger', 31) : null, via: text('RoleBinding invoice-run-read', 32), file: row.file, line: row.line + 20 + step,
  }
}

export function timelineOf(row: Row, company: Company): z.infer<typeof TimelineEntry>[] {
  const text: Text = (plain, step) => (company.isHostile ? hostile(row.line + step) : plain)
  const entries: z.infer<typeof TimelineEntry>[] = [
    { at: row.lastSeenAt, kind: 'changed', summary: text('The owner label changed.', 1), changes: [{ field: 'owner', before: text('Ledger', 2), after: text('Payments Core', 3) }, { field: 'credentials', before: '1', after: '2' }], importId: 'imp_2' },
    { at: row.firstSeenAt, kind: 'appeared', summary: text('First seen in its namespace.', 4), changes: [], importId: 'imp_1' },
  ]
  return row.vanishedAt === null ? entries : [{ at: row.vanishedAt, kind: 'vanished', summary: 'A complete read did not show it any more.', changes: [], importId: 'imp_3' }, ...entries]
}
