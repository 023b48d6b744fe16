import { ofMention } from '../mention.ts'
import { FINE, type IdentityRule } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { counted, nameOf, nameOfScope, placeOf } from '../wording.ts'

/**
 * Medium: without the business function nobody can say what stops when it is revoked. What lives in a namespace serves
 * what the namespace serves, so the gap is reported there, once; repositories and accounts hold many functions and are
 * not asked.
 */
export const noFunction: IdentityRule = {
  id: 'no-function',
  about: 'identity',
  title: 'No business function is named',
  severity: 'medium',
  needs: ['its definition', 'a catalog entry or tag that names the business function or the service'],
  fix: 'Name the business function it serves, in a tag or through its service in the catalog.',
  maps: { owaspNhi: ['NHI1:2025'], csf: ['ID.AM-05', 'GV.OC-04'] },
  judge: (identity) => {
    if (identity.function !== null || identity.namespace !== null) return FINE
    const evidence = [placeOf(identity)]
    if (!identity.source.isDefined)
      return ofMention(identity, `Which business function depends on ${nameOf(identity)} is not known`)
    const detail =
      identity.service === null
        ? 'Neither a tag nor a catalog entry names a business function or a service for it.'
        : 'Its service is known, but the catalog does not say which business function the service belongs to.'
    const title = `Which business function depends on ${nameOf(identity)} is not stated`
    return [{ verdict: 'fail', title, detail, evidence, severity: inPlace('medium', identity) }]
  },
  judgeScope: (scope) => {
    if (scope.function !== null || scope.kind !== 'kubernetes-namespace') return FINE
    const title = `Which business function depends on ${nameOfScope(scope)} is not stated`
    const evidence = [placeOf(scope)]
    if (!scope.source.isDefined) return ofMention(scope, title)
    const detail = `Neither a tag nor a catalog entry names one; it holds ${counted(scope.identityCount, 'machine identity', 'machine identities')}.`
    return [{ verdict: 'fail', title, detail, evidence, severity: inPlace('medium', scope) }]
  },
}
