import { sha256Hex } from '#sha256'

/** Prefixes make an id say what it names wherever it turns up: in a URL, a log line, a CSV cell. */
export type IdPrefix = 'idn' | 'crd' | 'tm' | 'fn' | 'svc' | 'api' | 'own' | 'fnd'

/**
 * A stable id: the same parts give the same id in every scan, on every machine.
 * 80 bits of SHA-256 over the length-prefixed parts, so `['a','bc']` and `['ab','c']` differ;
 * with ten million ids the chance of any collision is below 10⁻¹⁰.
 */
export function stableId(prefix: IdPrefix, ...parts: string[]): string {
  let framed = ''
  for (const part of parts) framed += `${part.length}:${part}`
  return `${prefix}_${sha256Hex(framed).slice(0, 20)}`
}
