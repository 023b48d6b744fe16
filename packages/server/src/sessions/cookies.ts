/** The names and bounds of cookies. With TLS the browser itself keeps other hosts and plain HTTP from setting them. */
import type { CookieSerializeOptions } from '@fastify/cookie'
import type { Config } from '../config.ts'

const isSecure = (config: Config): boolean => config.publicUrl?.startsWith('https:') ?? false
/** `__Host-` needs Secure, the path `/` and no domain (RFC 6265bis §4.1.3.2). */
const named = (config: Config, name: string): string => (isSecure(config) ? `__Host-${name}` : name)

export const sessionCookieName = (config: Config): string => named(config, 'onus_session')
/** What a sign-in that is under way must remember until the issuer sends the browser back. */
export const flowCookieName = (config: Config): string => named(config, 'onus_sign_in')

/** No page of another site makes a browser send it, and no script reads it. */
export function sessionCookie(config: Config): CookieSerializeOptions {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: isSecure(config) }
}

/** The issuer's redirect comes from another site, so this one is Lax: sent with a navigation, not with a form. */
export function flowCookie(config: Config): CookieSerializeOptions {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(config) }
}
