/** IAM's wildcard patterns: `*` any text, `?` one character, `${...}` a policy variable. */

/** `maybe`: the answer depends on a policy variable or condition key that the export does not tell. */
export type Match = 'yes' | 'no' | 'maybe'

/** Inside a compiled pattern; the characters themselves cannot be in a policy, whose text is printable. */
const ANY = '\u0001'
const ONE = '\u0002'

/** IAM writes the three characters themselves as `${*}`, `${?}` and `${$}`. */
const ESCAPES: ReadonlyMap<string, string> = new Map([['*', '*'], ['?', '?'], ['$', '$']])

/**
 * Matches one pattern. `variables` holds the known policy variables by lower-case name (`aws:username`); a pattern with
 * an unknown one answers `maybe` where any value could make it match.
 */
export function matchPattern(pattern: string, text: string, variables: ReadonlyMap<string, string>): Match {
  if (pattern === '*') return 'yes'
  if (!pattern.includes('${')) return matches(pattern.replaceAll('*', ANY).replaceAll('?', ONE), text) ? 'yes' : 'no'
  const { compiled, isCertain } = substitute(pattern, variables)
  return matches(compiled, text) ? (isCertain ? 'yes' : 'maybe') : 'no'
}

/** Actions know neither case nor variables. */
export function matchAction(pattern: string, action: string): boolean {
  if (pattern === '*') return true
  return matches(pattern.toLowerCase().replaceAll('*', ANY).replaceAll('?', ONE), action.toLowerCase())
}

function substitute(pattern: string, variables: ReadonlyMap<string, string>): { compiled: string; isCertain: boolean } {
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
    const value = ESCAPES.get(name) ?? variables.get(name)
    compiled += value ?? ANY
    if (value === undefined) isCertain = false
    at = end + 1
  }
  return { compiled, isCertain }
}

/** Time at most pattern × text: after a mismatch only the last `*` takes one character more. */
function matches(compiled: string, text: string): boolean {
  let p = 0
  let t = 0
  let lastAny = -1
  let resume = 0
  while (t < text.length) {
    const wanted = compiled[p]
    if (wanted === ANY) {
      lastAny = p++
      resume = t
    } else if (wanted !== undefined && (wanted === ONE || wanted === text[t])) {
      p++
      t++
    } else if (lastAny !== -1) {
      p = lastAny + 1
      t = ++resume
    } else return false
  }
  while (compiled[p] === ANY) p++
  return p === compiled.length
}

/**
 * A concrete text that the pattern matches, to ask about "some resource of this kind". Unknown variables become a word
 * of their own; the result is a question, never an observation.
 */
export function exampleOf(pattern: string): string {
  return pattern.replace(/\$\{([*?$])\}/g, '$1').replace(/\$\{[^}]*\}/g, 'some').replaceAll('*', 'some').replaceAll('?', 's')
}
