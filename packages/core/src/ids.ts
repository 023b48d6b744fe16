import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** Prefixes make an id say what it names wherever it turns up: in a URL, a log line, a CSV cell. */
export type IdPrefix = 'idn' | 'crd' | 'tm' | 'fn' | 'svc' | 'api' | 'own' | 'fnd'

/**
 * A stable id: the same parts give the same id in every scan, on every machine.
 * 80 bits of SHA-256 over the length-prefixed parts, so `['a','bc']` and `['ab','c']` differ;
 * with ten million ids the chance of any collision is below 10⁻¹⁰.
 */
export function stableId(prefix: IdPrefix, ...parts: string[]): string {
  const framed = parts.map((part) => `${part.length}:${part}`).join('')
  return `${prefix}_${bytesToHex(sha256(utf8ToBytes(framed))).slice(0, 20)}`
}
