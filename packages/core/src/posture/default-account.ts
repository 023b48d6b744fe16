import type { Identity } from '../identity.ts'

/**
 * The cluster makes an account `default` in each namespace. Until something runs as it or grants it anything there is
 * nothing to answer for, and a thousand namespaces would be a thousand findings about nothing.
 */
export function isIdleDefaultAccount({ name, source, uses, grants }: Identity): boolean {
  return name === 'default' && source.system === 'kubernetes' && uses.length === 0 && grants.length === 0
}
