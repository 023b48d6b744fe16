/** The URL holds the state of a screen. Whatever someone typed into it is validated before a screen sees it. */
import type { z } from 'zod'

type Shape = Record<string, z.ZodType>
export type SearchOf<S extends Shape> = { [K in keyof S]?: z.output<S[K]> | undefined }

/**
 * The valid part of a raw search. A value that does not fit is undefined instead of failing the page: an old bookmark
 * still opens, and the chips show what is really in force.
 */
export function validSearch<S extends Shape>(shape: S, raw: Record<string, unknown>): SearchOf<S> {
  // The router lays this over the raw search, so what is dropped must be said to be undefined.
  const kept: Record<string, unknown> = Object.fromEntries(Object.keys(raw).map((key) => [key, undefined]))
  for (const [key, schema] of Object.entries(shape)) {
    if (raw[key] === undefined || raw[key] === '') continue
    const parsed = schema.safeParse(raw[key])
    if (parsed.success && parsed.data !== undefined) kept[key] = parsed.data
  }
  // Each kept key was parsed by the schema of that key.
  return kept as SearchOf<S>
}

/** `{ q: 'a' }` → `?q=a`: plain words, so that a person can read and write the address. */
export function searchToText(search: Record<string, unknown>): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== '') query.set(key, String(value))
  }
  return query.size > 0 ? `?${query.toString()}` : ''
}

export function textToSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text))
}
