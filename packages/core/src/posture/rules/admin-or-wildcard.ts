import type { Access, Grant, Identity } from '../../identity.ts'
import { FINE, type IdentityRule, type Judgement } from '../rule.ts'
import type { Severity } from '../../finding.ts'
import { inPlace, lowered } from '../severity.ts'
import { grantText, nameOf, placeOf, quoteSome } from '../wording.ts'

/**
 * High; critical where everything adds up to administrator of the whole account or cluster. A wildcard that only reads,
 * or that stays within one named resource, is medium. A condition on every one of the grants takes one step off.
 */
export const adminOrWildcard: IdentityRule = {
  id: 'admin-or-wildcard',
  about: 'identity',
  title: 'It holds administrator or wildcard rights',
  severity: 'high',
  needs: ['its grants, with the roles and policies behind them'],
  fix: 'Replace the administrator or wildcard rights with the operations it uses.',
  maps: { owaspNhi: ['NHI5:2025'], csf: ['PR.AA-05'] },
  judge: (identity) => {
    const { access, grants } = identity
    if (access?.admin === 'yes' || access?.admin === 'conditional') return [administrator(identity, access)]
    const broad = grants.filter((grant) => grant.level === 'admin' || grant.isWildcard)
    if (broad.length > 0) return [broadGrants(identity, broad)]
    const unread = grants.filter((grant) => grant.level === 'unknown')
    if (access?.admin !== 'unknown' && unread.length === 0) return FINE
    return [
      {
        verdict: 'unknown',
        title: `Whether ${nameOf(identity)} holds administrator rights is not known`,
        missing:
          unread.length > 0
            ? `What these allow was not read: ${quoteSome(unread.map((grant) => grant.permission))}.`
            : 'Not all of its roles or policies were read.',
        evidence: unread.length > 0 ? unread : [placeOf(identity)],
      },
    ]
  },
}

function administrator(identity: Identity, access: Access): Judgement {
  const isConditional = access.admin === 'conditional'
  return {
    verdict: 'fail',
    title: `${nameOf(identity)} is an administrator`,
    detail: `All its grants together allow everything${isConditional ? ', under conditions' : ''}.`,
    evidence: [access, ...identity.grants.filter((grant) => grant.level === 'admin' || grant.isWildcard)],
    severity: inPlace(isConditional ? 'high' : 'critical', identity),
  }
}

/** Resources by which sources say that a grant is not limited. */
const EVERYTHING: ReadonlySet<string> = new Set(['*', 'cluster', ''])

function broadGrants(identity: Identity, broad: readonly Grant[]): Judgement {
  const isAdmin = broad.some((grant) => grant.level === 'admin')
  const changesEverything = broad.some((grant) => grant.level !== 'read' && EVERYTHING.has(grant.resource))
  const base: Severity = isAdmin || changesEverything ? 'high' : 'medium'
  const shown = quoteSome(broad.map(grantText))
  const isAlwaysConditional = broad.every((grant) => grant.condition !== null)
  return {
    verdict: 'fail',
    title: `${nameOf(identity)} holds ${isAdmin ? 'administrator' : 'wildcard'} rights`,
    detail: `${shown}${isAlwaysConditional ? ', all under conditions' : ''}.`,
    evidence: broad,
    severity: inPlace(isAlwaysConditional ? lowered(base) : base, identity),
  }
}
