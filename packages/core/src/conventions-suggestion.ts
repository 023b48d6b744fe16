/**
 * A conventions file proposed from what an estate shows: which keys are read as what, which frequent keys mean nothing
 * yet, which words for environments are not known. Everything proposed is a comment; people decide.
 */
import { isCatchAll } from './codeowners.ts'
import { isToolKey, shapeOf } from './convention-shapes.ts'
import { DEFAULT_CONVENTIONS, interpret, MEANINGS, saysNothing, type Meaning } from './conventions.ts'
import { environmentWords } from './environment-words.ts'
import { readEnvironment } from './environment.ts'
import type { Observation } from './observation.ts'

export type TagUse = { count: number; samples: string[] }

/** Enough to recognise a key by its values. */
const MAX_SAMPLES = 8
const MAX_SAMPLE_LENGTH = 200
/** Rarer keys are somebody's note, not a convention. */
const MIN_USES = 3
const MAX_UNKNOWN_KEYS = 60
const MAX_KEYS_PER_MEANING = 10
const MAX_SHOWN = 40
/** Of a value as shown, in characters. */
const MAX_LENGTH = 40
/** Kubernetes allows 253 for the prefix and 63 for the name. */
const MAX_KEY_LENGTH = 320

/** Counts every key of every annotation, label and tag, with some of its values as written. */
export function collectTags(observations: readonly Observation[]): Map<string, TagUse> {
  const uses = new Map<string, TagUse>()
  for (const observation of observations) {
    if (observation.type !== 'identity' && observation.type !== 'scope') continue
    for (const { key, value } of observation.tags) {
      const use = uses.get(key) ?? { count: 0, samples: [] }
      uses.set(key, use)
      use.count += 1
      const sample = value.slice(0, MAX_SAMPLE_LENGTH)
      if (use.samples.length < MAX_SAMPLES && !use.samples.includes(sample)) use.samples.push(sample)
    }
  }
  return uses
}

/** Groups that look as if they ran the platform: they administer a cluster, or approve every change of a repository. */
export function findPlatformGroups(observations: readonly Observation[]): string[] {
  const groups = new Set<string>()
  for (const one of observations) {
    if (one.type === 'kubernetes-binding' && one.namespace === null && ADMIN_ROLES.has(one.role.name)) {
      for (const { kind, name } of one.subjects) if (kind === 'Group' && !name.startsWith('system:')) groups.add(name)
    }
    if (one.type !== 'codeowners') continue
    for (const { owners } of one.rules.filter(isCatchAll)) {
      for (const owner of owners) if (owner.startsWith('@') && owner.includes('/')) groups.add(owner)
    }
  }
  return [...groups].sort()
}

const ADMIN_ROLES = new Set(['cluster-admin', 'admin'])

/**
 * The text of a conventions file: valid as it stands, and valid with any of its proposals taken up. Keys and values
 * come from strangers: they are quoted and free of control characters, values are cut to 40 characters, and those that
 * could be secrets are left out.
 */
export function suggestConventions(tags: ReadonlyMap<string, TagUse>, platformGroups: readonly string[] = []): string {
  const uses = [...tags]
    .filter(([key]) => isPlain(key))
    .map(([key, use]) => ({ key, ...use }))
    .sort(byCount)
  return [
    '# Conventions of this estate, proposed from its tags. Keep them as onus.conventions.yaml in its top directory.',
    '# What begins with # does nothing. To take up a proposal, take its # away.',
    'version: 1',
    '',
    ...recognisedLines(uses),
    '# What other keys mean (exact keys, in any case; they go before the shapes above). Meanings:',
    `#   ${MEANINGS.slice(0, 9).join(', ')},`,
    `#   ${MEANINGS.slice(9).join(', ')}`,
    'keys:',
    ...unknownLines(uses),
    '',
    '# Keys that only look like a convention.',
    'ignore:',
    '',
    ...environmentLines(uses),
    '',
    '# Groups that run the platform for others and answer for no business function.',
    'platformTeams:',
    ...platformGroups
      .filter(isPlain)
      .slice(0, MAX_SHOWN)
      .map((group) => `#  - ${JSON.stringify(group)}`),
    'securityTeams:',
    '',
    '# Other spellings of a team: its name.',
    'teamAliases:',
    '',
    '# Whether 03-04-2026 is 3 April (day-month) or 4 March (month-day).',
    'dateOrder: day-month',
    '',
  ].join('\n')
}

type KeyUse = TagUse & { key: string }

function recognisedLines(uses: readonly KeyUse[]): string[] {
  const lines = MEANINGS.flatMap((meaning) => {
    const read = uses.filter((use) => meaningOf(use) === meaning).slice(0, MAX_KEYS_PER_MEANING)
    return read.map((use) => `#   ${meaning}: ${described(use)}`)
  })
  if (lines.length === 0) return ['# No key is recognised by its shape.', '']
  return ['# Recognised by their shape, nothing to do:', ...lines, '']
}

function unknownLines(uses: readonly KeyUse[]): string[] {
  const unknown = uses.filter((use) => use.count >= MIN_USES && meaningOf(use) === null && !isToolKey(use.key))
  const shown = unknown.slice(0, MAX_UNKNOWN_KEYS).map((use) => ({ use, guess: guessOf(use.key) }))
  const guessed = MEANINGS.flatMap((meaning) => {
    const like = shown.filter(({ guess }) => guess === meaning)
    return like.length === 0 ? [] : [`#  ${meaning}:`, ...like.map(({ use }) => `#    - ${described(use)}`)]
  })
  const others = shown.filter(({ guess }) => guess === null).map(({ use }) => `#     - ${described(use)}`)
  return [
    ...(guessed.length > 0 ? ['# By their last word, these could mean:', ...guessed] : []),
    ...(others.length > 0 ? ['# Frequent, without a meaning yet; put those that have one under it:', ...others] : []),
    ...(unknown.length > shown.length ? [`# and ${unknown.length - shown.length} more`] : []),
  ]
}

function environmentLines(uses: readonly KeyUse[]): string[] {
  const stated = uses.filter((use) => shapeOf(use.key)?.meaning === 'environment').flatMap(({ samples }) => samples)
  const words = [...new Set(stated.map((word) => word.trim()))]
    .filter((word) => isPlain(word) && word.length <= MAX_LENGTH && !saysNothing(word) && !looksSecret(word))
    .sort()
  const isKnown = (word: string): boolean => readEnvironment(word, DEFAULT_CONVENTIONS).environment !== null
  const known = words.filter(isKnown)
  return [
    `# Your words for environments; we know ${[...new Set(environmentWords.values())].join(', ')}.`,
    ...(known.length > 0 ? [`# Understood: ${listed(known)}`] : []),
    'environments:',
    ...words
      .filter((word) => !isKnown(word))
      .slice(0, MAX_SHOWN)
      .map((word) => `#  ${JSON.stringify(word)}:`),
  ]
}

/** What the key is read as today, judged by values that say something. */
function meaningOf({ key, samples }: KeyUse): Meaning | null {
  const tags = [...samples, 'something'].map((value) => ({ key, value, line: 1 }))
  return interpret(tags, DEFAULT_CONVENTIONS)[0]?.meaning ?? null
}

/** `acme-cost-centre` ends like `cost-centre`. */
function guessOf(key: string): Meaning | null {
  const words = key
    .slice(key.lastIndexOf('/') + 1)
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1-$2')
    .split(/[^\p{L}\p{N}]+/u)
  for (let i = 1; i < words.length; i++) {
    const shape = shapeOf(words.slice(i).join('-'))
    if (shape) return shape.meaning
  }
  return null
}

function described({ key, count, samples }: KeyUse): string {
  const harmless = looksSecret(key) ? [] : samples.filter((sample) => sample.trim() !== '' && !looksSecret(sample))
  const examples = harmless.length > 0 ? `: ${listed(harmless.slice(0, 3))}` : ''
  return `${JSON.stringify(key)}  # ${count} ${count === 1 ? 'use' : 'uses'}${examples}`
}

function listed(values: readonly string[]): string {
  return [...new Set(values.map(quoted))].slice(0, MAX_SHOWN).join(', ')
}

/** A key with control characters is an attack or an accident, and nobody means one so long; neither is proposed. */
function isPlain(key: string): boolean {
  return key.length <= MAX_KEY_LENGTH && !INVISIBLE.test(key)
}

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** A value as shown: one line of YAML text, whatever it holds. */
function quoted(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  const characters = [...clean]
  return JSON.stringify(characters.length > MAX_LENGTH ? `${characters.slice(0, MAX_LENGTH - 1).join('')}…` : clean)
}

const SECRET_NAME = /pass(?:word|wd|phrase)|secret|credential|private.?key|api.?key|bearer |-----BEGIN/i
const SECRET_MARK = /\b(?:AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk[-_]|eyJ|AIza|ya29\.|hvs\.|npm_)/
const SECRET_IN_URL = /:\/\/[^/\s]*:[^/\s]*@|[?&](?:sig|token|key|code)=/i
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i

/**
 * Errs to the side of caution, because a sample left out costs nothing: named like a secret, marked as one, or holding
 * a long mixture of letters and digits as no name, date or address does.
 */
function looksSecret(text: string): boolean {
  if (SECRET_NAME.test(text) || SECRET_MARK.test(text) || SECRET_IN_URL.test(text) || UUID.test(text)) return true
  return text.split(/[^\p{L}\p{N}]+/u).some((word) => word.length >= 16 && /\d/.test(word) && /\p{L}/u.test(word))
}

function byCount(a: KeyUse, b: KeyUse): number {
  return b.count - a.count || (a.key < b.key ? -1 : 1)
}
