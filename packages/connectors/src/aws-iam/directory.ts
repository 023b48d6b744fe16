/** All records of AWS accounts, from however many files, in the form in which the core judges access. */
import { contextOf, type AwsAccount, type AwsPrincipal } from '@onus/core/access/aws-account.ts'
import { readPolicy, type Statement } from '@onus/core/access/aws-policy.ts'
import type { Place } from '@onus/core/place.ts'
import { isRecord, textOf } from '../ci/scalars.ts'
import { AWS_POLICIES } from './aws-policies.ts'
import type { ListName } from './records.ts'

/** One parsed record. Its value is dropped once it is added, so that a large export is never in memory as a whole. */
export type AwsRecord = {
  list: ListName
  value: Record<string, unknown>
  arn: string
  place: Place
  /** Where a text first stands in the record, quoted as in JSON; the record's own place when it does not. */
  find(text: string): Place
}

/** A policy that counts for a principal, with what it came through. */
export type Attached = { via: string; statements: Statement[]; place: Place }

/** A user, role or group with everything that its observations need. */
export type Member = {
  principal: AwsPrincipal
  place: Place
  uid: string | null
  createdAt: string | null
  lastUsedAt: string | null
  description: string | null
  path: string
  policies: Attached[]
  /** Policies and groups that the export mentions and lacks: the power is at least what is known. */
  missing: string[]
  tags: { key: string; value: string }[]
}

type Policy = { statements: Statement[]; place: Place }

/** The shape of a policy ARN that AWS keeps and every account shares. */
const OF_AWS = /^arn:[^:]+:iam::aws:policy\//

/** `arn:aws:iam::111122223333:role/x` → the account; '' when the ARN has none, as those of AWS itself. */
export function accountIdOf(arn: string): string {
  return /^arn:[^:]*:iam::(\d{12}):/.exec(arn)?.[1] ?? ''
}

/** The policies that AWS keeps, shared by all accounts of a scan. */
export class AwsPolicies {
  readonly #byArn = new Map<string, Policy>()

  add(arn: string, policy: Policy): void {
    this.#byArn.set(arn, policy)
  }

  /** From the export, else the few that are known without one; null for the rest. */
  find(arn: string, place: Place): Policy | null {
    const statements = OF_AWS.test(arn) ? AWS_POLICIES.get(arn.replace(OF_AWS, '')) : undefined
    return this.#byArn.get(arn) ?? (statements ? { statements, place } : null)
  }
}

const KINDS = { UserDetailList: 'user', RoleDetailList: 'role', GroupDetailList: 'group' } as const
const INLINE = { user: 'UserPolicyList', role: 'RolePolicyList', group: 'GroupPolicyList' } as const
const NAMES = { user: 'UserName', role: 'RoleName', group: 'GroupName' } as const
const UIDS = { user: 'UserId', role: 'RoleId', group: 'GroupId' } as const

/** One account while its records come in: policies first, then groups, then users and roles. */
export class Directory {
  readonly accountId: string
  readonly members: Member[] = []
  readonly problems: { place: Place; reason: string }[] = []
  readonly #policies = new Map<string, Policy>()
  readonly #otherVersions = new Map<string, Statement[][]>()
  readonly #groups = new Map<string, Member>()
  readonly #ofAws: AwsPolicies

  constructor(accountId: string, ofAws: AwsPolicies) {
    this.accountId = accountId
    this.#ofAws = ofAws
  }

  /** The account with everyone in it, for the judgement of access. */
  get account(): AwsAccount {
    const principals = [...this.members, ...this.#groups.values()].map((member) => member.principal)
    return { id: this.accountId, principals, otherVersions: this.#otherVersions }
  }

  add(record: AwsRecord): void {
    if (record.list === 'Policies') this.#addPolicy(record)
    else {
      const member = this.#memberOf(record, KINDS[record.list])
      if (member.principal.kind === 'group') this.#groups.set(member.principal.name, member)
      else this.members.push(member)
    }
  }

  #addPolicy({ value, arn, place }: AwsRecord): void {
    const standard = textOf(value['DefaultVersionId'])
    const others: Statement[][] = []
    for (const version of recordsOf(value['PolicyVersionList'])) {
      const isDefault = version['IsDefaultVersion'] === true || textOf(version['VersionId']) === standard
      // Older versions of AWS's policies cannot be chosen.
      if (!isDefault && OF_AWS.test(arn)) continue
      const statements = this.#read(version['Document'], `policy ${arn}`, place)
      if (!isDefault) others.push(statements)
      else if (OF_AWS.test(arn)) this.#ofAws.add(arn, { statements, place })
      else this.#policies.set(arn, { statements, place })
    }
    if (others.length > 0) this.#otherVersions.set(arn, others)
  }

  #read(document: unknown, what: string, place: Place): Statement[] {
    const { statements, problems } = readPolicy(document)
    for (const problem of problems) this.problems.push({ place, reason: `${what}: ${problem}` })
    return statements
  }

  #policy(arn: string, place: Place): Policy | null {
    return this.#policies.get(arn) ?? this.#ofAws.find(arn, place)
  }

  #memberOf(record: AwsRecord, kind: AwsPrincipal['kind']): Member {
    const { value, arn, place } = record
    const name = textOf(value[NAMES[kind]]) ?? arn.slice(arn.lastIndexOf('/') + 1)
    const path = textOf(value['Path']) ?? '/'
    const tags = recordsOf(value['Tags']).map((tag) => ({
      key: textOf(tag['Key']) ?? '',
      value: textOf(tag['Value']) ?? '',
    }))
    const missing: string[] = []
    const groups = this.#groupsOf(value, missing)
    const inherited = groups.flatMap((group) =>
      group.policies.map((policy) => ({ ...policy, via: `group ${group.principal.name}: ${policy.via}` })),
    )
    const policies = [...this.#inlineOf(record, kind, name), ...this.#attachedOf(value, missing, place), ...inherited]
    const principal: AwsPrincipal = {
      kind,
      arn,
      name,
      groups: groups.map((group) => group.principal.arn),
      policies: [...attachedArns(value), ...groups.flatMap((group) => group.principal.policies)],
      trust:
        kind === 'role' ? this.#read(value['AssumeRolePolicyDocument'], `trust policy of role ${name}`, place) : [],
      isServiceLinked: path.startsWith('/aws-service-role/'),
      power: {
        statements: policies.flatMap((policy) => policy.statements),
        boundary: this.#boundaryOf(value, place),
        context: contextOf(
          { kind, arn, name },
          this.accountId,
          tags.map((tag) => [tag.key, tag.value]),
        ),
      },
    }
    const lastUsed = value['RoleLastUsed']
    return {
      principal,
      place,
      path,
      policies,
      missing,
      tags,
      uid: textOf(value[UIDS[kind]]),
      createdAt: textOf(value['CreateDate']),
      lastUsedAt: isRecord(lastUsed) ? textOf(lastUsed['LastUsedDate']) : null,
      description: textOf(value['Description']),
    }
  }

  #inlineOf({ value, find }: AwsRecord, kind: AwsPrincipal['kind'], name: string): Attached[] {
    return recordsOf(value[INLINE[kind]]).map((policy) => {
      const policyName = textOf(policy['PolicyName']) ?? ''
      const via = `inline policy ${policyName}`
      const place = find(policyName)
      return { via, statements: this.#read(policy['PolicyDocument'], `${via} of ${kind} ${name}`, place), place }
    })
  }

  #attachedOf(value: Record<string, unknown>, missing: string[], place: Place): Attached[] {
    return attachedArns(value).flatMap((arn) => {
      const via = `policy ${arn.slice(arn.lastIndexOf('/') + 1)}`
      const found = this.#policy(arn, place)
      if (found === null) missing.push(via)
      return found ? [{ via, ...found }] : []
    })
  }

  #groupsOf(value: Record<string, unknown>, missing: string[]): Member[] {
    const given = value['GroupList']
    const names = Array.isArray(given) ? (given as unknown[]).map(textOf).filter((name) => name !== null) : []
    return names.flatMap((name) => {
      const group = this.#groups.get(name)
      missing.push(...(group ? group.missing : [`group ${name}`]))
      return group ? [group] : []
    })
  }

  #boundaryOf(value: Record<string, unknown>, place: Place): AwsPrincipal['power']['boundary'] {
    const boundary = value['PermissionsBoundary']
    if (!isRecord(boundary)) return null
    return this.#policy(textOf(boundary['PermissionsBoundaryArn']) ?? '', place)?.statements ?? 'unknown'
  }
}

function attachedArns(value: Record<string, unknown>): string[] {
  return recordsOf(value['AttachedManagedPolicies']).map((policy) => textOf(policy['PolicyArn']) ?? '')
}

function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? (value as unknown[]).filter(isRecord) : []
}
