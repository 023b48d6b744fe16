/** What a report proves by silence: an identity that it does not name has vanished only if it would have been seen. */
import type { z } from 'zod'
import type { SourceReport } from '@onus/core/report.ts'

type Reading = z.infer<typeof SourceReport>

/** Systems whose identities a file reader yields; a reader that is not listed may yield any. */
const SYSTEMS: Record<string, readonly string[]> = {
  kubernetes: ['kubernetes'],
  terraform: ['terraform', 'aws', 'google', 'azure', 'github', 'gitlab', 'keycloak', 'auth0', 'okta', 'kubernetes'],
  'github-actions': ['github'],
  'gitlab-ci': ['gitlab'],
  kong: ['kong'],
  'aws-iam': ['aws'],
  openapi: [],
  codeowners: [],
  backstage: [],
  'git-history': [],
  git: [],
}

/** `systems` null: silence proves nothing for any system. `why` says so to people; null when everything is proven. */
export type Silence = { unproven: readonly string[] | null; why: string | null }

/** Judges a new reading of a source against the one before it (null: the first, which nothing can be missing from). */
export function judgeSilence(now: readonly Reading[], before: readonly Reading[] | null): Silence {
  if (before === null) return { unproven: [], why: null }
  if (now.every(({ files }) => files === 0))
    return { unproven: null, why: 'Nothing was marked vanished: the report read no file.' }
  const paths = new Set(now.map(({ path }) => path))
  const missing = [...new Set(before.map(({ path }) => path))].filter((path) => !paths.has(path))
  if (missing.length) {
    return {
      unproven: null,
      why: `Nothing was marked vanished: the report does not cover \`${missing[0]}\`, which the one before did.`,
    }
  }
  const partial = now.filter(({ isComplete }) => !isComplete)
  if (partial.length === 0) return { unproven: [], why: null }
  const readers = [...new Set(partial.map(({ reader }) => reader))]
  const systems = readers.map((reader) => (Object.hasOwn(SYSTEMS, reader) ? SYSTEMS[reader] : null))
  const unread = partial.reduce((sum, { unreadCount }) => sum + unreadCount, 0)
  const things = `${unread} ${unread === 1 ? 'thing' : 'things'} could not be read (${readers.join(', ')})`
  if (systems.some((list) => list === null)) return { unproven: null, why: `Nothing was marked vanished: ${things}.` }
  const unproven = [...new Set(systems.flatMap((list) => list ?? []))]
  return { unproven, why: unproven.length ? `Nothing of ${unproven.join(', ')} was marked vanished: ${things}.` : null }
}
