/** Whole, valid records for tests, of which a test states only what it is about. Everything is well kept by default. */
import type { Access, Claim, Credential, Grant, Identity, KnownDate, Trust, Use } from '../../identity.ts'
import type { OwnedScope } from '../../owned-scope.ts'
import type { Team } from '../../team.ts'
import type { Estate } from '../rule.ts'

export const AS_OF = '2026-08-21T00:00:00.000Z'
const PLACE = { file: 'payments/ledger.yaml', line: 7 }
const UNKNOWN: KnownDate = { state: 'unknown' }

/** A date that was read; `makeAt('2026-08-01')` is midnight UTC of that day. */
export function makeAt(text: string): KnownDate & { state: 'at' } {
  return { state: 'at', at: `${text}T00:00:00.000Z`, raw: text }
}

export function makeClaim(given: Partial<Claim> = {}): Claim {
  return {
    team: 'tm_payments',
    raw: 'payments',
    reading: 'team',
    candidates: [],
    via: 'tag',
    key: 'team',
    isInherited: false,
    ...PLACE,
    confidence: 'high',
    ...given,
  }
}

export function makeAccountability(given: Partial<Identity['accountability']> = {}): Identity['accountability'] {
  return { state: 'claimed', team: 'tm_payments', claims: [makeClaim()], controllers: [], disagreement: null, ...given }
}

/** Nobody answers; the claims given were read but name no team. */
export function makeUnowned(...claims: Partial<Claim>[]): Identity['accountability'] {
  return makeAccountability({
    state: 'unowned',
    team: null,
    claims: claims.map((claim) => makeClaim({ team: null, ...claim })),
  })
}

export function makeCredential(given: Partial<Credential> = {}): Credential {
  const made: Credential = {
    id: 'crd_1',
    kind: 'access-key',
    name: 'main',
    createdAt: null,
    rotatedAt: null,
    expiresAt: null,
    lastUsedAt: null,
    dates: { created: UNKNOWN, rotated: UNKNOWN, expires: UNKNOWN, lastUsed: UNKNOWN },
    neverExpires: null,
    isActive: true,
    kept: [],
    revocation: 'delete the key',
    ...PLACE,
    ...given,
  }
  return made
}

/** A credential with the dates given, in both places where a record holds them. */
export function makeDated(
  dates: Partial<Record<'created' | 'rotated' | 'expires' | 'lastUsed', KnownDate>>,
  given: Partial<Credential> = {},
): Credential {
  const all = { created: UNKNOWN, rotated: UNKNOWN, expires: UNKNOWN, lastUsed: UNKNOWN, ...dates }
  return makeCredential({
    dates: all,
    createdAt: instantOf(all.created),
    rotatedAt: instantOf(all.rotated),
    expiresAt: instantOf(all.expires),
    lastUsedAt: instantOf(all.lastUsed),
    ...given,
  })
}

function instantOf(date: KnownDate): string | null {
  return date.state === 'at' ? date.at : null
}

export function makeGrant(given: Partial<Grant> = {}): Grant {
  return {
    permission: 'get secrets',
    resource: 'namespace payments',
    level: 'read',
    isWildcard: false,
    environment: null,
    condition: null,
    via: 'RoleBinding ledger',
    ...PLACE,
    ...given,
  }
}

export function makeTrust(given: Partial<Trust> = {}): Trust {
  return {
    issuer: 'https://token.actions.githubusercontent.com',
    audiences: ['sts.amazonaws.com'],
    subjects: ['repo:lumen/ledger:environment:production'],
    ...PLACE,
    ...given,
  }
}

export function makeUse(name: string, given: Partial<Use> = {}): Use {
  return { kind: 'workload', name, namespace: 'payments', environment: null, ...PLACE, ...given }
}

export function makeAccess(given: Partial<Access> = {}): Access {
  return { admin: 'no', escalations: [], ...PLACE, ...given }
}

export function makeIdentity(given: Partial<Identity> = {}): Identity {
  return {
    id: 'idn_1',
    kind: 'service-account',
    name: 'ledger',
    namespace: 'payments',
    environment: 'production',
    isProduction: true,
    source: {
      ...PLACE,
      ref: 'ServiceAccount payments/ledger',
      system: 'kubernetes',
      uid: null,
      isDefined: true,
      also: [],
    },
    accountability: makeAccountability(),
    questions: {
      why: makeAnswer('keeps the ledger'),
      function: makeAnswer('invoicing'),
      approver: makeAnswer('payments'),
      revocation: makeAnswer('delete the key'),
    },
    purpose: 'keeps the ledger',
    function: 'fn_invoicing',
    service: 'svc_ledger',
    createdAt: null,
    isThirdParty: false,
    isSuspended: null,
    reviewAfter: UNKNOWN,
    credentials: [],
    grants: [],
    trusts: [],
    uses: [makeUse('ledger')],
    access: null,
    tags: {},
    ...given,
  }
}

export function makeAnswer(answer: string | null): Identity['questions']['why'] {
  return answer === null
    ? { answer, evidence: [], missing: 'Nothing says it.' }
    : { answer, evidence: [PLACE], missing: null }
}

/** Questions that are all answered but for those named. */
export function makeQuestions(...open: (keyof Identity['questions'])[]): Identity['questions'] {
  const { questions } = makeIdentity()
  for (const question of open) questions[question] = makeAnswer(null)
  return questions
}

/** The source of an identity of another system, or one that is only mentioned. */
export function makeSource(given: Partial<Identity['source']> = {}): Identity['source'] {
  return { ...makeIdentity().source, ...given }
}

export function makeScope(given: Partial<OwnedScope> = {}): OwnedScope {
  return {
    id: 'own_1',
    kind: 'kubernetes-namespace',
    name: 'payments',
    environment: 'production',
    isProduction: true,
    accountability: makeAccountability(),
    function: 'fn_invoicing',
    repositoryUrl: null,
    reviewAfter: makeAt('2027-01-01'),
    identityCount: 3,
    source: { ...PLACE, isDefined: true },
    tags: {},
    ...given,
  }
}

export function makeTeam(id: string, given: Partial<Team> = {}): Team {
  return {
    id,
    name: id.replace('tm_', ''),
    kind: 'business',
    contacts: [],
    members: [],
    isKnown: true,
    spellings: [],
    evidence: [],
    ...given,
  }
}

export function makeEstate(given: Partial<Estate> = {}): Estate {
  const teams = ['tm_payments', 'tm_billing'].map((id) => [id, makeTeam(id)] as const)
  return {
    asOf: new Date(AS_OF),
    teams: new Map(teams),
    knowsGroups: true,
    usageCoverage: new Map(),
    limits: { credentialAgeDays: 90, certificateAgeDays: 398, dormantDays: 90 },
    ...given,
  }
}
