/** What every catalog format needs: bounded texts and references to entities. */
import { isRecord, textOf } from '../ci/scalars.ts'

/** Names and addresses are shorter; what is longer is not meant to be read by people. */
const MAX_TEXT = 300

/** A text without control characters, trimmed and bounded; undefined when there is none or it is a template. */
export function factOf(value: unknown): string | undefined {
  const text = textOf(value)
    ?.replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, MAX_TEXT)
  return text === undefined || text === '' || isTemplate(text) ? undefined : text
}

/** Placeholders of scaffolders and generators: `${{ values.name }}`, `{{cookiecutter.name}}`, `<%= name %>`. */
export function isTemplate(value: unknown): boolean {
  return typeof value === 'string' && /\{\{|<%/.test(value)
}

/** The texts of a list; a single text counts as a list of one. */
export function factsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((item) => factOf(item) ?? [])
}

/** The maps of a list. */
export function mapsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** The properties that are known; an absent one is left out rather than undefined. */
export function known<T extends object>(facts: T): Known<T> {
  // Only undefined values are dropped, so every remaining one has its type.
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Known<T>
}
type Known<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** `https://host/org/name` of a repository, without `.git`, query and credentials; undefined when it is no URL. */
export function repositoryUrl(value: unknown): string | undefined {
  const text = factOf(value)
    ?.replace(/^(?:url|git):(?=https?:)/, '')
    .replace(/^git@([^:/]+):/, 'https://$1/')
  if (text === undefined || !URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined
  // A location inside of a repository (`/tree/main/...`, `/-/blob/...`) still names the repository.
  const path = url.pathname
    .replace(/\/(?:-\/)?(?:tree|blob|src)\/.*$/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
  return path === '' ? undefined : `${url.protocol}//${url.host}${path}`
}

/** A repository given as `org/name` on a host. */
export function repositoryOn(host: string, slug: unknown): string | undefined {
  const text = factOf(slug)
  if (text === undefined || !/^[^\s/:@]+(?:\/[^\s/:@]+)+$/.test(text)) return undefined
  return `https://${host}/${text.replace(/\.git$/, '')}`
}
