/** From what manifests declare and what the registry holds to the changes that would make both agree. Pure. */
import type { ContentOf } from '../change/content.ts'
import type { Acceptance } from '../decision/acceptance.ts'
import type { RegisteredIdentity } from '../decision/effective.ts'
import { functionOf, type DeclaredIdentity, type Manifest } from './manifest.ts'

/** An identity of the registry that a declaration is about. */
export type Standing = {
  id: string
  name: string
  namespace: string | null
  environment: string | null
  /** The team whose acceptance runs, until when, and what it said. */
  accepted: {
    team: string
    until: string
    purpose: string | null
    function: string | null
    revocation: string | null
  } | null
}

/** Whether a row of a search for `declared` is worth a second look: a native reference holds the name of its identity. */
export const mayBe = (declared: string, row: { name: string }): boolean => declared.includes(row.name)

/** A declaration names an identity by its name, or by its native reference. */
export const isNamed = (declared: string, { name, source }: Pick<RegisteredIdentity, 'name' | 'source'>): boolean =>
  name === declared || source.ref === declared

/** What the team did not say when it accepted stands as sources say it. */
export function standingOf(identity: RegisteredIdentity, acceptance: Acceptance | null): Standing {
  const { id, name, namespace, environment, purpose, questions } = identity
  return {
    id,
    name,
    namespace,
    environment,
    accepted: acceptance && {
      team: acceptance.team.id,
      until: acceptance.until,
      purpose: acceptance.purpose ?? purpose,
      function: acceptance.function?.name ?? questions.function.answer,
      revocation: acceptance.revocation ?? questions.revocation.answer,
    },
  }
}

export type PlanLine =
  | { kind: 'stands'; identity: Standing; until: string }
  /** Accepted with other answers: they are renewed with the acceptance, by the team. */
  | { kind: 'differs'; identity: Standing; differences: { field: string; stands: string | null; declared: string }[] }
  | { kind: 'hand-over'; identity: Standing; from: string | null }
  | { kind: 'not-found'; name: string; namespace: string | null }
export type Plan = { lines: PlanLine[]; changes: ContentOf<'ownership'>[] }

/**
 * `team` is the directory's team of the manifest; `find` answers the identities that a declaration is about. What the
 * team does not answer for yet is gathered into as few changes as there are different answers.
 */
export function planManifest(
  manifest: Manifest,
  team: { id: string; name: string },
  until: string,
  find: (declared: DeclaredIdentity) => readonly Standing[],
): Plan {
  const lines: PlanLine[] = []
  const changes = new Map<string, ContentOf<'ownership'>>()
  for (const declared of manifest.identities) {
    const found = find(declared)
    if (found.length === 0)
      lines.push({ kind: 'not-found', name: declared.name, namespace: declared.namespace ?? null })
    for (const identity of found) {
      const line = lineOf(identity, manifest, declared, team)
      lines.push(line)
      if (line.kind !== 'hand-over') continue
      const fn = functionOf(manifest, declared)
      const answers = {
        purpose: declared.purpose,
        function: fn === null ? null : { name: fn },
        sponsor: null,
        revocation: declared.revocation,
      }
      const key = JSON.stringify(answers)
      const change = changes.get(key) ?? { kind: 'ownership', identities: [], team: team.id, until, answers }
      changes.set(key, { ...change, identities: [...change.identities, identity.id] })
    }
  }
  return { lines, changes: [...changes.values()] }
}

function lineOf(identity: Standing, manifest: Manifest, declared: DeclaredIdentity, team: { id: string }): PlanLine {
  const { accepted } = identity
  if (accepted?.team !== team.id) return { kind: 'hand-over', identity, from: accepted?.team ?? null }
  const fn = functionOf(manifest, declared)
  const said: [field: string, stands: string | null, declared: string | null][] = [
    ['purpose', accepted.purpose, declared.purpose],
    ['function', accepted.function, fn],
    ['revocation', accepted.revocation, declared.revocation],
  ]
  const differences = said.flatMap(([field, stands, wanted]) =>
    wanted === null || stands === wanted ? [] : [{ field, stands, declared: wanted }],
  )
  if (differences.length > 0) return { kind: 'differs', identity, differences }
  return { kind: 'stands', identity, until: accepted.until }
}

/** What makes two changes the same wish: not until when, which moves with the day. */
export function wishOf({ team, identities, answers }: ContentOf<'ownership'>): string {
  const { purpose, function: fn, revocation } = answers
  return JSON.stringify([team, identities.toSorted(), purpose, fn, revocation])
}
