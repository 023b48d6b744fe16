/** Whose word counts on where a request comes from. */
import { BlockList, isIP, isIPv6 } from 'node:net'
import type { IncomingHttpHeaders } from 'node:http'

export type IsTrusted = (address: string) => boolean

/** Networks in CIDR form, or single addresses, parted by commas. Null: one of them is none. */
export function readNetworks(text: string): string[] | null {
  const networks = text.split(',').map((each) => each.trim())
  return networks.every((each) => partsOf(each) !== null) ? networks : null
}

function partsOf(network: string): { address: string; prefix: number } | null {
  const [address = '', prefix, ...more] = network.split('/')
  const family = isIP(address)
  const longest = family === 6 ? 128 : 32
  if (family === 0 || more.length > 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return null
  const length = prefix === undefined ? longest : Number(prefix)
  return length <= longest ? { address, prefix: length } : null
}

/** `networks` as `readNetworks` read them. An IPv4 address counts in both of its forms. */
export function trusting(networks: readonly string[]): IsTrusted {
  const list = new BlockList()
  for (const network of networks) {
    const parts = partsOf(network)
    if (parts) list.addSubnet(parts.address, parts.prefix, isIPv6(parts.address) ? 'ipv6' : 'ipv4')
  }
  return (given) => {
    const address = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(given)?.[1] ?? given
    const family = isIP(address)
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }
}

/**
 * The address of the request: of the connection, or, when a trusted proxy made it, what that proxy says, and so on from
 * the nearest hop to the first that nobody trusted vouches for. `X-Forwarded-For` or `Forwarded` (RFC 7239, section 4);
 * two that differ are no statement, for a proxy writes one of them and lets the caller's other one pass. Whatever is not
 * an address ends the walk.
 */
export function addressOf(connection: string, headers: IncomingHttpHeaders, isTrusted: IsTrusted): string {
  let address = connection
  if (!isTrusted(address)) return address
  const simple = listOf(headers['x-forwarded-for'])?.map(bare)
  const standard = listOf(headers.forwarded)?.map(forOf)
  if (simple && standard && simple.join() !== standard.join()) return address
  for (const hop of (simple ?? standard ?? []).toReversed()) {
    if (hop === null || isIP(hop) === 0) break
    address = hop
    if (!isTrusted(address)) break
  }
  return address
}

function listOf(header: string | string[] | undefined): string[] | undefined {
  if (header === undefined) return undefined
  return [header]
    .flat()
    .join(',')
    .split(',')
    .map((each) => each.trim())
}

/** Without port, brackets and zone. */
function bare(text: string): string | null {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1]
  const withPort = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1]
  return (bracketed ?? withPort ?? text).split('%')[0] ?? null
}

function forOf(element: string): string | null {
  const given = /(?:^|;)\s*for\s*=\s*("[^"]*"|[^;\s]+)/i.exec(element)?.[1]
  return given === undefined ? null : bare(given.replaceAll('"', ''))
}
