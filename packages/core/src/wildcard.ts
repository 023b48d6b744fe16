/** Patterns of any text and any one character, as IAM and CODEOWNERS have them. */

/** The two wildcards of a made-ready pattern; the characters themselves are in no policy and no path. */
export const ANY = '\u0001'
export const ONE = '\u0002'

/** Time at most pattern × text: after a mismatch only the last `ANY` takes one character more. */
export function matchesWildcards(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let lastAny = -1
  let resume = 0
  while (t < text.length) {
    const wanted = pattern[p]
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
  while (pattern[p] === ANY) p++
  return p === pattern.length
}
