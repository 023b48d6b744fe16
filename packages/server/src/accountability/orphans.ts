/** Identities whose acceptance ended and that nobody took over: who was asked, and what needs them. */
import { sql } from 'kysely'
import type { Dependents, Escalation, QueueItem } from '@onus/core/contract/accountability-routes.ts'
import type { ReassignDays } from '@onus/core/decision/escalation.ts'
import type { RegisteredIdentity } from '@onus/core/decision/effective.ts'
import type { Read, Tx } from '../db/database.ts'

const MOST = 100
const SHOWN_USES = 20

const END_WORDS: Record<string, string> = {
  'ran-out': 'its acceptance ran out',
  'team-dissolved': 'the team was dissolved',
  'team-without-member': 'the team has no member any more',
}

const orphans = (read: Read) =>
  read
    .selectFrom('orphaned')
    .innerJoin('acceptance', 'acceptance.id', 'orphaned.acceptance_id')
    .innerJoin('identity', 'identity.id', 'orphaned.identity_id')
    .innerJoin('identity_version', 'identity_version.id', 'identity.version_id')
    .leftJoin('decided_function', (join) =>
      join
        .onRef('decided_function.function_id', '=', sql`coalesce(acceptance.function_id, document->>'function')`)
        .on('decided_function.valid_to', 'is', null),
    )
    .select([
      'identity.id',
      'identity.name',
      'acceptance.team_id',
      'acceptance.team_name',
      'acceptance.function_id',
      'acceptance.function_name',
      'decided_function.name as decided_name',
      'criticality',
      'orphaned.since',
      'due_at',
      'step',
      'step_at',
      'next_at',
      'asked',
      'ended',
      'document',
    ])
    .where('identity.vanished_at', 'is', null)

type Needed = {
  function_id: string | null
  function_name: string | null
  decided_name: string | null
  criticality: string | null
  document: RegisteredIdentity
}

function dependentsOf({ document, ...row }: Needed): Dependents {
  const serves = row.function_id ?? document.function
  const name = row.decided_name ?? row.function_name ?? document.questions.function.answer ?? serves
  return {
    function: serves === null || name === null ? null : { id: serves, name, criticality: row.criticality },
    uses: document.uses.slice(0, SHOWN_USES).map(({ kind, name: user }) => ({ kind, name: user })),
    count: document.uses.length,
  }
}

/** The first 100 by their day; of everybody, or those about which `person` was asked. */
export async function orphansFor(read: Read, person: string | null): Promise<QueueItem[]> {
  let query = orphans(read)
  if (person !== null) query = query.where(sql<boolean>`asked @> ${[person]}::text[]`)
  const rows = await query.orderBy('due_at').orderBy('identity.id').limit(MOST).execute()
  return rows.map((row) => ({
    kind: 'orphan' as const,
    at: row.due_at.toISOString(),
    identity: { id: row.id, name: row.name },
    was: { id: row.team_id, name: row.team_name },
    why: END_WORDS[row.ended ?? ''] ?? 'its acceptance ended',
    step: row.step,
    isSuspendDue: row.step === 'suspend-due',
    dependents: dependentsOf(row),
  }))
}

export async function escalationOf(read: Read, identity: string): Promise<Escalation | null> {
  const row = await orphans(read).where('identity.id', '=', identity).executeTakeFirst()
  if (!row) return null
  const people = await read
    .selectFrom('person')
    .select(['id', 'display_name as name'])
    .where(sql<boolean>`id = any(${row.asked})`)
    .orderBy('id')
    .execute()
  return {
    since: row.since.toISOString(),
    dueAt: row.due_at.toISOString(),
    step: row.step,
    stepAt: row.step_at?.toISOString() ?? null,
    nextAt: row.next_at?.toISOString() ?? null,
    isSuspendDue: row.step === 'suspend-due',
    asked: people,
    dependents: dependentsOf(row),
  }
}

/**
 * Starts the time of each acceptance that has just ended: until its day somebody takes over. Answers the day of each
 * identity.
 */
export async function startTime(tx: Tx, acceptances: readonly string[], critical: readonly string[], now: Date): Promise<Map<string, Date>> {
  const { rows } = await sql<{ identity_id: string; due_at: Date }>`
    insert into orphaned (identity_id, acceptance_id, since, due_at, next_at)
    select a.identity_id, a.id, ${now}, ${now}::timestamptz + make_interval(days =>
        case when f.criticality = any(${critical}) then d.critical
          when i.is_production is distinct from false then d.production else d.other end), ${now}
    from acceptance a
    cross join reassign_days d
    left join identity i on i.id = a.identity_id
    left join decided_function f on f.function_id = a.function_id and f.valid_to is null
    where a.id = any(${acceptances})
    on conflict (identity_id) do update set acceptance_id = excluded.acceptance_id, since = excluded.since,
      due_at = excluded.due_at, next_at = excluded.next_at, step = null, step_at = null, asked = '{}'
    returning identity_id, due_at`.execute(tx)
  return new Map(rows.map((row) => [row.identity_id, row.due_at]))
}

/** What this server was told; times that run already keep their day. */
export async function saveReassignDays(tx: Tx, days: ReassignDays): Promise<void> {
  await tx.updateTable('reassign_days').set(days).execute()
}
