/** What a message says. Plain text: nothing that was discovered becomes a link or a mark. */

export type Told = { text: string; path: string }

const MOST_LINES = 50

export function subjectOf(told: readonly Told[]): string {
  const [first] = told
  return told.length === 1 && first ? first.text.slice(0, 150).toWellFormed() : `${told.length} things need a look in Onus`
}

/** `base` is the address of the console, without a slash at the end. */
export function bodyOf(told: readonly Told[], base: string): string {
  const lines = told.slice(0, MOST_LINES).map(({ text, path }) => `${text}\n${base}${path}`)
  const rest = told.length - lines.length
  return [...lines, ...(rest > 0 ? [`And ${rest} more:\n${base}/queue`] : [])].join('\n\n')
}

/** Slack reads `&`, `<` and `>`: escaped, a name mentions nobody and links nowhere. */
export function chatText(body: string): string {
  return body.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
