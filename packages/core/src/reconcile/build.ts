/** The records of the report, from joined subjects. */
import { stableId } from '../ids.ts'
import type { Accountability, Credential, Identity, KnownDate, Questions } from '../identity.ts'
import type { CredentialObserved, RawDate } from '../observation.ts'
import type { OwnedScope } from '../owned-scope.ts'
import type { Place } from '../place.ts'
import { readDate } from '../time.ts'
import type { Accountabilities } from './accountabilities.ts'
import { meantBySubject, type Catalog } from './catalog.ts'
import { environmentFrom, environmentOfGrant, environmentOfSubject } from './environments.ts'
import type { ReconcileOptions } from './index.ts'
import { secretName } from './pipelines.ts'
import { meantOf, type MeantAt, type Scope, type Scopes } from './scopes.ts'
import type { Subject } from './subjects.ts'

type World = { scopes: Scopes; catalog: Catalog; accountabilities: Accountabilities; options: ReconcileOptions }

export function buildScope(scope: Scope, identityCount: number, world: Omit<World, 'scopes'>): OwnedScope {
  const service = world.catalog.serviceIdOf(scope.meant, world.catalog.serviceOfScope(scope))
  return {
    id: scope.id,
    kind: scope.ref.kind,
    name: scope.name,
    ...environmentFrom([scope.meant], [scope.name], scope.home, world.options),
    accountability: world.accountabilities.ofScope(scope),
    function: world.catalog.functionOf(scope.meant, service)?.id ?? null,
    repositoryUrl: meantOf(scope.meant, 'source-code')?.value ?? null,
    reviewAfter: dateMeant(scope.meant, 'review-after', world.options),
    identityCount,
    source: { ...scope.place, isDefined: scope.isDefined },
    tags: scope.tags,
  }
}

export function buildIdentity(subject: Subject, world: World): Identity {
  const { options } = world
  // A subject is made from an observation, so there is a first.
  const [main, ...others] = subject.observed as [Subject['observed'][number], ...Subject['observed']]
  const own = meantBySubject(subject, options)
  const inherited = subject.scope?.meant ?? []
  const meant = [...own, ...inherited]
  const id = stableId('idn', subject.ref.system, subject.ref.realm, subject.ref.path, subject.ref.uid ?? '')
  const accountability = world.accountabilities.ofSubject(subject)
  const service = world.catalog.serviceIdOf(meant, world.catalog.serviceOfSubject(subject))
  const fn = world.catalog.functionOf(meant, service)
  const credentials = buildCredentials(id, subject.credentials, options)
  const declared = subject.declared.find((one) => one.purpose)
  const stated = declared ?? subject.observed.find((one) => one.purpose)
  const purposeTag = meantOf(own, 'purpose')
  const purpose = stated?.purpose ?? purposeTag?.value ?? null
  const purposeEvidence = stated?.purpose
    ? [stated.place]
    : purposeTag
      ? [{ file: purposeTag.file, line: purposeTag.line }]
      : []
  const created = subject.observed.find((one) => one.createdAt)?.createdAt
  return {
    id,
    kind: main.kind,
    name: main.name,
    namespace: subject.scope?.ref.kind === 'kubernetes-namespace' ? subject.scope.name : null,
    ...environmentOfSubject(subject, [own, inherited], world),
    source: {
      ...main.place,
      ref: main.nativeRef,
      system: subject.nativeSystem,
      uid: subject.ref.uid ?? null,
      isDefined: subject.observed.some((one) => one.isDefined),
      also: others.map((one) => one.place),
    },
    accountability,
    questions: answerQuestions({ purpose, purposeEvidence, fn, accountability, credentials, meant }),
    purpose,
    function: fn?.id ?? null,
    service,
    createdAt: instantOf(knownDate(created, options)),
    isThirdParty:
      subject.observed.some((one) => one.isThirdParty) ||
      (meantOf(own, 'third-party') !== undefined && meantOf(own, 'third-party')?.value !== 'false'),
    isSuspended: subject.observed.find((one) => one.isSuspended !== undefined)?.isSuspended ?? null,
    reviewAfter: dateMeant(meant, 'review-after', options),
    credentials,
    grants: subject.grants.map((one) => ({
      permission: one.permission,
      resource: one.resource,
      level: one.level,
      isWildcard: one.isWildcard,
      environment: environmentOfGrant(one, world),
      condition: one.condition ?? null,
      via: one.via,
      ...one.place,
    })),
    trusts: subject.trusts.map((one) => ({
      issuer: one.issuer,
      audiences: one.audiences,
      subjects: one.subjects,
      ...one.place,
    })),
    uses: subject.uses.map((one) => ({
      kind: one.by.kind,
      name: one.by.name,
      namespace: one.by.namespace,
      environment: one.by.environment ?? null,
      ...one.place,
    })),
    access: joinAccess(subject.access),
    tags: Object.fromEntries(subject.observed.flatMap((one) => one.tags.map((tag) => [tag.key, tag.value] as const))),
  }
}

function joinAccess(seen: Subject['access']): Identity['access'] {
  const first = seen[0]
  if (!first) return null
  const order = ['yes', 'conditional', 'unknown', 'no'] as const
  const escalations = new Map(
    seen.flatMap((one) =>
      one.escalations.map(
        (way) => [`${way.path}\n${way.permissions.join()}`, { ...way, condition: way.condition ?? null }] as const,
      ),
    ),
  )
  return {
    admin: order.find((level) => seen.some((one) => one.admin === level)) ?? 'unknown',
    escalations: [...escalations.values()],
    ...first.place,
  }
}

function buildCredentials(
  identity: string,
  seen: readonly CredentialObserved[],
  options: ReconcileOptions,
): Credential[] {
  const byName = new Map<string, CredentialObserved[]>()
  const users = seen.filter((one) => one.kept.some(isSecretOfUser))
  for (const one of seen) {
    const main = users.length > 0 && one.kind === 'ci-secret' ? (userOf(one, users) ?? one) : one
    const key = `${main.kind}\n${main.name}`
    const group = byName.get(key) ?? []
    byName.set(key, group)
    // What uses it knows what it is for; who keeps it adds where and since when.
    if (main === one) group.unshift(one)
    else group.push(one)
  }
  return [...byName.values()].map((group) => buildCredential(identity, group, options))
}

/** A workflow names a secret by its name alone; whoever sets it also names the repository. */
function isSecretOfUser(kept: CredentialObserved['kept'][number]): boolean {
  return kept.kind === 'github-secret' && !kept.name.includes(':')
}

/** The credential of a workflow that is kept as the secret which another source sets. */
function userOf(set: CredentialObserved, users: readonly CredentialObserved[]): CredentialObserved | undefined {
  const names = set.kept
    .filter((one) => one.kind === 'github-secret' && !isSecretOfUser(one))
    .map((one) => secretName(one.name))
  return users.find((user) => user.kept.some((one) => isSecretOfUser(one) && names.includes(secretName(one.name))))
}

function buildCredential(
  identity: string,
  group: readonly CredentialObserved[],
  options: ReconcileOptions,
): Credential {
  const main = group[0] as CredentialObserved // groups are made from their members
  const pick = (field: 'createdAt' | 'rotatedAt' | 'expiresAt' | 'lastUsedAt'): KnownDate => {
    const read = group.flatMap((one) => (one[field] ? [knownDate(one[field], options)] : []))
    return read.find((date) => date.state === 'at') ?? read[0] ?? { state: 'unknown' }
  }
  const dates = {
    created: pick('createdAt'),
    rotated: pick('rotatedAt'),
    expires: pick('expiresAt'),
    lastUsed: pick('lastUsedAt'),
  }
  const all = group.flatMap((one) => one.kept)
  const set = new Set(all.filter((one) => !isSecretOfUser(one)).map((one) => secretName(one.name)))
  const kept = new Map(
    all
      .filter((one) => !isSecretOfUser(one) || !set.has(secretName(one.name)))
      .map((place) => [`${place.kind} ${place.name}`, place] as const),
  )
  return {
    id: stableId('crd', identity, main.kind, main.name),
    kind: main.kind,
    name: main.name,
    createdAt: instantOf(dates.created),
    rotatedAt: instantOf(dates.rotated),
    expiresAt: instantOf(dates.expires),
    lastUsedAt: instantOf(dates.lastUsed),
    dates,
    neverExpires:
      group.find((one) => one.neverExpires !== undefined)?.neverExpires ??
      (dates.expires.state === 'never' ? true : dates.expires.state === 'at' ? false : null),
    isActive: group.find((one) => one.isActive !== undefined)?.isActive ?? null,
    kept: [...kept.values()],
    revocation: group.find((one) => one.revocation)?.revocation ?? null,
    ...main.place,
  }
}

function knownDate(raw: RawDate | undefined, options: ReconcileOptions): KnownDate {
  return raw === undefined
    ? { state: 'unknown' }
    : readDate(raw.raw, { order: options.conventions.dateOrder, asOf: options.asOf })
}

function dateMeant(meant: readonly MeantAt[], meaning: 'review-after', options: ReconcileOptions): KnownDate {
  const stated = meantOf(meant, meaning)
  return stated
    ? readDate(stated.value, { order: options.conventions.dateOrder, asOf: options.asOf })
    : { state: 'unknown' }
}

function instantOf(date: KnownDate): string | null {
  return date.state === 'at' ? date.at : null
}

function answerQuestions(known: {
  purpose: string | null
  purposeEvidence: Place[]
  fn: { name: string; evidence: Place[] } | null
  accountability: Accountability
  credentials: readonly Credential[]
  meant: readonly MeantAt[]
}): Questions {
  const approvers = known.accountability.controllers.filter((one) => one.power === 'approve')
  const administrators = known.accountability.controllers.filter((one) => one.power === 'admin')
  const deciding = approvers.length > 0 ? approvers : administrators
  const names = [...new Set(deciding.map((one) => one.raw))]
  const tagged = meantOf(known.meant, 'revocation')
  const revocable = known.credentials.filter((one) => one.revocation !== null)
  return {
    why:
      known.purpose !== null
        ? { answer: known.purpose, evidence: known.purposeEvidence, missing: null }
        : { answer: null, evidence: [], missing: 'Nothing states why it exists.' },
    function:
      known.fn !== null
        ? { answer: known.fn.name, evidence: known.fn.evidence, missing: null }
        : { answer: null, evidence: [], missing: 'No business function is named.' },
    approver:
      names.length > 0
        ? {
            answer: `${names.join(', ')} (${approvers.length > 0 ? 'approves changes of its definition' : 'administers it'})`,
            evidence: deciding.map(({ file, line }) => ({ file, line })),
            missing: null,
          }
        : {
            answer: null,
            evidence: [],
            missing: 'No CODEOWNERS rule or administrator binding shows who approves a change of its scopes.',
          },
    revocation: tagged
      ? { answer: tagged.value, evidence: [{ file: tagged.file, line: tagged.line }], missing: null }
      : revocable.length > 0
        ? {
            answer: [...new Set(revocable.map((one) => one.revocation))].join('; '),
            evidence: revocable.map(({ file, line }) => ({ file, line })),
            missing: null,
          }
        : { answer: null, evidence: [], missing: 'No revocation path is stated, and no trial of one was seen.' },
  }
}
