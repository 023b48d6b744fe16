import type { Observation } from '../observation.ts'

type Kind = Observation['type']
/** Observations by kind, each list in an order that does not depend on which reader finished first. */
export type Sorted = { [K in Kind]: Extract<Observation, { type: K }>[] }

export function sortObservations(observations: readonly Observation[]): Sorted {
  const sorted: Sorted = {
    identity: [],
    credential: [],
    grant: [],
    trust: [],
    use: [],
    access: [],
    control: [],
    scope: [],
    team: [],
    person: [],
    service: [],
    function: [],
    api: [],
    claim: [],
    declaration: [],
    codeowners: [],
    history: [],
    'kubernetes-role': [],
    'kubernetes-binding': [],
  }
  for (const observation of observations) {
    // The list of a kind holds that kind; the compiler cannot follow a computed key.
    ;(sorted[observation.type] as Observation[]).push(observation)
  }
  for (const list of Object.values(sorted)) (list as Observation[]).sort(byPlace)
  return sorted
}

function byPlace(a: Observation, b: Observation): number {
  const fileA = fileOf(a)
  const fileB = fileOf(b)
  if (fileA !== fileB) return fileA < fileB ? -1 : 1
  return lineOf(a) - lineOf(b)
}

function fileOf(observation: Observation): string {
  return 'place' in observation ? observation.place.file : observation.file
}

function lineOf(observation: Observation): number {
  return 'place' in observation ? observation.place.line : 1
}
