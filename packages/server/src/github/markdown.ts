/**
 * What Onus says on GitHub. Every text that was not written here stands in a code span, where GitHub reads no mention,
 * no link and no HTML; what is too long is left out and counted.
 */
import type { PlanLine } from '@onus/core/manifest/plan.ts'
import type { LinkEnd } from './links.ts'
import type { Withheld } from './reviews.ts'

/** The comment is found again by it; anybody can write it, so its author counts too. */
export const MARKER = '<!-- onus:plan -->'

/** GitHub takes 65,535 characters of a summary and 65,536 of a comment; bytes are never fewer. */
export const MOST_BYTES = 60_000
/** The longest that a manifest may say, so that what is approved is read whole. */
const MOST_SPAN = 600

/** `text` as a code span (CommonMark §6.1): one line, cut, in more backticks than it has. */
export function code(text: string): string {
  // Line breaks, controls and marks that turn the direction of text.
  const line = text.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  const plain = line.length > MOST_SPAN ? `${line.slice(0, MOST_SPAN).toWellFormed()}…` : line
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  // Whatever begins or ends with a backtick or is empty needs a space, which is not shown.
  return /^`|`$|^$|^ .* $/.test(plain) ? `${fence} ${plain} ${fence}` : `${fence}${plain}${fence}`
}

export type Seat = { who: string; why: string; filledBy: { login: string } | 'in-onus' | null }
export type Change = {
  summary: string
  /** Of one that is in Onus already. */
  state: string | null
  url: string | null
  answers: { field: string; value: string }[]
  /** What is handed over: each identity, with where it is. */
  identities: string[]
  seats: Seat[]
  verdicts: { outcome: string; text: string }[]
  blocked: string[]
}
/** What the check and the comment say. */
export type Said = {
  heading: string
  lines: PlanLine[]
  changes: Change[]
  withheld: Withheld[]
  problems: string[]
  footer: string
}
/** `whole`: for each change of `Said`, whether it is there whole. */
export type Written = { text: string; whole: boolean[] }

/** The whole of it, as far as it fits: changes first, for they are what is approved. */
export function write(said: Said): Written {
  const parts = [`**${said.heading}**\n`]
  let left = MOST_BYTES - bytes(said.footer) - bytes(parts[0] ?? '') - 400
  let missing = 0
  const add = (part: string): boolean => {
    const size = bytes(part) + 1
    if (size > left) {
      missing += 1
      return false
    }
    left -= size
    parts.push(part)
    return true
  }
  for (const problem of said.problems) add(`- ${code(problem)}`)
  const whole = said.changes.map((change) => add(wordsOfChange(change)))
  for (const { login, reason } of said.withheld)
    add(login === '' ? `- ${reason}` : `- The approval of ${code(login)} is not taken: ${reason}.`)
  if (said.lines.length > 0) add('\nWhat the manifest declares:\n')
  for (const line of said.lines) add(`- ${wordsOfLine(line)}`)
  if (missing > 0) parts.push(`\n${missing} more do not fit here.`)
  parts.push(`\n${said.footer}`)
  return { text: parts.join('\n'), whole }
}

const bytes = (text: string): number => Buffer.byteLength(text)

function wordsOfChange({ summary, state, url, answers, identities, seats, verdicts, blocked }: Change): string {
  return [
    `\n#### ${code(summary)}`,
    state === null ? '' : `In Onus: ${state}${url === null ? '' : ` ([open it](${url}))`}`,
    '',
    ...answers.map(({ field, value }) => `- ${field}: ${code(value)}`),
    ...identities.map((name) => `- takes over ${code(name)}`),
    ...blocked.map((reason) => `- :no_entry: not possible: ${code(reason)}`),
    ...verdicts.map(({ outcome, text }) => `- guardrail ${outcome}: ${code(text)}`),
    ...seats.map(({ who, why, filledBy }) => `- [${filledBy === null ? ' ' : 'x'}] ${code(who)} approves (${code(why)})${by(filledBy)}`),
  ].join('\n')
}

function by(filledBy: Seat['filledBy']): string {
  if (filledBy === null) return ''
  return filledBy === 'in-onus' ? ': given in Onus' : `: the review of ${code(filledBy.login)}, when this is merged`
}

function wordsOfLine(line: PlanLine): string {
  if (line.kind === 'not-found') return `${code(line.name)} is not in the registry: scan it first`
  const { name, namespace, environment } = line.identity
  const where = [namespace, environment].filter((one) => one !== null).join(', ')
  const what = code(where === '' ? name : `${name} (${where})`)
  switch (line.kind) {
    case 'stands':
      return `${what} is answered for until ${line.until.slice(0, 10)}`
    case 'differs':
      return `${what} stands with other answers, said anew when it is accepted again: ${line.differences.map(({ field, stands, declared }) => `${field} ${code(stands ?? 'not said')} → ${code(declared)}`).join('; ')}`
    case 'hand-over':
      return `${what}: ${line.from === null ? 'nobody has accepted it' : 'another team answers'}`
  }
}

/** In answer to `/onus link`. Who the person is stays in Onus. */
export const SAID: Record<LinkEnd, string> = {
  linked: 'This account is linked to a person in Onus now.',
  'not-a-code': 'This code does not work: it was used, is older than 15 minutes, or was made for another account.',
  later: 'Onus takes no decisions at the moment. Try again later, with the same code while it is valid.',
  taken: 'This account is linked to somebody else in Onus, who has to end that first.',
}
