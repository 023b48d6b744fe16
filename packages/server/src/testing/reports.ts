/** Made-up scan reports. Nothing here comes from a real estate. */
import { stableId } from '@onus/core/ids.ts'
import { SEVERITIES } from '@onus/core/finding.ts'
import type { Finding, Severity } from '@onus/core/finding.ts'
import { ACCOUNTABILITY_STATES } from '@onus/core/identity.ts'
import type { AccountabilityState, Credential, Identity } from '@onus/core/identity.ts'
import type { OwnedScope } from '@onus/core/owned-scope.ts'
import type { ScanReport } from '@onus/core/report.ts'
import type { Team } from '@onus/core/team.ts'

const UNKNOWN = { state: 'unknown' } as const
const NO_ANSWER = { answer: null, evidence: [], missing: 'nobody said' }

export type IdentityWish = {
  name: string
  uid?: string | null
  namespace?: string | null
  environment?: string | null
  team?: string | null
  state?: AccountabilityState
  kind?: Identity['kind']
  system?: string
  line?: number
  rotatedAt?: string | null
  credentials?: number
  grants?: Identity['grants']
  tags?: Record<string, string>
  purpose?: string | null
}

export const teamId = (name: string): string => stableId('tm', name)

export function team(name: string): Team {
  return {
    id: teamId(name),
    name,
    kind: 'business',
    contacts: [`${name}@lumen.example`],
    members: [],
    isKnown: true,
    spellings: [name],
    evidence: [{ file: 'catalog.yaml', line: 3, via: 'backstage' }],
  }
}

export function credential(identityId: string, name: string, rotatedAt: string | null): Credential {
  return {
    id: stableId('crd', identityId, name),
    kind: 'access-key',
    name,
    createdAt: null,
    rotatedAt,
    expiresAt: null,
    lastUsedAt: null,
    dates: {
      created: UNKNOWN,
      rotated: rotatedAt ? { state: 'at', at: rotatedAt, raw: rotatedAt } : UNKNOWN,
      expires: UNKNOWN,
      lastUsed: UNKNOWN,
    },
    neverExpires: null,
    isActive: null,
    kept: [{ kind: 'kubernetes-secret', name }],
    revocation: null,
    file: 'keys.tf',
    line: 4,
  }
}

export function identity(wish: IdentityWish): Identity {
  const namespace = wish.namespace === undefined ? 'parcels' : wish.namespace
  const id = stableId('idn', wish.system ?? 'kubernetes', namespace ?? '', wish.name, wish.uid ?? '')
  const named = wish.team === undefined || wish.team === null ? null : teamId(wish.team)
  const line = wish.line ?? 7
  return {
    id,
    kind: wish.kind ?? 'service-account',
    name: wish.name,
    namespace,
    environment: wish.environment === undefined ? 'production' : wish.environment,
    isProduction: true,
    source: {
      file: `${namespace ?? 'root'}/accounts.yaml`,
      line,
      ref: `ServiceAccount ${namespace ?? '-'}/${wish.name}`,
      system: wish.system ?? 'kubernetes',
      uid: wish.uid ?? null,
      isDefined: true,
      also: [],
    },
    accountability: {
      state: wish.state ?? (named ? 'claimed' : 'unowned'),
      team: named,
      claims:
        wish.team === undefined || wish.team === null
          ? []
          : [
              {
                team: named,
                raw: wish.team,
                reading: 'team',
                candidates: [],
                via: 'tag',
                key: 'lumen.example/team',
                isInherited: false,
                file: 'ns.yaml',
                line,
                confidence: 'high',
              },
            ],
      controllers: [],
      disagreement: null,
    },
    questions: { why: NO_ANSWER, function: NO_ANSWER, approver: NO_ANSWER, revocation: NO_ANSWER },
    purpose: wish.purpose ?? null,
    function: null,
    service: null,
    createdAt: null,
    isThirdParty: false,
    isSuspended: null,
    reviewAfter: UNKNOWN,
    credentials: Array.from({ length: wish.credentials ?? 1 }, (_, n) =>
      credential(id, `key-${n}`, wish.rotatedAt ?? null),
    ),
    grants: wish.grants ?? [],
    trusts: [],
    uses: [],
    access: null,
    tags: wish.tags ?? {},
  }
}

export function finding(
  about: Identity,
  rule: string,
  severity: Severity,
  verdict: 'fail' | 'unknown' = 'fail',
  detail = 'seen',
): Finding {
  return {
    id: stableId('fnd', rule, about.id),
    rule,
    severity,
    verdict,
    subject: { kind: 'identity', id: about.id },
    identity: about.id,
    credential: null,
    team: about.accountability.team,
    title: `The rule ${rule}`,
    detail,
    evidence: [{ file: about.source.file, line: about.source.line }],
    maps: { owaspNhi: ['NHI1:2025'], csf: ['PR.AA-01'] },
    fix: 'Do it.',
  }
}

export function scope(name: string, teamName: string | null): OwnedScope {
  const named = teamName === null ? null : teamId(teamName)
  return {
    id: stableId('own', 'kubernetes-namespace', name),
    kind: 'kubernetes-namespace',
    name,
    environment: 'production',
    isProduction: true,
    accountability: {
      state: named ? 'claimed' : 'unowned',
      team: named,
      claims: [],
      controllers: [],
      disagreement: null,
    },
    function: null,
    repositoryUrl: null,
    reviewAfter: UNKNOWN,
    identityCount: 1,
    source: { file: 'ns.yaml', line: 1, isDefined: true },
    tags: {},
  }
}

export type ReportWish = {
  path?: string
  asOf?: string
  identities?: Identity[]
  findings?: Finding[]
  teams?: Team[]
  scopes?: OwnedScope[]
  reader?: string
  isComplete?: boolean
  files?: number
}

export function report(wish: ReportWish = {}): ScanReport {
  const identities = wish.identities ?? []
  const findings = wish.findings ?? []
  const isComplete = wish.isComplete ?? true
  const states = Object.fromEntries(ACCOUNTABILITY_STATES.map((state) => [state, 0])) as Record<
    AccountabilityState,
    number
  >
  for (const { accountability } of identities) states[accountability.state] += 1
  const severities = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>
  for (const { severity, verdict } of findings) if (verdict === 'fail') severities[severity] += 1
  return {
    onus: { report: 1, version: '0.1.0' },
    asOf: wish.asOf ?? '2026-03-01T00:00:00.000Z',
    sources: [
      {
        path: wish.path ?? '/estates/lumen',
        reader: wish.reader ?? 'kubernetes',
        files: wish.files ?? 3,
        bytes: 900,
        observations: identities.length,
        unread: isComplete ? [] : [{ file: 'broken.yaml', line: 2, reason: 'not YAML' }],
        unreadCount: isComplete ? 0 : 1,
        blind: ['values of secrets'],
        isComplete,
      },
    ],
    teams: wish.teams ?? [],
    functions: [],
    services: [],
    apis: [],
    scopes: wish.scopes ?? [],
    identities,
    findings,
    summary: {
      identities: identities.length,
      credentials: identities.reduce((sum, { credentials }) => sum + credentials.length, 0),
      byState: states,
      byKind: {},
      byEnvironment: {},
      findings: severities,
      failures: {},
      unknowns: {},
      unread: isComplete ? 0 : 1,
      files: 3,
    },
  }
}
