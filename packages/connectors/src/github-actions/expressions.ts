/** GitHub's `${{ }}` expressions, read only as far as secrets go; nothing is evaluated. */

export type SecretUse = {
  /** Names as written, `GITHUB_TOKEN` left out. */
  secrets: string[]
  /** `toJSON(secrets)`, `secrets[matrix.name]`: any secret within reach may be meant. */
  isAll: boolean
  /** The per-run token, as `secrets.GITHUB_TOKEN` or `github.token`. */
  isJobToken: boolean
}

/**
 * Strings first, so that a quoted word is never taken for a name. Each alternative starts differently: no
 * backtracking.
 */
const TOKEN = /'(?:[^']|'')*'|[A-Za-z_][A-Za-z0-9_-]*|\S/g

/** What the expressions in `text` read; with `isBare` all of the text is one expression, as under `if:`. */
export function secretsIn(text: string, isBare = false): SecretUse {
  const use: SecretUse = { secrets: [], isAll: false, isJobToken: false }
  if (isBare && !text.includes('${{')) readExpression(text, use)
  else for (const expression of expressionsIn(text)) readExpression(expression, use)
  return use
}

/** The insides of every `${{ }}`; a `}}` in a quoted string does not end one. */
function* expressionsIn(text: string): Generator<string> {
  for (let start = text.indexOf('${{'); start !== -1; start = text.indexOf('${{', start)) {
    start += 3
    let isQuoted = false
    let end = start
    for (; end < text.length; end++) {
      if (text[end] === "'") isQuoted = !isQuoted
      else if (!isQuoted && text.startsWith('}}', end)) break
    }
    yield text.slice(start, end)
    start = end
  }
}

function readExpression(expression: string, use: SecretUse): void {
  const tokens = expression.match(TOKEN) ?? []
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i - 1] === '.') continue
    const context = tokens[i]?.toLowerCase()
    if (context === 'github' && memberAfter(tokens, i) === 'token') use.isJobToken = true
    if (context !== 'secrets') continue
    const name = memberAfter(tokens, i)
    if (name === null) use.isAll = true
    else if (name.toUpperCase() === 'GITHUB_TOKEN') use.isJobToken = true
    else use.secrets.push(name)
  }
}

/** `X` of `context.X` and `context['X']`; null when the member is computed or the whole context is meant. */
function memberAfter(tokens: readonly string[], at: number): string | null {
  const member = tokens[at + 2] ?? ''
  if (tokens[at + 1] === '.') return /^[A-Za-z_]/.test(member) ? member : null
  if (tokens[at + 1] === '[' && tokens[at + 3] === ']' && member.startsWith("'"))
    return member.slice(1, -1).replaceAll("''", "'")
  return null
}
