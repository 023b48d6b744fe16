/** All statements about guardrails. */
import { sql } from 'kysely'
import type { Selectable } from 'kysely'
import type { GuardrailVersion } from '@onus/core/change/kinds/guardrail.ts'
import type { Read, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'

export type VersionRow = Selectable<Tables['guardrail_version']>

/** Any constant serves, as long as no one else uses it: "guar" in ASCII. */
const GUARDRAIL_LOCK = 0x67756172

/** Guardrails stay as they are until this transaction ends. */
export async function shareGuardrails(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${GUARDRAIL_LOCK})`.execute(tx)
}

/** Waits for whoever relies on the guardrails of now. */
export async function lockGuardrails(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${GUARDRAIL_LOCK})`.execute(tx)
}

/** Versions that hold at `now` and do something: of each guardrail the current one, and one that was loosened lately. */
export async function standingVersions(read: Read | Tx, now: Date): Promise<VersionRow[]> {
  return read
    .selectFrom('guardrail_version')
    .selectAll()
    .where('text', 'is not', null)
    .where('valid_from', '<=', now)
    .where(({ or, eb }) => or([eb('valid_to', 'is', null), eb('valid_to', '>', now)]))
    .orderBy('guardrail_id')
    .orderBy('version')
    .execute()
}

/** Newest first. */
export async function versionsOf(read: Read | Tx, id: string): Promise<VersionRow[]> {
  return read
    .selectFrom('guardrail_version')
    .selectAll()
    .where('guardrail_id', '=', id)
    .orderBy('version', 'desc')
    .execute()
}

export const versionOf = (row: VersionRow): GuardrailVersion => ({
  version: row.version,
  text: row.text,
  stage: row.stage,
  graceUntil: row.grace_until?.toISOString() ?? null,
})

/** What a version does at `now`: one in its grace period only warns. */
export function standingOf(row: Pick<VersionRow, 'stage' | 'grace_until'>, now: Date): VersionRow['stage'] {
  return row.stage === 'enforce' && row.grace_until !== null && row.grace_until > now ? 'warn' : row.stage
}

/** Rules and guardrails from which these identities are excepted at `now`, with the exception. */
export async function runningExceptions(
  read: Read | Tx,
  identities: readonly string[],
  now: Date,
): Promise<Map<string, Selectable<Tables['exception']>>> {
  if (identities.length === 0) return new Map()
  const rows = await read
    .selectFrom('exception')
    .selectAll()
    .where(sql<boolean>`identity_id = any(${identities})`)
    .where('valid_from', '<=', now)
    .where('until', '>', now)
    .where('replaced_at', 'is', null)
    .execute()
  return new Map(rows.map((row) => [`${row.rule} ${row.identity_id}`, row]))
}
