/** A made-up estate of any size, the same in every run: identity number `n` is a function of `n` alone. */
import type { Credential, Grant, Identity } from '@onus/core/identity.ts'
import type { Team } from '@onus/core/team.ts'

export const TEAMS = 2_000
const NAMESPACES = 20_000
const KINDS = [
  'service-account',
  'oauth-client',
  'workload',
  'ci-workload',
  'api-key',
  'cloud-principal',
  'third-party',
  'agent',
] as const
const ENVIRONMENTS = ['production', 'staging', 'test', 'development', null] as const
const NOUNS = [
  'ledger',
  'parcel',
  'label',
  'invoice',
  'route',
  'depot',
  'scanner',
  'tariff',
  'claim',
  'return',
  'locker',
  'customs',
  'fleet',
  'billing',
  'address',
  'notice',
  'pickup',
  'sorting',
  'weight',
  'receipt',
  'credit',
  'refund',
  'dispatch',
  'tracking',
]
const ROLES = [
  'reader',
  'writer',
  'sync',
  'worker',
  'exporter',
  'api',
  'poster',
  'mailer',
  'backup',
  'deployer',
  'gateway',
  'importer',
]

/** A number from 0 up to `size` that looks random and depends on `n` and `salt` alone (a multiplicative hash). */
function pick(n: number, salt: number, size: number): number {
  let x = Math.imul(n + 0x9e3779b9, 0x85ebca6b) ^ Math.imul(salt + 1, 0xc2b2ae35)
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d)
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39)
  return ((x ^ (x >>> 15)) >>> 0) % size
}

const of = <T>(list: readonly T[], index: number): T => list[index % list.length] as T
const hex = (n: number): string =>
  ((n * 0x9e3779b1) % 2 ** 40).toString(16).padStart(10, '0') + n.toString(16).padStart(10, '0')
const UNKNOWN = { state: 'unknown' } as const

export const teamId = (n: number): string => `tm_${hex(n)}`
export const teamName = (n: number): string => `${of(NOUNS, n)}-${of(ROLES, Math.floor(n / NOUNS.length))}-${n}`

export function benchTeam(n: number): Team {
  const name = teamName(n)
  return {
    id: teamId(n),
    name,
    kind: 'business',
    contacts: [`${name}@lumen.example`],
    members: [],
    isKnown: true,
    spellings: [name],
    evidence: [{ file: 'catalog.yaml', line: n + 1, via: 'backstage' }],
  }
}

/** Instants between 2023 and 2026. */
const day = (n: number, salt: number): string =>
  new Date(Date.UTC(2023, 0, 1) + pick(n, salt, 1_100) * 86_400_000).toISOString()

function credentialOf(n: number, index: number): Credential {
  const rotated = pick(n, 20 + index, 4) === 0 ? null : day(n, 30 + index)
  return {
    id: `crd_${hex(n * 2 + index)}`,
    kind: index === 0 ? 'access-key' : 'client-secret',
    name: `key-${index}`,
    createdAt: null,
    rotatedAt: rotated,
    expiresAt: null,
    lastUsedAt: null,
    dates: {
      created: UNKNOWN,
      rotated: rotated ? { state: 'at', at: rotated, raw: rotated } : UNKNOWN,
      expires: UNKNOWN,
      lastUsed: UNKNOWN,
    },
    neverExpires: null,
    isActive: true,
    kept: [{ kind: 'kubernetes-secret', name: `key-${index}` }],
    revocation: null,
    file: `apps/${n % 5_000}/keys.tf`,
    line: 10 + index,
  }
}

function grantOf(n: number, index: number): Grant {
  const isWide = pick(n, 40 + index, 50) === 0
  return {
    permission: isWide ? '*' : `${of(NOUNS, n + index)}:Get`,
    resource: `${of(NOUNS, n)}-store`,
    level: isWide ? 'admin' : 'read',
    isWildcard: isWide,
    environment: null,
    condition: null,
    via: 'policy',
    file: `apps/${n % 5_000}/policy.tf`,
    line: 5 + index,
  }
}

export function benchIdentity(n: number, prefix = ''): Identity {
  const team = pick(n, 1, 10) < 7 ? Math.floor(pick(n, 2, TEAMS * TEAMS) ** 0.5) : null
  const state = team === null ? 'unowned' : pick(n, 3, 8) === 0 ? 'split' : 'claimed'
  const environment = of(ENVIRONMENTS, pick(n, 4, 9))
  const namespace = `${of(NOUNS, pick(n, 5, 24))}-${pick(n, 6, NAMESPACES)}`
  const name = `${prefix}${of(NOUNS, pick(n, 7, 24))}-${of(ROLES, pick(n, 8, 12))}-${n % 100_000}`
  const file = `apps/${n % 5_000}/account.yaml`
  const missing = { answer: null, evidence: [], missing: 'no file that was read says so' }
  return {
    id: `idn_${hex(n)}`,
    kind: of(KINDS, pick(n, 9, 11)),
    name,
    namespace,
    environment,
    isProduction: environment === 'production',
    source: {
      file,
      line: (n % 300) + 1,
      ref: `ServiceAccount ${namespace}/${name}`,
      system: 'kubernetes',
      uid: null,
      isDefined: true,
      also: [],
    },
    accountability: {
      state,
      team: team === null ? null : teamId(team),
      controllers: [],
      claims:
        team === null
          ? []
          : [
              {
                team: teamId(team),
                raw: teamName(team),
                reading: 'team',
                candidates: [],
                via: 'tag',
                key: 'lumen.example/team-name',
                isInherited: true,
                file,
                line: 3,
                confidence: 'high',
              },
            ],
      disagreement:
        state === 'split'
          ? {
              kinds: ['owner-without-power'],
              teams: [],
              names: ['platform'],
              explanation: 'The named team cannot change it.',
            }
          : null,
    },
    questions: { why: missing, function: missing, approver: missing, revocation: missing },
    purpose: pick(n, 10, 3) === 0 ? `keeps the ${of(NOUNS, n)} up to date` : null,
    function: null,
    service: null,
    createdAt: null,
    isThirdParty: false,
    isSuspended: null,
    reviewAfter: UNKNOWN,
    credentials: [credentialOf(n, 0), credentialOf(n, 1)],
    grants: [grantOf(n, 0), grantOf(n, 1)],
    trusts: [],
    uses: [{ kind: 'workload', name, namespace, environment, file, line: 30 }],
    access: null,
    tags: { 'lumen.example/cost': String(n % 97) },
  }
}

/** Words for searches, from the common to the rare. */
export function searches(n: number): string {
  switch (n % 4) {
    case 0:
      return of(NOUNS, n)
    case 1:
      return `${of(NOUNS, n)} ${of(ROLES, n)}`
    case 2:
      return `${of(NOUNS, n)}-${of(ROLES, n * 7)}-${pick(n, 11, 100_000)}`
    default:
      return `${pick(n, 12, 100_000)}`
  }
}
