/** What the policies that a directory gives to an identity add up to. Others may be attached elsewhere. */
import { escalationsOfDocument } from '@onus/core/access/aws-document-escalation.ts'
import { readPolicy, type Statement as CoreStatement } from '@onus/core/access/aws-policy.ts'
import type { AccessObserved, IdentityRef } from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { AWS_POLICIES } from '../aws-iam/aws-policies.ts'
import type { Statement } from './aws-statements.ts'
import type { Draft } from './draft.ts'

export type AwsPower = {
  identity: IdentityRef
  statements: Statement[]
  managed: { name: string; place: Place }[]
  /** It has a permissions boundary, which may take away anything. */
  isBounded: boolean
}

/** Adding up takes time for each escalation path and statement; a longer list is generated and told by its grants. */
const MAX_STATEMENTS = 300

/** Everything that was seen to be attached to the identity so far. */
export function powerOf(draft: Draft, identity: IdentityRef): AwsPower {
  const key = JSON.stringify([identity.system, identity.realm, identity.path])
  const known = draft.powers.get(key)
  if (known) return known
  const power: AwsPower = { identity, statements: [], managed: [], isBounded: false }
  draft.powers.set(key, power)
  return power
}

/**
 * An observation only where there is something to say: a right to everything, or ways to raise one's own rights that no
 * resource and no condition narrows. "No" is never said, because the directory may not show every policy.
 */
export function observeAccess(draft: Draft): void {
  for (const power of draft.powers.values()) {
    const statements = statementsOf(power)
    const admin = adminOf(power)
    const escalations =
      admin === 'yes' ? [] : escalationsOfDocument(statements).filter((way) => way.verdict === 'allowed')
    if (admin === 'unknown' && escalations.length === 0) continue
    draft.add({
      type: 'access',
      identity: power.identity,
      admin,
      place: power.statements[0]?.place ?? power.managed[0]?.place ?? { file: draft.directory, line: 1 },
      escalations: escalations.map(({ id, permissions }) => ({
        path: id,
        permissions,
        ...(power.isBounded ? { condition: 'its permissions boundary allows it too' } : {}),
      })),
    })
  }
}

function adminOf({ statements, managed, isBounded }: AwsPower): AccessObserved['admin'] {
  const everything = statements.filter(
    (one) =>
      one.isAllow &&
      !one.isNotResource &&
      one.actions.some((action) => /^\*(?::\*)?$/.test(action)) &&
      one.resources.includes('*'),
  )
  const isCertain =
    managed.some((one) => one.name === 'AdministratorAccess') || everything.some((one) => one.conditions.length === 0)
  if (!isCertain && everything.length === 0) return 'unknown'
  return isCertain && !isBounded && statements.every((one) => one.isAllow) ? 'yes' : 'conditional'
}

function statementsOf({ statements, managed }: AwsPower): CoreStatement[] {
  const written = readPolicy({ Statement: statements.slice(0, MAX_STATEMENTS).map(toPolicy) }).statements
  return [...written, ...managed.flatMap(({ name }) => AWS_POLICIES.get(name) ?? [])]
}

function toPolicy(statement: Statement): Record<string, unknown> {
  const conditions: Record<string, Record<string, string[]>> = {}
  for (const { test, variable, values } of statement.conditions)
    conditions[test] = { ...conditions[test], [variable]: values }
  return {
    Effect: statement.isAllow ? 'Allow' : 'Deny',
    ...(statement.notActions.length > 0 ? { NotAction: statement.notActions } : { Action: statement.actions }),
    [statement.isNotResource ? 'NotResource' : 'Resource']: statement.resources,
    Condition: conditions,
  }
}
