/**
 * Observations → the estate: identities, what can be owned, teams, functions, services, APIs. Pure and repeatable: the
 * same observations in any order give the same estate with the same ids. Nothing here decides; claims stay claims.
 */
import type { Conventions } from '../conventions.ts'
import type { Identity } from '../identity.ts'
import type { Observation } from '../observation.ts'
import type { OwnedScope } from '../owned-scope.ts'
import type { Api, BusinessFunction, Service } from '../service.ts'
import type { Team } from '../team.ts'
import { joinRbac } from '../access/kubernetes-rbac.ts'
import { buildApis } from './apis.ts'
import { Accountabilities } from './accountabilities.ts'
import { Catalog } from './catalog.ts'
import { buildDirectory, markPlatformTeams } from './directory.ts'
import { buildIdentity, buildScope } from './build.ts'
import { Scopes } from './scopes.ts'
import { Subjects } from './subjects.ts'
import { sortObservations } from './sort.ts'

export type ReconcileOptions = {
  /** The instant the answer is for; dates in the future of it are not yet true. */
  asOf: Date
  conventions: Conventions
  /** How people call the directory a CODEOWNERS file governs ('' is the scanned root). Default: the path, or "." */
  nameOfRoot?: (root: string) => string
}

export type Reconciled = {
  identities: Identity[]
  scopes: OwnedScope[]
  teams: Team[]
  functions: BusinessFunction[]
  services: Service[]
  apis: Api[]
  /** False: no source told of real groups, so no name could be checked against them. */
  knowsGroups: boolean
}

/** Joins what all sources said. It never throws on odd observations; what cannot be joined stays a subject of its own. */
export function reconcile(observations: readonly Observation[], options: ReconcileOptions): Reconciled {
  const seen = sortObservations(observations)
  const rbac = joinRbac(seen['kubernetes-role'], seen['kubernetes-binding'])
  const all = {
    ...seen,
    grant: [...seen.grant, ...rbac.grants],
    control: [...seen.control, ...rbac.controls],
    access: [...seen.access, ...rbac.access],
  }
  const scopes = new Scopes(all, options)
  const subjects = new Subjects(all, scopes, options)
  const directory = buildDirectory(all, options.conventions)
  const catalog = new Catalog(all, subjects, scopes, directory, options)
  const accountabilities = new Accountabilities(all, scopes, directory, catalog, options)
  accountabilities.learnTeams(subjects.all, scopes.all)
  markPlatformTeams({
    codeowners: all.codeowners,
    controls: all.control,
    accountabilities,
    scopes,
    subjects,
    directory,
    conventions: options.conventions,
  })

  const identities = subjects.all.map((subject) =>
    buildIdentity(subject, { scopes, catalog, accountabilities, options }),
  )
  const counts = new Map<string, number>()
  for (const subject of subjects.all)
    if (subject.scope) counts.set(subject.scope.key, (counts.get(subject.scope.key) ?? 0) + 1)
  return {
    identities: identities.sort(byNamespaceAndName),
    scopes: scopes.all
      .map((scope) => buildScope(scope, counts.get(scope.key) ?? 0, { catalog, accountabilities, options }))
      .sort(byName),
    teams: [...directory.teams.values()].sort(byName),
    functions: catalog.functions,
    services: catalog.services,
    apis: buildApis(all.api, catalog),
    knowsGroups: directory.knowsGroups,
  }
}

function byName(a: { name: string; id: string }, b: { name: string; id: string }): number {
  return compare(a.name, b.name) || compare(a.id, b.id)
}

function byNamespaceAndName(a: Identity, b: Identity): number {
  return compare(a.namespace ?? '', b.namespace ?? '') || byName(a, b)
}

/** By code units: the order must not depend on the machine's locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
