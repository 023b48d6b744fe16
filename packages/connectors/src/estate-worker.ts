/**
 * The worker that joins what readers observed and judges it. It is apart from the main thread because both take seconds
 * on a large estate; the result goes back in pieces, because one message of a whole report would block as long.
 */
import { deserialize } from 'node:v8'
import { parentPort } from 'node:worker_threads'
import type { Conventions } from '@onus/core/conventions.ts'
import { collectTags, findPlatformGroups, suggestConventions } from '@onus/core/conventions-suggestion.ts'
import type { Finding } from '@onus/core/finding.ts'
import type { Observation } from '@onus/core/observation.ts'
import { judge } from '@onus/core/posture/index.ts'
import { reconcile, type Reconciled } from '@onus/core/reconcile/index.ts'
import type { Summary } from '@onus/core/report.ts'
import { summarise } from '@onus/core/summary.ts'

export type EstateParts = Pick<Reconciled, 'identities' | 'scopes' | 'teams' | 'functions' | 'services' | 'apis'> & {
  findings: Finding[]
}

/** What to make of the observations. `names`: roots of repositories → how people call them. */
export type ReportAsk = {
  kind: 'report'
  asOf: Date
  conventions: Conventions
  names: ReadonlyMap<string, string>
  unread: number
  files: number
}
/** suggestion: the text of a conventions file for the tags that were met. */
export type EstateAsk = ReportAsk | { kind: 'suggestion' }

export type ToEstate =
  | { kind: 'observations'; observations: Observation[] }
  /** As a reading process sends them. */
  | { kind: 'packed'; observations: Uint8Array }
  | { kind: 'finish'; ask: EstateAsk }
  | { kind: 'next' }

export type FromEstate =
  | { kind: 'judged'; identities: number }
  | { kind: 'part'; part: keyof EstateParts; items: unknown[] }
  | { kind: 'suggestion'; text: string }
  | { kind: 'end'; summary: Summary }

/** A piece of the result; a millisecond or two of the receiver's time. */
const PIECE = 50

if (parentPort) {
  const port = parentPort
  const observations: Observation[] = []
  let pieces: Iterator<FromEstate> | null = null
  port.on('message', (message: ToEstate) => {
    if (message.kind === 'observations') for (const one of message.observations) observations.push(one)
    // The reading process packed a list of observations.
    else if (message.kind === 'packed')
      for (const one of deserialize(message.observations) as Observation[]) observations.push(one)
    else {
      if (message.kind === 'finish') pieces = answer(observations.splice(0), message.ask)
      port.postMessage(pieces?.next().value)
    }
  })
}

function* answer(observations: Observation[], ask: EstateAsk): Generator<FromEstate> {
  if (ask.kind === 'suggestion') {
    yield { kind: 'suggestion', text: suggestConventions(collectTags(observations), findPlatformGroups(observations)) }
    return
  }
  const { asOf, conventions, names } = ask
  const { knowsGroups, ...parts } = reconcile(observations, {
    asOf,
    conventions,
    nameOfRoot: (root) => names.get(root) ?? (root || '.'),
  })
  const teams = new Map(parts.teams.map((team) => [team.id, team]))
  const findings = judge(parts, { asOf, teams, knowsGroups, usageCoverage: new Map(), limits: conventions.limits })
  const summary = summarise({ identities: parts.identities, findings, unread: ask.unread, files: ask.files })
  yield { kind: 'judged', identities: parts.identities.length }
  const all: EstateParts = { ...parts, findings }
  for (const part of Object.keys(all) as (keyof EstateParts)[]) {
    const items: unknown[] = all[part]
    // Taken from the end of the reversed list, so that what was sent is free at once.
    items.reverse()
    while (items.length > 0) yield { kind: 'part', part, items: items.splice(-PIECE).reverse() }
  }
  yield { kind: 'end', summary }
}
