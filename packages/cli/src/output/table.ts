/**
 * A report as one screen that tells the story: what there is, who answers, what is wrong, what was not seen, what
 * next.
 */
import { SEVERITIES } from '@onus/core/finding.ts'
import { ACCOUNTABILITY_STATES } from '@onus/core/identity.ts'
import { formatPlace } from '@onus/core/place.ts'
import type { ScanReport } from '@onus/core/report.ts'
import { digestOf, sidesOf, type Digest, type RuleDigest, type Side, type TeamDigest } from './digest.ts'
import { STATE_STYLES, SEVERITY_STYLES, type Paint } from './paint.ts'
import { cell, columnsOf, fit, plain, wrap } from './plain.ts'
import { count, kindName, percent } from './words.ts'

export type TableOptions = { columns: number; paint: Paint; paths: readonly string[] }

/** A narrower terminal breaks lines itself. */
const MIN_COLUMNS = 60
/** Longer lines are hard to follow with the eye. */
const MAX_COLUMNS = 120
const RULES_SHOWN = 6
const TEAMS_SHOWN = 5
const SPLITS_SHOWN = 2
const UNREAD_SHOWN = 5
const UNKNOWNS_SHOWN = 3

export function* tableReport(report: ScanReport, options: TableOptions): Generator<string> {
  const screen = new Screen({ ...options, columns: Math.max(MIN_COLUMNS, Math.min(MAX_COLUMNS, options.columns)) })
  const digest = digestOf(report)
  const sections = [
    screen.opening(report, digest),
    screen.states(report),
    screen.rules(digest),
    screen.splits(report, digest),
    screen.teams(digest),
    screen.unknowns(report, digest),
    screen.unread(report, digest),
    screen.next(report, digest),
  ]
  yield `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

class Screen {
  readonly #options: TableOptions
  readonly #paint: Paint
  readonly #columns: number

  constructor(options: TableOptions) {
    this.#options = options
    this.#paint = options.paint
    this.#columns = options.columns
  }

  opening({ asOf, summary }: ScanReport, { kinds, taken }: Digest): string[] {
    const kindsText = kinds.map(([kind, number]) => count(number, kindName(kind))).join(', ')
    const readers = taken
      .filter(({ reader, files }) => reader !== 'files' && reader !== 'git-history' && files > 0)
      .map(({ reader, files }) => `${reader} ${files}`)
      .join(', ')
    return [
      this.#paint(
        'bold',
        fit(`${count(summary.identities, 'machine identity')} as of ${asOf.slice(0, 10)}`, this.#columns),
      ),
      ...this.#text(`${kindsText || 'none'}; ${count(summary.credentials, 'credential')}.`),
      ...this.#text(`Read: ${readers || 'nothing'} (of ${count(summary.files, 'file')}).`, 'dim'),
    ]
  }

  states({ summary }: ScanReport): string[] {
    if (summary.identities === 0) return []
    const bar = Math.max(10, Math.min(40, this.#columns - 42))
    const shown = ACCOUNTABILITY_STATES.filter((state) => summary.byState[state] > 0 || state === 'accountable')
    return [
      this.#heading('Who answers for them'),
      ...shown.map((state) => {
        const number = summary.byState[state]
        const filled = number === 0 ? 0 : Math.max(1, Math.round((bar * number) / summary.identities))
        const line = `${cell(state, 12)}${cell(String(number), 7, 'right')} ${cell(percent(number, summary.identities), 5, 'right')}  `
        return `  ${line}${this.#paint(STATE_STYLES[state], '█'.repeat(filled))}${this.#paint('dim', '·'.repeat(bar - filled))}`
      }),
      ...this.#text(
        'Files cannot show that a team has accepted an identity; they show claims. Split: the pointers to its owner disagree, or the named owner cannot change it.',
        'dim',
      ),
    ]
  }

  rules({ rules }: Digest): string[] {
    if (rules.length === 0) return [this.#heading('What needs someone'), '  Nothing: no rule found anything.']
    const left = rules.slice(RULES_SHOWN)
    return [
      this.#heading('What needs someone'),
      ...rules.slice(0, RULES_SHOWN).flatMap((digest) => this.#rule(digest)),
      ...(left.length > 0
        ? this.#text(
            `and ${count(
              left.reduce((sum, one) => sum + one.fails.length, 0),
              'more finding',
            )} of ${count(left.length, 'rule')}: ${left.map(({ rule }) => rule.id).join(', ')}`,
            'dim',
          )
        : []),
    ]
  }

  splits(report: ScanReport, { splits }: Digest): string[] {
    if (splits.length === 0) return []
    const teams = new Map(report.teams.map((team) => [team.id, team]))
    const lines = [this.#heading('Where ownership is split')]
    for (const one of splits.slice(0, SPLITS_SHOWN)) {
      lines.push(
        `  ${fit('namespace' in one && one.namespace !== null ? `${one.namespace}/${one.name}` : one.name, this.#columns - 2)}`,
      )
      for (const side of sidesOf(one, teams).slice(0, 3)) lines.push(...this.#side(side))
    }
    if (splits.length > SPLITS_SHOWN) lines.push(...this.#text(`and ${splits.length - SPLITS_SHOWN} more`, 'dim'))
    return lines
  }

  teams({ teams }: Digest): string[] {
    const named = teams.filter(({ team }) => team !== null)
    const nobody = teams.filter(({ team, identities }) => team === null && identities > 0)
    if (named.length === 0) return []
    const name = Math.max(12, this.#columns - 46)
    const head = `  ${cell('Team', name)}${cell('identities', 12, 'right')}${cell('split', 8, 'right')}${cell('findings', 24, 'right')}`
    return [
      this.#paint('bold', head),
      ...[...named.slice(0, TEAMS_SHOWN), ...nobody].map(
        (line) =>
          `  ${cell(line.team?.name ?? '(no team)', name)}${cell(String(line.identities), 12, 'right')}${cell(String(line.split), 8, 'right')}${cell(worst(line), 24, 'right')}`,
      ),
      ...(named.length > TEAMS_SHOWN ? this.#text(`and ${count(named.length - TEAMS_SHOWN, 'more team')}`, 'dim') : []),
    ]
  }

  unknowns({ summary }: ScanReport, { unknowns }: Digest): string[] {
    if (unknowns.length === 0) return []
    const total = Object.values(summary.unknowns).reduce((sum, one) => sum + one, 0)
    return [
      this.#heading(`What could not be judged: ${total} times, counted apart`),
      ...unknowns
        .slice(0, UNKNOWNS_SHOWN)
        .map(
          ({ rule, count }) =>
            `  ${cell(String(count), 7, 'right')}  ${fit(`${rule.title}: needs ${rule.needs.join('; ')}`, this.#columns - 11)}`,
        ),
      ...(unknowns.length > UNKNOWNS_SHOWN
        ? this.#text(`and ${count(unknowns.length - UNKNOWNS_SHOWN, 'more rule')}`, 'dim')
        : []),
    ]
  }

  unread({ summary }: ScanReport, { unread }: Digest): string[] {
    if (summary.unread === 0) return []
    return [
      this.#paint('yellow', this.#heading(`What could not be read: ${count(summary.unread, 'place')}`)),
      ...unread
        .slice(0, UNREAD_SHOWN)
        .flatMap((entry) =>
          wrap(`${formatPlace(entry)}  ${entry.reason}`, this.#columns - 2, 2).map(
            (line, index) => `  ${index > 0 ? '  ' : ''}${fit(line, this.#columns - 4)}`,
          ),
        ),
      ...(summary.unread > UNREAD_SHOWN ? this.#text(`and ${summary.unread - UNREAD_SHOWN} more`, 'dim') : []),
    ]
  }

  next({ summary }: ScanReport, { splits }: Digest): string[] {
    const paths = this.#options.paths.map(shellWord).join(' ')
    const steps: [command: string, why: string][] = [
      [`onus scan ${paths} --out report.html`, 'everything, to read and to hand on'],
      [`onus scan ${paths} --format json`, 'the same for programs'],
    ]
    if (summary.byState.unowned > 0 || splits.length > 0)
      steps.push([
        `onus conventions suggest ${paths}`,
        'map your own tags, if owners are stated in a way that was not recognised',
      ])
    steps.push([`onus scan ${paths} --fail-on high`, 'stop a pipeline on what matters'])
    return [this.#heading('Next'), ...steps.flatMap(([command, why]) => this.#step(command, why))]
  }

  #rule({ rule, worst, fails, teams }: RuleDigest): string[] {
    const label = `${cell(worst, 9)}${cell(String(fails.length), 6, 'right')}  `
    const text = this.#columns - 19
    const title = `${rule.title} (${rule.id}${teams > 0 ? `, ${count(teams, 'team')}` : ''})`
    const example = fails[0]?.title
    return [
      `  ${this.#paint(SEVERITY_STYLES[worst], label)}${this.#paint('bold', fit(title, text))}`,
      ...(example === undefined ? [] : [`${' '.repeat(19)}${fit(example, text)}`]),
      ...wrap(`→ ${rule.fix}`, text, 2).map((line) => `${' '.repeat(19)}${this.#paint('dim', line)}`),
    ]
  }

  #side({ name, how, place }: Side): string[] {
    const text = `${name}${how ? `, ${how}` : ''}`
    const where = place ? this.#place(place, Math.floor(this.#columns / 2)) : ''
    const mark = `    ${this.#paint('magenta', '≠')} `
    const isOneLine = columnsOf(plain(text)) + columnsOf(where) + 8 <= this.#columns
    if (isOneLine) return [`${mark}${plain(text)}${place ? `  ${this.#paint('dim', where)}` : ''}`]
    return [
      `${mark}${fit(text, this.#columns - 6)}`,
      ...(place ? [`      ${this.#paint('dim', this.#place(place, this.#columns - 6))}`] : []),
    ]
  }

  #step(command: string, why: string): string[] {
    const shown = fit(command, this.#columns - 2)
    const isOneLine = columnsOf(shown) + columnsOf(why) + 5 <= this.#columns
    if (isOneLine) return [`  ${this.#paint('cyan', shown)}   ${this.#paint('dim', why)}`]
    return [`  ${this.#paint('cyan', shown)}`, `    ${this.#paint('dim', fit(why, this.#columns - 4))}`]
  }

  /** The end of a long path says more than its beginning. */
  #place(place: { file: string; line: number }, columns: number): string {
    const whole = formatPlace(place)
    const segments = whole.split('/')
    while (segments.length > 1 && columnsOf(`…/${segments.join('/')}`) > columns && columnsOf(whole) > columns)
      segments.shift()
    return fit(columnsOf(whole) > columns ? `…/${segments.join('/')}` : whole, columns)
  }

  #heading(text: string): string {
    return this.#paint('bold', fit(text, this.#columns))
  }

  #text(text: string, style?: 'dim'): string[] {
    return wrap(text, this.#columns - 2).map((line) => `  ${style ? this.#paint(style, line) : line}`)
  }
}

function worst({ findings }: TeamDigest): string {
  return (
    SEVERITIES.toReversed()
      .filter((severity) => findings[severity] > 0)
      .slice(0, 2)
      .map((severity) => `${findings[severity]} ${severity}`)
      .join(', ') || 'none'
  )
}

/** As a shell takes it; a name with anything unusual in quotes. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
