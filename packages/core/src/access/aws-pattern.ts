/** IAM's wildcard patterns: `*` any text, `?` one character, `${...}` a policy variable. */
import { ANY, matchesWildcards, ONE } from '../wildcard.ts'

/** `maybe`: the answer depends on a policy variable or condition key that the export does not tell. */
export type Match = 'yes' | 'no' | 'maybe'

/** IAM writes the three characters themselves as `${*}`, `${?}` and `${$}`. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['*', '*'],
  ['?', '?'],
  ['$', '$'],
])

/** A resource pattern made ready: an account asks the same ones some million times. */
export type Pattern =
  | { kind: 'all' | 'exact'; source: string }
  /** `prefix` is what stands before the first wildcard; most texts already differ there. */
  | { kind: 'glob'; source: string; compiled: string; prefix: string }
  | { kind: 'variable'; source: string }

/** What is known about a request and its principal, by lower-case name; a Map is one. */
export type Known = { get(name: string): string | undefined }

export function compilePattern(source: string): Pattern {
  if (source === '*') return { kind: 'all', source }
  if (source.includes('${')) return { kind: 'variable', source }
  const first = source.search(/[*?]/)
  if (first === -1) return { kind: 'exact', source }
  return {
    kind: 'glob',
    source,
    compiled: source.replaceAll('*', ANY).replaceAll('?', ONE),
    prefix: source.slice(0, first),
  }
}

/**
 * Matches one pattern. `known` holds the policy variables by lower-case name (`aws:username`); a pattern with an
 * unknown one answers `maybe` where any value could make it match.
 */
export function matchPattern(pattern: Pattern, text: string, known: Known): Match {
  switch (pattern.kind) {
    case 'all':
      return 'yes'
    case 'exact':
      return pattern.source === text ? 'yes' : 'no'
    case 'glob':
      return text.startsWith(pattern.prefix) && matchesWildcards(pattern.compiled, text) ? 'yes' : 'no'
    case 'variable': {
      const { compiled, isCertain } = substitute(pattern.source, known)
      return matchesWildcards(compiled, text) ? (isCertain ? 'yes' : 'maybe') : 'no'
    }
  }
}

/** Actions know neither case nor variables. `action` is in lower case. */
export function matchAction(pattern: string, action: string): boolean {
  if (pattern === '*') return true
  const first = pattern[0]
  // Nearly all patterns of a policy differ from the action in the first letter of the service.
  if (first !== '*' && first !== '?' && first?.toLowerCase() !== action[0]) return false
  if (!pattern.includes('*') && !pattern.includes('?'))
    return pattern.length === action.length && pattern.toLowerCase() === action
  return matchesWildcards(pattern.toLowerCase().replaceAll('*', ANY).replaceAll('?', ONE), action)
}

function substitute(pattern: string, known: Known): { compiled: string; isCertain: boolean } {
  let compiled = ''
  let isCertain = true
  let at = 0
  while (at < pattern.length) {
    const end = pattern.startsWith('${', at) ? pattern.indexOf('}', at) : -1
    if (end === -1) {
      const character = pattern[at] ?? ''
      compiled += character === '*' ? ANY : character === '?' ? ONE : character
      at++
      continue
    }
    // `${aws:PrincipalTag/team, 'none'}`: the default counts only when the key is absent, which is not known here.
    const name = (pattern.slice(at + 2, end).split(',')[0] ?? '').trim().toLowerCase()
    const value = ESCAPES.get(name) ?? known.get(name)
    compiled += value ?? ANY
    if (value === undefined) isCertain = false
    at = end + 1
  }
  return { compiled, isCertain }
}

/**
 * A concrete text that the pattern matches, to ask about "some resource of this kind". Unknown variables become a word
 * of their own; the result is a question, never an observation.
 */
export function exampleOf(pattern: string): string {
  return pattern
    .replace(/\$\{([*?$])\}/g, '$1')
    .replace(/\$\{[^}]*\}/g, 'some')
    .replaceAll('*', 'some')
    .replaceAll('?', 's')
}
