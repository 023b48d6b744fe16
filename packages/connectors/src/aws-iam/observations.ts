/** An account → observations of its users and roles. */
import type { Escalation } from '@onus/core/access/aws-escalation-ways.ts'
import { accessIn, type Access } from '@onus/core/access/aws-escalation.ts'
import type {
  AccessObserved,
  GrantObserved,
  IdentityObserved,
  IdentityRef,
  Observation,
  ScopeRef,
  Tag,
} from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { READER_TAGS } from '@onus/core/reader-tags.ts'
import { credentialsOf, isRoot, refOf, tagsOf, type ReportRow } from './credential-report.ts'
import type { Directory, Member } from './directory.ts'
import { grantsOf } from './grants.ts'
import { readTrust, type Trusted } from './trusts.ts'

/** The longest explanation of a condition, in characters; chains of roles add theirs up. */
const MAX_CONDITION = 240

/** Everything about the account; `rows` are those of credential reports, by ARN. */
export function* observeAccount(directory: Directory, rows: ReadonlyMap<string, ReportRow>): Generator<Observation> {
  const access = accessIn(directory.account)
  const members = directory.members.filter((member) => !member.principal.isServiceLinked)
  const [first] = members
  if (first) yield accountScope(directory.accountId, first.place)
  for (const member of members) {
    yield* observeMember(member, directory.accountId, access.get(member.principal.arn), rows.get(member.principal.arn))
  }
}

/** Users that only the credential report shows, and the root user while it has keys. */
export function observeReportOnly(rows: readonly ReportRow[]): Observation[] {
  const accounts = new Map(rows.map((row) => [row.accountId, row.place]))
  return [
    ...[...accounts].map(([accountId, place]) => accountScope(accountId, place)),
    ...rows.flatMap((row) => observeRow(row)),
  ]
}

function observeRow(row: ReportRow): Observation[] {
  const ref = refOf(row)
  const created = row.cells['user_creation_time'] ?? ''
  const identity: IdentityObserved = {
    type: 'identity',
    ref,
    kind: 'cloud-principal',
    name: isRoot(row) ? 'root user' : row.user,
    place: row.place,
    nativeRef: row.arn,
    isDefined: true,
    scope: scopeRef(row.accountId),
    tags: tagsOf(row),
    ...(created === '' ? {} : { createdAt: { raw: created, place: row.place } }),
  }
  const all: GrantObserved = {
    type: 'grant',
    identity: ref,
    permission: '*',
    resource: '*',
    level: 'admin',
    isWildcard: true,
    via: 'the root user of the account',
    place: row.place,
  }
  const access: AccessObserved = { type: 'access', identity: ref, admin: 'yes', escalations: [], place: row.place }
  return [identity, ...credentialsOf(row, ref), ...(isRoot(row) ? [all, access] : [])]
}

function scopeRef(accountId: string): ScopeRef {
  return { kind: 'cloud-account', realm: 'aws', name: accountId }
}

function accountScope(accountId: string, place: Place): Observation {
  return { type: 'scope', ref: scopeRef(accountId), place, tags: [], isDefined: true }
}

function observeMember(
  member: Member,
  accountId: string,
  access: Access | undefined,
  row: ReportRow | undefined,
): Observation[] {
  const { principal, place, uid } = member
  const ref: IdentityRef = {
    system: 'aws',
    realm: accountId,
    path: `${principal.kind}/${principal.name}`,
    ...(uid === null ? {} : { uid }),
  }
  const trusted = readTrust(principal.trust, ref, accountId, place)
  return [
    identityOf(member, ref, accountId, trusted, row),
    ...(row ? credentialsOf(row, ref) : []),
    ...federatedOf(member, ref, trusted),
    ...trusted.observations,
    ...grantsOf(member.policies, ref),
    ...member.missing.map((what): GrantObserved => ({
      type: 'grant',
      identity: ref,
      permission: `whatever ${what} allows: it is not in the export`,
      resource: 'unknown',
      level: 'unknown',
      isWildcard: false,
      via: what,
      place,
    })),
    ...(access ? [accessOf(member, ref, access)] : []),
  ]
}

function identityOf(
  member: Member,
  ref: IdentityRef,
  accountId: string,
  trusted: Trusted,
  row: ReportRow | undefined,
): IdentityObserved {
  const { principal, place, tags, createdAt, description } = member
  const isHeldByPeople = trusted.isForPeople || member.path.startsWith('/aws-reserved/sso.amazonaws.com/')
  const facts: Tag[] = [
    ...(isHeldByPeople ? [{ key: READER_TAGS.peopleRole, value: 'true', line: place.line }] : []),
    // The line of a tag is one of the identity's own file, so what the report says is shown at the identity.
    ...(row ? tagsOf(row) : []).map((tag) => ({ ...tag, line: place.line })),
  ]
  return {
    type: 'identity',
    ref,
    kind: 'cloud-principal',
    name: principal.name,
    place,
    nativeRef: principal.arn,
    isDefined: true,
    scope: scopeRef(accountId),
    tags: [...tags.map((tag) => ({ ...tag, line: place.line })), ...facts],
    ...(createdAt === null ? {} : { createdAt: { raw: createdAt, place } }),
    ...(description ? { purpose: description } : {}),
  }
}

/**
 * What a role is assumed with. Where only services or accounts are trusted, the session itself tells when it was last
 * used.
 */
function federatedOf(
  { principal, place, lastUsedAt }: Member,
  identity: IdentityRef,
  { issuers }: Trusted,
): Observation[] {
  if (principal.kind !== 'role') return []
  const names = issuers.length > 0 ? issuers : lastUsedAt === null ? [] : ['role session']
  return names.map((name) => ({
    type: 'credential',
    identity,
    kind: 'federated',
    name,
    kept: [],
    place,
    ...(lastUsedAt === null ? {} : { lastUsedAt: { raw: lastUsedAt, place } }),
  }))
}

/** What is missing can only add power: a no becomes unknown, everything else stands. */
function accessOf({ missing, place }: Member, identity: IdentityRef, { admin, escalations }: Access): AccessObserved {
  return {
    type: 'access',
    identity,
    admin: admin === 'no' && missing.length > 0 ? 'unknown' : admin,
    escalations: escalations.map(({ id, target, permissions, condition }: Escalation) => ({
      path: target === null ? id : `${id} → ${target.slice(target.lastIndexOf(':') + 1)}`,
      permissions,
      ...(condition === null
        ? {}
        : { condition: condition.length > MAX_CONDITION ? `${condition.slice(0, MAX_CONDITION - 1)}…` : condition }),
    })),
    place,
  }
}
