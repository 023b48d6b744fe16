/**
 * Which environment a tag, a name or a path speaks of. Whole words only: "device" is not dev and "protest" is no test.
 * A wrong environment does more harm than none, so what could mean two things is left open.
 */
import { withoutAccents } from './accents.ts'
import type { Conventions } from './conventions.ts'
import {
  environmentHolders,
  environmentWords,
  shortEnvironmentWords,
  weakEnvironmentWords,
  wordsOfOtherTrades,
} from './environment-words.ts'
import type { Confidence } from './identity.ts'

/** `environment` is the normalised word; `isProduction` is null where it cannot be told (shared, a word of the house). */
export type EnvironmentRead = { environment: string | null; isProduction: boolean | null }
export type EnvironmentGuess = { environment: string; isProduction: boolean | null; confidence: Confidence }
type OwnWords = Pick<Conventions, 'environments'>

/** Longer values are sentences, and a sentence mentions environments for many reasons. */
const MAX_VALUE_LENGTH = 60
const NOTHING: EnvironmentRead = { environment: null, isProduction: null }

/**
 * Reads the value of a tag that states an environment: `prod`, `prd-eu`, `Pre-Production`, `dev2`. The company's own
 * words come first. Several environments in one value (`dev/test`) leave the word open, and say at least whether it is
 * production.
 */
export function readEnvironment(raw: string, conventions: OwnWords): EnvironmentRead {
  const own = ownWord(raw, conventions)
  if (own !== null) return { environment: own, isProduction: isProductionWord(own) }
  if (raw.length > MAX_VALUE_LENGTH) return NOTHING
  const found = new Set(wordsOf(raw).flatMap((word) => ownWord(word, conventions) ?? environmentWords.get(word) ?? []))
  if (found.size > 1) found.delete('shared') // "shared dev" is a dev environment that is shared
  const [environment] = found
  if (environment === undefined) return NOTHING
  if (found.size === 1) return { environment, isProduction: isProductionWord(environment) }
  return { environment: null, isProduction: [...found].every((one) => isProductionWord(one) === false) ? false : null }
}

/** How strongly the place of a word speaks; the strongest wins, and of equals the deepest, the most specific. */
const RANK = { stated: 3, likely: 2, weak: 1 } as const
type Ranked = { environment: string; rank: number; confidence: Confidence }

/**
 * Guesses the environment from a path or a name (`namespaces/payments-dev/role.tf`). `high`: a segment is the word;
 * `medium`: a name ends with it or begins with its short form; `low`: a hint that may mean something else ("live" in
 * the name of a cluster). null when no word is met.
 */
export function environmentOfPath(path: string, conventions: OwnWords): EnvironmentGuess | null {
  const segments = path.split('/')
  let best: Ranked | null = null
  for (let i = segments.length - 1; i >= 0 && best?.rank !== RANK.stated; i--) {
    const guess = guessSegment(segments[i] ?? '', segments[i - 1] ?? '', i === segments.length - 1, conventions)
    if (guess && guess.rank > (best?.rank ?? 0)) best = guess
  }
  if (!best) return null
  const { environment, confidence } = best
  return { environment, isProduction: isProductionWord(environment), confidence }
}

/**
 * The environment of one word within a name, for names that people give to resources (`acme-prod-data`): only words that
 * mean an environment and little else, and only when they agree. null otherwise.
 */
export function environmentInName(name: string, conventions: OwnWords): string | null {
  const inside = new Set(
    wordsOf(name).flatMap((word) =>
      shortEnvironmentWords.has(word) || NORMALISED.has(word) ? (environmentWords.get(word) ?? []) : [],
    ),
  )
  if (inside.size > 1) return null
  const guess = environmentOfPath(name, conventions)
  const [only] = inside
  return guess && guess.confidence !== 'low' ? guess.environment : (only ?? null)
}

/** true, false, or null for shared environments and the company's own words. */
function isProductionWord(environment: string): boolean | null {
  if (environment === 'production') return true
  return NORMALISED.has(environment) && environment !== 'shared' ? false : null
}

const NORMALISED = new Set(environmentWords.values())

const FILE_EXTENSION = /\.(?:ya?ml|json|tf|tfvars|hcl|toml|env|properties|ini|conf|(?:lib|j)sonnet|cue|xml|csv|md)$/i

/** What follows the environment in a name without changing it: regions, counters, kinds of thing. */
const TRAILERS = new Set([
  'eu',
  'us',
  'uk',
  'gb',
  'de',
  'fr',
  'ie',
  'ap',
  'apac',
  'emea',
  'ca',
  'sa',
  'af',
  'me',
  'il',
  'mx',
  'au',
  'jp',
  'in',
  'east',
  'west',
  'north',
  'south',
  'central',
  'northeast',
  'northwest',
  'southeast',
  'southwest',
  'weu',
  'neu',
  'eus',
  'wus',
  'euw',
  'use',
  'usw',
  'primary',
  'secondary',
  'blue',
  'green',
  'cluster',
  'eks',
  'aks',
  'gke',
  'account',
  'environment',
  'env',
  'namespace',
  'ns',
  'vpc',
  'region',
  'values',
  'config',
  'vars',
  'variables',
  'settings',
  'auto',
])

function guessSegment(segment: string, parent: string, isLast: boolean, conventions: OwnWords): Ranked | null {
  const isFile = isLast && FILE_EXTENSION.test(segment)
  const stem = isFile ? segment.replace(FILE_EXTENSION, '') : segment
  const own = ownWord(stem, conventions)
  const isIntroduced = environmentHolders.has(parent.toLowerCase())
  const guess = own === null ? guessName(stem, isIntroduced, conventions) : ranked(own, 'stated', 'high')
  // The directory is the house, the file only a room: `prod/test-data.yaml` is production.
  return guess && isFile ? { ...guess, rank: Math.min(guess.rank, RANK.likely) } : guess
}

function guessName(name: string, isIntroduced: boolean, conventions: OwnWords): Ranked | null {
  const environment = (word: string): string | undefined => ownWord(word, conventions) ?? environmentWords.get(word)
  const words = withoutTrailers(wordsOf(name))
  const [first = ''] = words
  const last = words.at(-1) ?? ''
  const end = environment(last)
  if (end !== undefined && words.length === 1) return rankAlone(last, end, isIntroduced)
  if (end !== undefined && !wordsOfOtherTrades.has(last)) return ranked(end, 'stated', 'medium')
  const host = name.includes('.') ? withoutTrailers(wordsOf(name.slice(0, name.indexOf('.')))) : []
  const [hostWord = ''] = host
  const hostEnvironment = host.length === 1 ? environment(hostWord) : undefined
  if (hostEnvironment !== undefined) return ranked(hostEnvironment, 'weak', isStrong(hostWord) ? 'medium' : 'low')
  const start = environment(first)
  if (start !== undefined && shortEnvironmentWords.has(first)) return ranked(start, 'likely', 'medium')
  if (start !== undefined && isStrong(first)) return ranked(start, 'weak', 'low')
  const short = words.filter((word) => shortEnvironmentWords.has(word))
  const inside = new Set(short.flatMap((word) => environment(word) ?? []))
  const [only] = inside
  return only !== undefined && inside.size === 1 ? ranked(only, 'weak', 'low') : null
}

function rankAlone(word: string, environment: string, isIntroduced: boolean): Ranked {
  if (isIntroduced || isStrong(word)) return ranked(environment, 'stated', 'high')
  const isDoubtful = word === 'live' || wordsOfOtherTrades.has(word)
  return isDoubtful ? ranked(environment, 'weak', 'low') : ranked(environment, 'likely', 'medium')
}

function isStrong(word: string): boolean {
  return !weakEnvironmentWords.has(word) && !wordsOfOtherTrades.has(word)
}

function ranked(environment: string, rank: keyof typeof RANK, confidence: Confidence): Ranked {
  return { environment, rank: RANK[rank], confidence }
}

function withoutTrailers(words: readonly string[]): readonly string[] {
  let end = words.length
  while (end > 1 && isTrailer(words[end - 1] ?? '')) end -= 1
  return words.slice(0, end)
}

function isTrailer(word: string): boolean {
  return TRAILERS.has(word) || word.length === 1 || /^\d+$/.test(word)
}

/** The company's own word for the whole text, normalised where it maps to a known one; null when it has none. */
function ownWord(text: string, conventions: OwnWords): string | null {
  const own = ownWordsOf(conventions)
  if (own.size === 0) return null
  return own.get(withoutAccents(text).trim().toLowerCase()) ?? null
}

/** Built once for each conventions object: names are read by the hundred thousand. */
const ownWordsCache = new WeakMap<Conventions['environments'], ReadonlyMap<string, string>>()

function ownWordsOf({ environments }: OwnWords): ReadonlyMap<string, string> {
  const known = ownWordsCache.get(environments)
  if (known) return known
  const own = new Map(
    Object.entries(environments).map(([word, meaning]) => {
      const clean = meaning.trim().toLowerCase()
      return [withoutAccents(word).trim().toLowerCase(), environmentWords.get(clean) ?? clean]
    }),
  )
  ownWordsCache.set(environments, own)
  return own
}

const PREFIXES: ReadonlyMap<string, string> = new Map([
  ['pre', 'pre'],
  ['non', 'non'],
  ['not', 'non'],
])
const PREFIXED = new Set(['prod', 'prd', 'production', 'live'])
const WORD = /\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{Lt}]+|\p{N}+/gu

/** Lower-case words of a name: separators, camelCase and digits part them; `pre-prod` and `non prod` are one each. */
function wordsOf(text: string): string[] {
  const words: string[] = []
  for (const token of withoutAccents(text).split(/[^\p{L}\p{N}]+/u)) {
    if (token === '') continue
    const parts = environmentWords.has(token.toLowerCase()) ? [token] : (token.match(WORD) ?? [])
    for (const part of parts) words.push(part.toLowerCase())
  }
  const joined: string[] = []
  for (const word of words) {
    const prefix = PREFIXED.has(word) ? PREFIXES.get(joined.at(-1) ?? '') : undefined
    if (prefix === undefined) joined.push(word)
    else joined[joined.length - 1] = `${prefix}${word}`
  }
  return joined
}
