/**
 * What a guardrail would hit if it held for everything that is there: each grant and credential of each identity, asked
 * about as if it were proposed today, with the end it has.
 */
import { sql } from 'kysely'
import type { z } from 'zod'
import { credentialAttributes, grantAttributes, identityAttributes } from '@onus/core/change/guarded.ts'
import type { Guarded, IdentityFacts } from '@onus/core/change/guarded.ts'
import { isFederationAvailable } from '@onus/core/change/kinds/subject.ts'
import type { Simulation } from '@onus/core/change/shapes.ts'
import type { RegisteredIdentity } from '@onus/core/decision/effective.ts'
import type { Read, Tx } from '../db/database.ts'
import { dataClassesOf } from '../changes/subjects.ts'
import { hitOf, readGuardrail } from './read.ts'
import type { Guardrail } from './read.ts'
import { runningExceptions } from './store.ts'

type Result = z.infer<typeof Simulation>
/** Documents at once. */
const BATCH = 500
const SHOWN = 100

export type SimulateAsk = { id: string; text: string }

/** Faults of the text are told, not thrown. `read` should see one state of the registry from beginning to end. */
export async function simulate(
  read: Read | Tx,
  { id, text }: SimulateAsk,
  now: Date,
  onProgress: (stage: string, done: number, total: number | null) => void,
): Promise<Result> {
  const reading = readGuardrail(text, id)
  const tally = new Tally()
  if (!reading.ok)
    return { ...tally.result(), faults: reading.faults.map(({ message, help, line }) => ({ message, help, line })) }
  const total = await countPresent(read)
  let looked = 0
  for (let after = ''; ;) {
    onProgress('asking', looked, total)
    const batch = await load(read, after, now)
    if (batch.length === 0) return tally.result()
    const excepted = await runningExceptions(
      read,
      batch.map(({ facts }) => facts.id),
      now,
    )
    for (const each of batch)
      tally.add(each, firstHit(reading.guardrail, each, now), excepted.has(`${id} ${each.facts.id}`))
    looked += batch.length
    after = batch.at(-1)?.facts.id ?? ''
  }
}

async function countPresent(read: Read | Tx): Promise<number> {
  const row = await read
    .selectFrom('identity')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('vanished_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

type Loaded = { facts: IdentityFacts; teamName: string | null; document: RegisteredIdentity; isDataKnown: boolean }
type Row = { id: string; team: string | null; team_name: string | null; document: RegisteredIdentity }

async function load(read: Read | Tx, after: string, now: Date): Promise<Loaded[]> {
  const rows = await read
    .selectFrom('identity')
    .innerJoin('identity_version', 'identity_version.id', 'identity.version_id')
    .select(['identity.id', 'identity.team', 'identity.team_name', 'document'])
    .where('identity.vanished_at', 'is', null)
    .where('identity.id', '>', after)
    .orderBy('identity.id')
    .limit(BATCH)
    .execute()
  const accepted = await read
    .selectFrom('acceptance')
    .select(['identity_id', 'sponsor', 'function_id', 'team_id'])
    .where(sql<boolean>`identity_id = any(${rows.map((row) => row.id)})`)
    .where('ended_at', 'is', null)
    .where('until', '>', now)
    .execute()
  const acceptances = new Map(accepted.map((row) => [row.identity_id, row]))
  const functionOf = ({ id, document }: Row): string => acceptances.get(id)?.function_id ?? document.function ?? ''
  const classes = await dataClassesOf(read, rows.map(functionOf))
  return rows.map((row) => {
    const { id, document } = row
    const facts: IdentityFacts = {
      id,
      name: document.name,
      kind: document.kind,
      environment: document.environment,
      isProduction: document.isProduction,
      isThirdParty: document.isThirdParty,
      team: acceptances.get(id)?.team_id ?? null,
      sponsor: acceptances.get(id)?.sponsor ?? null,
      dataClasses: classes.get(functionOf(row)) ?? [],
      isFederationAvailable: isFederationAvailable(document),
    }
    return { facts, teamName: row.team_name, document, isDataKnown: classes.has(functionOf(row)) }
  })
}

type FirstHit = { about: string; found: string }

function firstHit(guardrail: Guardrail, { facts, document }: Loaded, now: Date): FirstHit | null {
  const identity = { id: facts.id, name: facts.name, attributes: identityAttributes(facts) }
  const ask = (asked: Guarded): FirstHit | null => {
    const hit = hitOf(guardrail, 'simulation', asked)
    return hit && { about: asked.label, found: hit.found }
  }
  for (const grant of document.grants) {
    const attributes = {
      ...grantAttributes(facts, { ...grant, until: null }, now),
      // The source knows better than the spelling.
      isWildcard: grant.isWildcard,
    }
    const hit = ask({ action: 'grant', identity, label: `${grant.permission} on ${grant.resource}`, attributes })
    if (hit) return hit
  }
  for (const credential of document.credentials) {
    const attributes = lifeOf(credential, now)
    const hit = ask({ action: 'issue', identity, label: `${credential.kind} ${credential.name}`, attributes })
    if (hit) return hit
  }
  return null
}

/** The whole life of a credential, from when it was made, where that is known. */
function lifeOf(credential: RegisteredIdentity['credentials'][number], now: Date) {
  const made = credential.rotatedAt ?? credential.createdAt
  return credentialAttributes(credential, made === null ? now : new Date(made))
}

class Tally {
  private looked = 0
  private hit = 0
  private excepted = 0
  private readonly unknown = { environment: 0, dataClasses: 0 }
  private readonly teams = new Map<string | null, { name: string; hit: number }>()
  private readonly first: Result['first'] = []

  add({ facts, teamName, document, isDataKnown }: Loaded, hit: FirstHit | null, isExcepted: boolean): void {
    this.looked += 1
    if (facts.isProduction === null) this.unknown.environment += 1
    if (!isDataKnown) this.unknown.dataClasses += 1
    if (!hit) return
    this.hit += 1
    if (isExcepted) this.excepted += 1
    const { team } = document.accountability
    const known = this.teams.get(team) ?? { name: team === null ? 'nobody' : (teamName ?? team), hit: 0 }
    this.teams.set(team, { ...known, hit: known.hit + 1 })
    if (this.first.length < SHOWN)
      this.first.push({
        identity: { id: facts.id, name: facts.name },
        team: team === null ? null : { id: team, name: teamName ?? team },
        ...hit,
        isExcepted,
      })
  }

  result(): Result {
    const teams = [...this.teams].map(([id, { name, hit }]) => ({ id, name, hit }))
    return {
      faults: [],
      looked: this.looked,
      hit: this.hit,
      teams: teams.sort((a, b) => b.hit - a.hit || a.name.localeCompare(b.name)).slice(0, SHOWN),
      teamCount: teams.length,
      first: this.first,
      exceptionsNeeded: this.hit - this.excepted,
      excepted: this.excepted,
      unknown: this.unknown,
    }
  }
}
