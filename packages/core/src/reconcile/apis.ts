/** APIs: the documents that describe them and the entries of catalogs that name them, each API once. */
import { stableId } from '../ids.ts'
import type { ApiObserved } from '../observation.ts'
import type { Api } from '../service.ts'
import { parseGroupName } from '../team-names.ts'
import type { Catalog } from './catalog.ts'
import { isInside, parentOf } from './scopes.ts'

/**
 * An entry and a document are one API when the entry names the document's file, or when they have one name and the
 * document lies with the entry, and no other document or entry could be meant. The document gives id and name.
 */
export function buildApis(seen: readonly ApiObserved[], catalog: Catalog): Api[] {
  const documents = seen.filter((api) => !api.isEntry)
  const entries = seen.filter((api) => api.isEntry)
  const byDocument = new Map<ApiObserved, ApiObserved[]>()
  const named = new Map<ApiObserved, ApiObserved>()
  for (const entry of entries) {
    const document = documentNamed(entry, documents)
    if (document) named.set(entry, document)
  }
  for (const entry of entries) {
    const document = named.get(entry) ?? documentNear(entry, documents, entries, new Set(named.values()))
    if (document) byDocument.set(document, [...(byDocument.get(document) ?? []), entry])
  }
  const joined = new Set([...byDocument.values()].flat())
  return [...documents, ...entries.filter((entry) => !joined.has(entry))].map((api) =>
    apiOf(api, byDocument.get(api) ?? [], catalog),
  )
}

function documentNamed(entry: ApiObserved, documents: readonly ApiObserved[]): ApiObserved | null {
  const found = documents.filter((document) => document.place.file === entry.definedIn)
  return only(found) ?? only(found.filter((document) => isSame(document, entry)))
}

function documentNear(
  entry: ApiObserved,
  documents: readonly ApiObserved[],
  entries: readonly ApiObserved[],
  taken: ReadonlySet<ApiObserved>,
): ApiObserved | null {
  const directory = parentOf(entry.place.file)
  const near = only(
    documents.filter((one) => isInside(one.place.file, directory) && isSame(one, entry) && !taken.has(one)),
  )
  if (!near) return null
  const claiming = entries.filter((one) => isInside(near.place.file, parentOf(one.place.file)) && isSame(one, entry))
  return claiming.length === 1 ? near : null
}

function isSame(a: ApiObserved, b: ApiObserved): boolean {
  return parseGroupName(a.name).slug === parseGroupName(b.name).slug
}

function only<T>(found: readonly T[]): T | null {
  return found.length === 1 ? (found[0] ?? null) : null
}

function apiOf(api: ApiObserved, entries: readonly ApiObserved[], catalog: Catalog): Api {
  // The catalog's owner first: a document's is often only a contact.
  const owned = [...entries, api].find((one) => one.owner !== undefined)
  return {
    id: stableId('api', api.place.file, api.name),
    name: api.name,
    version: api.version ?? null,
    team: owned?.owner === undefined ? null : catalog.teamOf(owned.owner, owned.place),
    operations: api.operations,
    securitySchemes: api.securitySchemes,
    evidence: [api, ...entries].map((one) => one.place),
  }
}
