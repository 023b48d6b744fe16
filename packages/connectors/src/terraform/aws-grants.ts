/** AWS policies and what attaches them, as grants. */
import { actionLevel, highestLevel, isWildcardAction } from '@onus/core/access/aws-actions.ts'
import type { IdentityRef } from '@onus/core/observation.ts'
import { powerOf } from './aws-access.ts'
import { managedPolicy } from './aws-managed.ts'
import { conditionText, statementsOf, type Statement } from './aws-statements.ts'
import type { Draft, Resource } from './draft.ts'
import { fieldBlocks, fieldShown, type Fields } from './fields.ts'
import { itemsOf, shownText, textOf, type Value } from './value.ts'

export const AWS_USER = { system: 'aws', prefix: 'user/', sources: { 'data.aws_iam_user': 'user_name' } } as const
export const AWS_ROLE = { system: 'aws', prefix: 'role/', sources: { 'data.aws_iam_role': 'name' } } as const

/** Actions and resources that are written out; the rest is counted. */
const SHOWN_ACTIONS = 6
const SHOWN_RESOURCES = 4
/** Statements of one document; generated ones can be longer than anybody reads. */
const MAX_STATEMENTS = 200

/** Grants of one policy document. A document that is not written here is one grant of unknown level, under its name. */
export function grantDocument(draft: Draft, identity: IdentityRef, document: Value | undefined, via: string): void {
  if (!document) return
  const statements = statementsOf(document, draft)
  if (!statements) {
    grantUnknown(draft, identity, document, via)
    return
  }
  for (const statement of statements.slice(0, MAX_STATEMENTS)) grantStatement(draft, identity, statement, via)
  const rest = statements.slice(MAX_STATEMENTS).filter((statement) => statement.isAllow)
  const [first] = rest
  if (!first) return
  const actions = rest.flatMap((statement) => statement.actions)
  draft.add({
    type: 'grant',
    identity,
    permission: `${rest.length} more statements`,
    resource: 'various',
    level: highestLevel(actions.map(actionLevel)),
    isWildcard: actions.some(isWildcardAction),
    via,
    place: first.place,
  })
}

function grantUnknown(draft: Draft, identity: IdentityRef, value: Value, via: string): void {
  const name = value.data.kind === 'unknown' ? value.data.text : 'a policy that is not written here'
  draft.add({
    type: 'grant',
    identity,
    permission: name,
    resource: '',
    level: 'unknown',
    isWildcard: false,
    via,
    place: { file: value.file, line: value.line },
  })
}

/**
 * One grant a service of the statement. A Deny gives nothing; it counts when the statements are added up (`powerOf`).
 */
export function grantStatement(draft: Draft, identity: IdentityRef, statement: Statement, via: string): void {
  powerOf(draft, identity).statements.push(statement)
  if (!statement.isAllow) return
  const condition = conditionText(statement.conditions)
  const common = {
    type: 'grant' as const,
    identity,
    via,
    place: statement.place,
    resource: resourceText(statement),
    ...(condition === null ? {} : { condition }),
  }
  for (const actions of Map.groupBy(new Set(statement.actions), (action) => action.split(':')[0] ?? '').values()) {
    const level = highestLevel(actions.map(actionLevel))
    draft.add({
      ...common,
      permission: shorten(actions, SHOWN_ACTIONS),
      level: isOwn(statement) && level === 'admin' ? 'write' : level,
      isWildcard: actions.some(isWildcardAction),
    })
  }
  if (statement.notActions.length === 0) return
  // NotAction allows every action that is not listed, those of future services included.
  const excludesPower = statement.notActions.some((action) => /^iam:\*$|^\*$/i.test(action))
  draft.add({
    ...common,
    permission: `all but ${shorten(statement.notActions, SHOWN_ACTIONS)}`,
    level: excludesPower ? 'write' : 'admin',
    isWildcard: true,
  })
}

/** Rights over one's own user (a new key, a new password) are no rule over others. */
function isOwn({ resources, isNotResource }: Statement): boolean {
  return (
    !isNotResource &&
    resources.length > 0 &&
    resources.every((resource) => resource.toLowerCase().endsWith('/${aws:username}'))
  )
}

function resourceText(statement: Statement): string {
  const text = shorten(statement.resources, SHOWN_RESOURCES)
  return statement.isNotResource ? `all but ${text}` : text
}

function shorten(items: readonly string[], shown: number): string {
  const rest = items.length - shown
  return rest > 1 ? `${items.slice(0, shown).join(', ')} and ${rest} more` : items.join(', ')
}

/** Attaches the policy an argument names: one of AWS's, one defined here, or one defined elsewhere. */
export function grantPolicy(draft: Draft, identity: IdentityRef, policy: Value | undefined, via: string): void {
  if (!policy) return
  const text = shownText(policy)
  const managed = text === null ? null : managedPolicy(text)
  const place = { file: policy.file, line: policy.line }
  if (managed) {
    powerOf(draft, identity).managed.push({ name: managed.name, place })
    draft.add({
      type: 'grant',
      identity,
      permission: managed.name,
      resource: '*',
      level: managed.level,
      isWildcard: managed.isWildcard,
      via,
      place,
    })
    return
  }
  for (const { address } of policy.refs) {
    const defined = draft.instances.get(address)
    if (defined?.instance.type !== 'aws_iam_policy') continue
    if (address.includes('data.')) break
    grantDocument(draft, identity, defined.fields.value('policy'), `${via} ${address}`)
    return
  }
  const looked = policy.refs.map(({ address }) => draft.instances.get(address)).find((one) => one !== undefined)
  const arn = looked ? (fieldShown(looked.fields, 'arn') ?? fieldShown(looked.fields, 'name')) : null
  const known = arn === null ? null : managedPolicy(arn.startsWith('arn:') ? arn : `arn:aws:iam::aws:policy/${arn}`)
  if (known) powerOf(draft, identity).managed.push({ name: known.name, place })
  draft.add({
    type: 'grant',
    identity,
    permission: known?.name ?? textOf(policy) ?? arn ?? text ?? 'a policy',
    resource: known ? '*' : '',
    level: known?.level ?? 'unknown',
    isWildcard: known?.isWildcard ?? false,
    via,
    place,
  })
}

/** `aws_iam_role_policy_attachment` and its kin: whom, and which. */
export function linkAttachment(argument: 'role' | 'user', policy: 'policy_arn' | 'policy') {
  return ({ fields, draft, address }: Resource): void => {
    const identity = draft.identityOf(fields.value(argument), argument === 'role' ? AWS_ROLE : AWS_USER)
    if (!identity) return
    if (policy === 'policy_arn') grantPolicy(draft, identity, fields.value(policy), address)
    else grantDocument(draft, identity, fields.value(policy), address)
  }
}

/** `aws_iam_policy_attachment`, `aws_iam_role_policy_attachments_exclusive`: many at once. */
export function linkAttachments({ fields, draft, address }: Resource): void {
  const holders = [
    ...itemsOf(fields.value('roles')).map((value) => draft.identityOf(value, AWS_ROLE)),
    ...itemsOf(fields.value('users')).map((value) => draft.identityOf(value, AWS_USER)),
    draft.identityOf(fields.value('role_name'), AWS_ROLE),
    draft.identityOf(fields.value('user_name'), AWS_USER),
  ]
  for (const identity of holders) {
    if (!identity) continue
    grantPolicy(draft, identity, fields.value('policy_arn'), address)
    for (const arn of itemsOf(fields.value('policy_arns'))) grantPolicy(draft, identity, arn, address)
  }
}

/** What a role carries in its own block. */
export function grantOwnPolicies(draft: Draft, identity: IdentityRef, fields: Fields, address: string): void {
  for (const inline of fieldBlocks(fields, 'inline_policy'))
    grantDocument(
      draft,
      identity,
      inline.value('policy'),
      `${address} inline ${fieldShown(inline, 'name') ?? 'policy'}`,
    )
  for (const arn of itemsOf(fields.value('managed_policy_arns'))) grantPolicy(draft, identity, arn, address)
}

/** Users of a group hold what is attached to the group. */
export function linkMembership({ fields, draft, address }: Resource): void {
  const users = [...itemsOf(fields.value('users')), ...itemsOf(fields.value('user'))].flatMap(
    (value) => draft.identityOf(value, AWS_USER) ?? [],
  )
  const groups = [...itemsOf(fields.value('groups')), ...itemsOf(fields.value('group'))]
  for (const group of groups) {
    for (const attachment of groupPolicies(draft, group)) {
      for (const user of users) {
        if (attachment.fields.value('policy_arn'))
          grantPolicy(draft, user, attachment.fields.value('policy_arn'), `${address} ${attachment.address}`)
        else grantDocument(draft, user, attachment.fields.value('policy'), `${address} ${attachment.address}`)
      }
    }
  }
}

function groupPolicies(draft: Draft, group: Value): Resource[] {
  const name = textOf(group)
  const addresses = new Set(group.refs.map((ref) => ref.address))
  return [...draft.instances.values()].filter(({ instance, fields }) => {
    if (instance.type !== 'aws_iam_group_policy_attachment' && instance.type !== 'aws_iam_group_policy') return false
    const holder = fields.value('group')
    return (
      holder !== undefined &&
      (holder.refs.some((ref) => addresses.has(ref.address)) || (name !== null && textOf(holder) === name))
    )
  })
}
