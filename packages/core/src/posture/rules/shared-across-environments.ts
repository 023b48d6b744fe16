import { environmentOfPath, readEnvironment } from '../../environment.ts'
import type { Identity } from '../../identity.ts'
import { FINE, type IdentityRule } from '../rule.ts'
import { lowered } from '../severity.ts'
import { nameOf, quoteSome } from '../wording.ts'

/** High with production among them: a leak in the weakest environment opens it. One step lower otherwise. */
export const sharedAcrossEnvironments: IdentityRule = {
  id: 'shared-across-environments',
  about: 'identity',
  title: 'One identity in several environments',
  severity: 'high',
  needs: ['which workloads and pipelines use it, and the environment of each'],
  fix: 'Make one identity for each environment, with credentials of its own.',
  maps: { owaspNhi: ['NHI8:2025', 'NHI9:2025'], csf: ['PR.AA-01', 'PR.IR-01'] },
  judge: (identity) => {
    if ((identity.uses.length === 0 && identity.trusts.length === 0) || identity.environment === 'shared') return FINE
    const environments = environmentsOf(identity)
    if (environments.size > 1) {
      const users = [...identity.uses.map((use) => use.name), ...identity.trusts.flatMap((trust) => trust.subjects)]
      return [
        {
          verdict: 'fail',
          title: `${nameOf(identity)} is used in several environments: ${quoteSome(environments)}`,
          detail: `Used by ${quoteSome(users)}.`,
          evidence: [...identity.uses, ...identity.trusts],
          severity: environments.has('production') ? 'high' : lowered('high'),
        },
      ]
    }
    // Several users of unplaced environments may or may not mix them; a single one cannot.
    const unplaced = identity.uses.filter((use) => use.environment === null)
    if (unplaced.length === 0 || identity.uses.length === 1 || identity.namespace !== null) return FINE
    return [
      {
        verdict: 'unknown',
        title: `Whether ${nameOf(identity)} is shared between environments is not known`,
        missing: `The environment of ${quoteSome(unplaced.map((use) => use.name))} is not known.`,
        evidence: unplaced,
      },
    ]
  },
}

function environmentsOf(identity: Identity): Set<string> {
  const environments = new Set<string>()
  for (const use of identity.uses) if (use.environment !== null) environments.add(use.environment)
  for (const { subjects } of identity.trusts) {
    for (const subject of subjects) {
      const environment = environmentOfSubject(subject)
      if (environment !== null) environments.add(environment)
    }
  }
  environments.delete('shared')
  // Its own environment counts when it was classified; a workload elsewhere then means two.
  if (environments.size > 0 && identity.environment !== null) environments.add(identity.environment)
  return environments
}

/** Only words that mean the same in every company: the company's own are not part of what a rule may look at. */
const COMMON_WORDS = { environments: {} }

/** A subject may name the deployment environment of a pipeline, or the namespace of a workload, which often names one. */
function environmentOfSubject(subject: string): string | null {
  const deployment = /:environment:([^:*?]+)/.exec(subject)?.[1]
  if (deployment !== undefined) return readEnvironment(deployment, COMMON_WORDS).environment
  const namespace = /^system:serviceaccount:([^:*?]+):/.exec(subject)?.[1]
  return namespace === undefined ? null : (environmentOfPath(namespace, COMMON_WORDS)?.environment ?? null)
}
