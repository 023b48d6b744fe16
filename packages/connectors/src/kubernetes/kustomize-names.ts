/** References between the objects of an overlay, which keep their meaning when the overlay renames what they mean. */
import { isRecord, textOf } from '../ci/scalars.ts'
import type { Manifest } from './manifest.ts'

type Name = { name: string; namespace: string | null }
export type Renaming = { kind: string; before: Name; after: Name }
type Body = Record<string, unknown>

const MAX_NODES = 50_000

/** The body with its names of accounts and roles as they are after the renaming; everything else as it was. */
export function renameReferences(body: Body, { kind, namespace }: Manifest, renamings: readonly Renaming[]): Body {
  const after = (wanted: string, name: string, from: string | null): Name | null =>
    renamings.find(
      ({ kind: renamed, before }) =>
        renamed === wanted &&
        before.name === name &&
        (before.namespace === from || before.namespace === null || from === null),
    )?.after ?? null
  if (kind.endsWith('Binding')) {
    const roleRef = isRecord(body['roleRef']) ? body['roleRef'] : {}
    const role = after(textOf(roleRef['kind']) ?? '', textOf(roleRef['name']) ?? '', namespace)
    const subjects = Array.isArray(body['subjects']) ? body['subjects'] : []
    return {
      ...body,
      ...(role ? { roleRef: { ...roleRef, name: role.name } } : {}),
      subjects: subjects.map((subject: unknown) => {
        if (!isRecord(subject) || subject['kind'] !== 'ServiceAccount') return subject
        const found = after('ServiceAccount', textOf(subject['name']) ?? '', textOf(subject['namespace']))
        return found
          ? { ...subject, name: found.name, ...(found.namespace ? { namespace: found.namespace } : {}) }
          : subject
      }),
    }
  }
  let nodes = 0
  const follow = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || ++nodes > MAX_NODES) return value
    if (Array.isArray(value)) return value.map(follow)
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const name = REFERENCES.has(key) ? textOf(inner) : null
        return [key, name === null ? follow(inner) : (after('ServiceAccount', name, namespace)?.name ?? inner)]
      }),
    )
  }
  return follow(body) as Body // a map stays a map
}

const REFERENCES = new Set(['serviceAccountName', 'serviceAccount', 'kubernetes.io/service-account.name'])
