/** Numbers and kinds in words. */

/** `1 file`, `2 files`, `3 machine identities`, `4 API keys`. */
export function count(number: number, noun: string): string {
  const plural = /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`
  return `${number.toLocaleString('en-GB')} ${number === 1 ? noun : plural}`
}

/** Whole percent; what is there is never shown as nothing, and what is not all never as all. */
export function percent(part: number, whole: number): string {
  const exact = whole === 0 ? 0 : (100 * part) / whole
  const shown = exact > 0 && exact < 1 ? 1 : exact < 100 && exact > 99 ? 99 : Math.round(exact)
  return `${shown} %`
}

/** The kind as people say it; `oauth-client` → `OAuth client`. */
export function kindName(kind: string): string {
  const words = kind.replaceAll('-', ' ')
  return words
    .replace('oauth', 'OAuth')
    .replace(/\bapi\b/, 'API')
    .replace(/\bci\b/, 'CI')
}
