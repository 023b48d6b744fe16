import { ofMention } from '../mention.ts'
import { FINE, type IdentityRule } from '../rule.ts'
import { nameOf, nameOfScope, placeOf } from '../wording.ts'

/**
 * Low. Inside a namespace the gap is the namespace's and reported there. Pipelines are not asked: one pipeline serves
 * several environments by design, and what it reaches is judged by its grants. Repositories, accounts and directories
 * are not asked either; what lives in them is.
 */
export const environmentUnknown: IdentityRule = {
  id: 'environment-unknown',
  about: 'identity',
  title: 'Its environment is not known',
  severity: 'low',
  needs: ['its definition'],
  fix: 'Label it with its environment, or map the company’s word under `environments` in the conventions file.',
  maps: { owaspNhi: ['NHI8:2025'], csf: ['ID.AM-08', 'PR.IR-01'] },
  judge: (identity) => {
    if (identity.environment !== null || identity.namespace !== null || identity.kind === 'ci-workload') return FINE
    const title = `The environment of ${nameOf(identity)} is not known`
    const evidence = [placeOf(identity)]
    if (!identity.source.isDefined) return ofMention(identity, title)
    return [{ verdict: 'fail', title, detail: 'No tag, name or path says which environment it belongs to.', evidence }]
  },
  judgeScope: (scope) => {
    if (scope.environment !== null || scope.kind !== 'kubernetes-namespace') return FINE
    const title = `The environment of ${nameOfScope(scope)} is not known`
    const evidence = [placeOf(scope)]
    if (!scope.source.isDefined) return ofMention(scope, title)
    return [
      { verdict: 'fail', title, detail: 'No label, name or path says which environment it belongs to.', evidence },
    ]
  },
}
