/** Who may speak to this server at all: under its own names only, and writes only from its own pages. Pure. */
import { isLoopback } from '../config.ts'
import { Refused } from './refused.ts'

const LOCAL_NAMES = ['127.0.0.1', 'localhost', '[::1]']

/** The names under which the server answers. A page of another site that had its name point here sends its own. */
export function allowedHosts(host: string, publicUrl: string | null): (name: string) => boolean {
  const names = new Set(isLoopback(host) ? LOCAL_NAMES : [...LOCAL_NAMES, host])
  if (publicUrl) names.add(new URL(publicUrl).hostname)
  return (name) => names.has(name.toLowerCase())
}

const hostname = (authority: string): string | null => URL.parse(`http://${authority}`)?.hostname ?? null

export function checkHost(header: string | undefined, isAllowed: (name: string) => boolean): void {
  const name = header === undefined ? null : hostname(header)
  if (name === null || !isAllowed(name)) {
    throw new Refused('foreign-host', 'open Onus under its own address; other names are set with ONUS_PUBLIC_URL')
  }
}

export type WriteHeaders = { origin?: string | undefined; fetchSite?: string | undefined; host?: string | undefined }

/**
 * A write that a browser sends for another site is refused. Browsers name the origin of every write; programs name
 * none, and cannot be made to send a cookie by a page. `null` is the origin of sandboxed pages and files.
 */
export function checkOrigin({ origin, fetchSite, host }: WriteHeaders, isAllowed: (name: string) => boolean): void {
  const refuse = (): never => {
    throw new Refused('foreign-origin', 'a page of another site may not change anything here')
  }
  if (fetchSite !== undefined && fetchSite !== 'same-origin' && fetchSite !== 'none') refuse()
  if (origin === undefined) return
  const url = URL.parse(origin)
  // Another port of the same machine is another site: anything may listen there. A proxy may hide ours.
  const isSame = url !== null && (url.host === host || !isLoopbackName(url.hostname))
  if (url === null || !isAllowed(url.hostname) || !isSame) refuse()
}

const isLoopbackName = (name: string): boolean => LOCAL_NAMES.includes(name)
