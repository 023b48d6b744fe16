import type { Identity, Use } from '../../identity.ts'
import { FINE, type IdentityRule, type Judgement } from '../rule.ts'
import { inPlace } from '../severity.ts'
import { nameOf, placeOf, quoteSome } from '../wording.ts'

/**
 * A Deployment with its CronJobs and migration Jobs is one application and may share an account; two applications in
 * one namespace are often one by another name. Three in one namespace, or any two namespaces, are no accident.
 */
const APPLICATIONS_AT_LEAST = 3

/** Medium: what one of them leaks opens all, and nobody can narrow or revoke the identity for one alone. */
export const manyWorkloads: IdentityRule = {
  id: 'many-workloads',
  about: 'identity',
  title: 'One identity for many workloads',
  severity: 'medium',
  needs: ['which workloads use it'],
  fix: 'Give each application an identity of its own, and move the grants it needs there.',
  maps: { owaspNhi: ['NHI9:2025'], csf: ['PR.AA-01', 'PR.AA-05'] },
  judge: (identity) => {
    if (isDefaultAccount(identity) || identity.kind === 'ci-workload') return FINE // their own rules speak of them
    const uses = identity.uses.filter((use) => use.kind !== 'workflow') // a workflow is made to be called by many
    if (uses.length === 0) return [unseen(identity)]
    if (uses.length === 1) return FINE
    const applications = applicationsOf(uses)
    const namespaces = new Set(uses.flatMap((use) => use.namespace ?? []))
    if (applications.length < APPLICATIONS_AT_LEAST && namespaces.size < 2) return FINE
    const where = namespaces.size > 1 ? ` in ${namespaces.size} namespaces` : ''
    return [
      {
        verdict: 'fail',
        title: `${applications.length} applications${where} share ${nameOf(identity)}`,
        detail: `${quoteSome(applications, 10)}${namespaces.size > 1 ? ` (${quoteSome(namespaces)})` : ''}.`,
        evidence: uses,
        severity: inPlace('medium', identity),
      },
    ]
  },
}

function isDefaultAccount(identity: Identity): boolean {
  return identity.name === 'default' && identity.source.system === 'kubernetes'
}

function unseen(identity: Identity): Judgement {
  return {
    verdict: 'unknown',
    title: `Who uses ${nameOf(identity)} is not known`,
    missing: 'Nothing that was read shows which workloads use it.',
    evidence: [placeOf(identity)],
  }
}

/**
 * `deployment/ledger`, `job/ledger-migrate` and `cronjob/ledger-cleanup` are one application: a name that continues
 * another belongs to it, whatever its kind.
 */
function applicationsOf(uses: readonly Use[]): string[] {
  const nameOnly = (name: string): string => name.slice(name.indexOf('/') + 1)
  const names = [...new Set(uses.map((use) => `${use.namespace ?? ''}/${nameOnly(use.name)}`))].sort()
  const roots: string[] = []
  for (const name of names) {
    if (!roots.some((root) => name === root || name.startsWith(`${root}-`) || name.startsWith(`${root}_`)))
      roots.push(name)
  }
  return [...new Set(roots.map((root) => root.slice(root.indexOf('/') + 1)))]
}
