/** Which addresses the server may be sent to. Pure. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

/**
 * `public`: the internet, and what a company may allow on purpose. `private`: its own networks and this machine.
 * `never`: nothing that is asked for on purpose, above all the metadata services of clouds, which give out credentials.
 */
export type Reach = 'public' | 'private' | 'never'

type Range = [address: string, bits: number]

/** IANA special-purpose registries (RFC 6890 and its updates). */
const PRIVATE_4: Range[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carrier-grade NAT (RFC 6598), and overlay networks
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
]
const NEVER_4: Range[] = [
  ['0.0.0.0', 8],
  ['100.100.100.200', 32], // metadata of a cloud within the range of RFC 6598
  ['169.254.0.0', 16], // link-local, where metadata services are
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]
const PRIVATE_6: Range[] = [
  ['::1', 128],
  ['fc00::', 7],
]
const METADATA_6: Range[] = [
  ['fd00:ec2::', 32], // metadata of a cloud within unique local addresses
  ['fd20:ce::', 32],
]
const GLOBAL_6: Range[] = [['2000::', 3]]
/** Within the global range, but made of something else: IPv4 in disguise, documentation, protocols. */
const NEVER_6: Range[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

function listOf(ranges: readonly Range[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const [address, bits] of ranges) list.addSubnet(address, bits, family)
  return list
}
const private4 = listOf(PRIVATE_4, 'ipv4')
const never4 = listOf(NEVER_4, 'ipv4')
const private6 = listOf(PRIVATE_6, 'ipv6')
const metadata6 = listOf(METADATA_6, 'ipv6')
const global6 = listOf(GLOBAL_6, 'ipv6')
const never6 = listOf(NEVER_6, 'ipv6')

/**
 * What an address, as a resolver or a URL gives it, reaches. Forms that wrap an IPv4 address (mapped, NAT64, 6to4,
 * Teredo) are `never`: no name needs them, and they would hide where a connection goes.
 */
export function reachOf(address: string): Reach {
  if (isIPv4(address))
    return never4.check(address, 'ipv4') ? 'never' : private4.check(address, 'ipv4') ? 'private' : 'public'
  // A zone (`fe80::1%eth0`) is only had by link-local addresses.
  if (!isIPv6(address) || address.includes('%')) return 'never'
  if (metadata6.check(address, 'ipv6')) return 'never'
  if (private6.check(address, 'ipv6')) return 'private'
  return global6.check(address, 'ipv6') && !never6.check(address, 'ipv6') ? 'public' : 'never'
}

/** Does the address mean this machine? */
export function isLoopbackAddress(address: string): boolean {
  return isIPv4(address) ? address.startsWith('127.') : address === '::1'
}
