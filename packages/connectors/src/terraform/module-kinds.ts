/** What a module makes, told from its source and its arguments; other people's modules are not read. */
export type ModuleKind = 'service-account' | 'workload-role' | 'ci-role' | 'user' | 'credential'

const WORKLOAD = [
  'irsa',
  'iamroleforserviceaccount',
  'iamrolesforserviceaccount',
  'roleforserviceaccount',
  'workloadidentity',
  'podidentity',
  'assumablerolewithoidc',
  'eksiamrole',
  'iameksrole',
]
const CI = [
  'githuboidc',
  'oidcgithub',
  'gitlaboidc',
  'oidcgitlab',
  'bitbucketoidc',
  'circleoidc',
  'githubactionsrole',
  'githubrole',
  'githubactionsiam',
]
const USER = [
  'iamuser',
  'machineuser',
  'ciuser',
  'systemuser',
  'serviceuser',
  'botuser',
  'deployuser',
  'deploymentuser',
]
/** Makes the provider that roles trust, and no role. */
const PROVIDER_ONLY = /oidcproviders?$/

/** Directories that hold modules for others to call. */
const LIBRARIES = new Set(['modules', 'module', 'tf-modules', 'terraform-modules', 'terraform_modules'])

export type Source = { kind: 'local'; path: string } | { kind: 'remote'; subject: string; text: string }

/** Reads a `source` argument (Terraform documentation, "Module Sources"). */
export function readSource(source: string): Source {
  if (/^\.\.?(?:\/|$)/.test(source)) return { kind: 'local', path: source }
  const text = source.split('?', 1)[0] ?? ''
  const address = text.replace(/^\w+::/, '').replace(/^\w+:\/\//, '')
  const [packageName = '', inner] = address.split('//')
  return { kind: 'remote', subject: inner !== undefined && inner !== '' ? inner : nameInPackage(packageName), text }
}

/** Of `acme/service-accounts/google` the middle, of a repository's address the last part. */
function nameInPackage(address: string): string {
  const segments = address
    .replace(/\.git$/, '')
    .split(/[/:]/)
    .filter((segment) => segment !== '')
  const isRegistry =
    !address.includes(':') &&
    (segments.length === 3 || segments.length === 4) &&
    /^[a-z0-9]+$/.test(segments[segments.length - 1] ?? '') &&
    !['github.com', 'bitbucket.org', 'gitlab.com'].includes(segments[0] ?? '') &&
    (segments.length === 3 || (segments[0] ?? '').includes('.'))
  return (isRegistry ? segments[segments.length - 2] : segments[segments.length - 1]) ?? ''
}

/** The part of a library directory that names the module, or null when the directory is in no library. */
export function nameInLibrary(directory: string): string | null {
  const segments = directory.split('/')
  const at = segments.findLastIndex((segment) => LIBRARIES.has(segment.toLowerCase()))
  return at === -1 || at === segments.length - 1 ? null : segments.slice(at + 1).join('/')
}

/** By the words of the source alone; null when they say nothing. */
export function kindOfName(name: string): ModuleKind | null {
  const squeezed = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  if (PROVIDER_ONLY.test(squeezed)) return null
  if (WORKLOAD.some((word) => (word === 'irsa' ? /(?:^|[^a-z])irsa(?:$|[^a-z])/i.test(name) : squeezed.includes(word))))
    return 'workload-role'
  if (CI.some((word) => squeezed.includes(word))) return 'ci-role'
  if (USER.some((word) => squeezed.includes(word))) return 'user'
  return squeezed.includes('serviceaccount') ? 'service-account' : null
}

/**
 * A call is also named by its author: `module "deploy_service_account"`. Only the end counts, `…_bucket` is a bucket.
 */
export function kindOfLabel(label: string): ModuleKind | null {
  return /(?:^|[^a-z])service[-_]?accounts?$/i.test(label) || /[sS]erviceAccounts?$/.test(label)
    ? 'service-account'
    : null
}

/**
 * What arguments show when the source says nothing. `isDate` tells whether the argument holds something like a date.
 */
export function kindOfArguments(
  name: string,
  args: readonly string[],
  isDate: (argument: string) => boolean,
): ModuleKind | null {
  if (/(?:^|[^a-z])users?$/i.test(name) && args.some((argument) => /access_?key/i.test(argument))) return 'user'
  if (args.some((argument) => dateMeaning(argument) !== null && isDate(argument))) return 'credential'
  const hasFederation = args.some((argument) => /^(?:github_)?oidc_(?:providers?|subjects?)$/i.test(argument))
  return hasFederation && args.some((argument) => /^github_repo(?:sitor(?:y|ies)|s)?$/i.test(argument))
    ? 'ci-role'
    : null
}

/** Which date of a credential an argument's name speaks of. */
export function dateMeaning(argument: string): 'rotated' | 'created' | 'expires' | null {
  if (/rotat/i.test(argument) && /(?:date|time|_at|_on)$/i.test(argument)) return 'rotated'
  if (
    /(?:^|_)(?:expires?|expiry|expiration|valid_until|valid_to|not_after|end)(?:_(?:date|time|at|on))?$/i.test(argument)
  )
    return /(?:^|_)end$/i.test(argument) ? null : 'expires'
  return /(?:key|token|secret|credential|certificate|password).*created?_?(?:date|at|on)$/i.test(argument)
    ? 'created'
    : null
}
