/** Guardrails as the API tells them. */
import type { z } from 'zod'
import type { GuardrailDetail, GuardrailRow } from '@onus/core/change/shapes.ts'
import type { Read } from '../db/database.ts'
import { guardrailOf } from './check.ts'
import { standingOf, standingVersions, versionsOf } from './store.ts'
import type { VersionRow } from './store.ts'

const told = (row: VersionRow) => {
  const { title, found, allowed, needs } = guardrailOf(row)
  return {
    id: row.guardrail_id,
    version: row.version,
    title: row.text === null ? row.title : title,
    found,
    allowed,
    needs,
    stage: row.stage,
    graceUntil: row.grace_until?.toISOString() ?? null,
    since: row.valid_from.toISOString(),
    endsAt: row.valid_to?.toISOString() ?? null,
    change: row.change_id,
  }
}

async function standingRows(
  read: Read,
  rows: readonly VersionRow[],
  now: Date,
): Promise<z.infer<typeof GuardrailRow>[]> {
  const counted = await read
    .selectFrom('exception')
    .select(({ fn }) => ['rule', fn.countAll<string>().as('count')])
    .where('until', '>', now)
    .where('replaced_at', 'is', null)
    .groupBy('rule')
    .execute()
  const counts = new Map(counted.map(({ rule, count }) => [rule, Number(count)]))
  return rows.map((row) => ({
    ...told(row),
    text: row.text ?? '',
    standing: standingOf(row, now),
    exceptions: counts.get(row.guardrail_id) ?? 0,
  }))
}

export async function listGuardrails(read: Read, now: Date): Promise<z.infer<typeof GuardrailRow>[]> {
  return standingRows(read, await standingVersions(read, now), now)
}

export async function guardrailDetail(read: Read, id: string, now: Date): Promise<z.infer<typeof GuardrailDetail>> {
  const versions = await versionsOf(read, id)
  const [newest] = versions
  const [current = null] = newest && newest.text !== null ? await standingRows(read, [newest], now) : []
  return { current, versions: versions.map((row) => ({ ...told(row), text: row.text })) }
}
