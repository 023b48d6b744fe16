/** Which environment a cloud resource belongs to, from how a grant names it. */
import type { Conventions } from './conventions.ts'
import { environmentInName, readEnvironment } from './environment.ts'

type Account = { cloud: 'aws' | 'google' | 'azure'; name: string }
export type AccountEnvironment = (account: Account) => string | null

/** Written by readers for what is not known; it names variables, not resources. */
const HOLE = /\$\{[^}]*\}/g
/** More resources than a grant names in full. */
const MAX_RESOURCES = 100

/**
 * An ARN, a Google project, resource name or account, an Azure path; several are joined with a comma and a space. The
 * conventions' word for the account comes first, then names, the outermost first, then what else is known of the account
 * (`environmentOf`). Production wins among several resources, because it is reached; else they must agree.
 */
export function environmentOfResource(
  resource: string,
  conventions: Pick<Conventions, 'environments'>,
  environmentOf: AccountEnvironment = () => null,
): string | null {
  const found = new Set<string>()
  for (const one of resource.split(', ', MAX_RESOURCES)) {
    const parts = partsOf(one.replace(HOLE, '*'))
    if (parts === null) continue
    const environment =
      (parts.account && statedFor(parts.account, conventions)) ??
      firstOf(parts.names, conventions) ??
      (parts.account && environmentOf(parts.account))
    if (environment) found.add(environment)
  }
  if (found.has('production')) return 'production'
  const [only] = found
  return only !== undefined && found.size === 1 ? only : null
}

function statedFor({ name }: Account, conventions: Pick<Conventions, 'environments'>): string | null {
  // Only the company's own word can make an account number an environment; a project's name may be one by itself.
  return readEnvironment(name, conventions).environment
}

function firstOf(names: readonly string[], conventions: Pick<Conventions, 'environments'>): string | null {
  for (const name of names) {
    const environment = name === '' || name === '*' ? null : environmentInName(name, conventions)
    if (environment !== null) return environment
  }
  return null
}

/** null for what is no resource of a cloud. */
function partsOf(resource: string): { account: Account | null; names: string[] } | null {
  if (resource.startsWith('arn:')) {
    const [, , , , account = '', ...rest] = resource.split(':')
    return {
      account: /^\d{12}$/.test(account) ? { cloud: 'aws', name: account } : null,
      names: rest.flatMap((part) => part.split('/')),
    }
  }
  const member = /^(?:serviceAccount:)?([^@\s]+)@([a-z][a-z0-9-]+)\.iam\.gserviceaccount\.com$/.exec(resource)
  if (member) return { account: { cloud: 'google', name: member[2] ?? '' }, names: [member[2] ?? '', member[1] ?? ''] }
  const project = /^(?:project |(?:\/\/[a-z.]+\/)?projects\/)([^/\s]+)(.*)$/.exec(resource)
  if (project)
    return {
      account: { cloud: 'google', name: project[1] ?? '' },
      names: [project[1] ?? '', ...(project[2] ?? '').split('/')],
    }
  const subscription = /^\/subscriptions\/([^/\s]+)(.*)$/i.exec(resource)
  if (subscription)
    return { account: { cloud: 'azure', name: subscription[1] ?? '' }, names: (subscription[2] ?? '').split('/') }
  return null
}
