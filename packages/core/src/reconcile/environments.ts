/** Which environment an identity, a scope or a grant belongs to, from the strongest statement down to a name or a path. */
import { readFlag } from '../convention-shapes.ts'
import { readEnvironment, environmentOfPath, type EnvironmentRead } from '../environment.ts'
import { environmentOfResource, type AccountEnvironment } from '../resource-environment.ts'
import type { ReconcileOptions } from './index.ts'
import { meantOf, type MeantAt, type Scopes } from './scopes.ts'
import type { Subject } from './subjects.ts'

type World = { scopes: Scopes; options: ReconcileOptions }

export function environmentOfSubject(
  { ref, scope, observed }: Subject,
  meantBy: readonly (readonly MeantAt[])[],
  { options, scopes }: World,
): EnvironmentRead {
  const [main] = observed
  const names = [...(main ? [main.name] : []), ...(scope ? [scope.name] : [])]
  // Where something is only mentioned tells of whoever mentions it; its realm is its own.
  const path = main?.isDefined ? main.place.file : ref.realm
  const read = environmentFrom(meantBy, names, path, options)
  // A pipeline that is called `test` runs tests, wherever.
  const isNamedAfterWork = ref.path.startsWith('workflow/') && read.environment === 'test'
  if (isNamedAfterWork) return environmentFrom(meantBy, [], '', options)
  if (read.environment !== null) return read
  for (const one of observed) {
    const account = accountText(one.creates ? { ...one.creates, path: one.creates.name } : one.ref)
    const environment =
      account && environmentOfResource(account, options.conventions, accountEnvironment(scopes, options))
    if (environment) return { ...readEnvironment(environment, options.conventions), ...flagOf(read) }
  }
  return read
}

/** A resource that names only the cloud account of an identity. */
function accountText({ system, realm, path }: { system: string; realm: string; path: string }): string | null {
  if (system === 'aws') return `arn:aws:iam::${realm}:`
  return system === 'google'
    ? path.slice(path.indexOf('@') + 1).replace(/^([a-z][a-z0-9-]+)\.iam\..*$/, 'project $1')
    : null
}

/** An explicit production flag stays. */
function flagOf({ isProduction }: EnvironmentRead): { isProduction?: boolean } {
  return isProduction === null ? {} : { isProduction }
}

function accountEnvironment(scopes: Scopes, options: ReconcileOptions): AccountEnvironment {
  return ({ cloud, name }) => {
    const account = scopes.find({ kind: 'cloud-account', realm: cloud, name })
    return account ? environmentFrom([account.meant], [], account.home, options).environment : null
  }
}

/** Own statements first, then those of the scope, then names, then the path; an explicit production flag always counts. */
export function environmentFrom(
  meantBy: readonly (readonly MeantAt[])[],
  names: readonly string[],
  file: string,
  options: ReconcileOptions,
): EnvironmentRead {
  let flag: boolean | null = null
  let read: EnvironmentRead = { environment: null, isProduction: null }
  for (const meant of meantBy) {
    flag ??= readFlag(meantOf(meant, 'production')?.value ?? '')
    const word = meantOf(meant, 'environment')
    if (read.environment === null && word) read = readEnvironment(word.value, options.conventions)
  }
  if (read.environment === null && flag === true) read = { environment: 'production', isProduction: true }
  if (read.environment === null)
    read = environmentOfName([...names].reverse().join('/'), options) ?? environmentOfName(file, options) ?? read
  return { environment: read.environment, isProduction: flag ?? read.isProduction }
}

/** A word that a path holds by chance (`live.cluster/payments`) is no statement; only a fair reading counts. */
function environmentOfName(path: string, options: ReconcileOptions): EnvironmentRead | null {
  const read = environmentOfPath(path, options.conventions)
  return read === null || read.confidence === 'low'
    ? null
    : { environment: read.environment, isProduction: read.isProduction }
}

/** The environment a grant reaches: as observed, else that of the namespace or the cloud's resource it names. */
export function environmentOfGrant(grant: Subject['grants'][number], world: World): string | null {
  if (grant.environment !== undefined)
    return readEnvironment(grant.environment, world.options.conventions).environment ?? grant.environment
  const namespace = /^namespace (.+)$/.exec(grant.resource)?.[1]
  if (namespace === undefined)
    return environmentOfResource(
      grant.resource,
      world.options.conventions,
      accountEnvironment(world.scopes, world.options),
    )
  const scope = world.scopes.resolve(
    { kind: 'kubernetes-namespace', realm: grant.identity.realm, name: namespace },
    grant.place,
  )
  return environmentFrom([scope.meant], [scope.name], scope.home, world.options).environment
}
