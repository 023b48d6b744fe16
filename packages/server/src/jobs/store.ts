import type { Selectable } from 'kysely'
import type { Job } from '@onus/core/contract/routes.ts'
import type { Read, Tx } from '../db/database.ts'
import type { Tables } from '../db/tables.ts'
import type { Progress, Task, TaskResult } from './task.ts'

export async function saveJob(tx: Tx, id: string, task: Task, now: Date): Promise<void> {
  await tx
    .insertInto('job')
    .values({
      id,
      kind: task.kind,
      ask: JSON.stringify(task),
      created_at: now,
      message: null,
      started_at: null,
      ended_at: null,
    })
    .execute()
}

export async function startJob(tx: Tx, id: string, now: Date): Promise<void> {
  await tx
    .updateTable('job')
    .set({ state: 'running', started_at: now })
    .where('id', '=', id)
    .where('state', '=', 'queued')
    .execute()
}

export async function noteProgress(tx: Tx, id: string, { stage, done, total }: Progress): Promise<void> {
  await tx.updateTable('job').set({ stage, done, total }).where('id', '=', id).where('state', '=', 'running').execute()
}

export async function finishJob(tx: Tx, id: string, result: TaskResult, now: Date): Promise<void> {
  await tx
    .updateTable('job')
    .set({
      state: 'done',
      stage: 'done',
      result: result && JSON.stringify(result),
      message: result && 'note' in result ? result.note : null,
      ended_at: now,
    })
    .where('id', '=', id)
    .execute()
}

export async function failJob(tx: Tx, id: string, message: string, now: Date): Promise<void> {
  await tx.updateTable('job').set({ state: 'failed', message, ended_at: now }).where('id', '=', id).execute()
}

/** Jobs that a crash cut off: nothing of them remains, because an import is one transaction. */
export async function failCutOff(tx: Tx, now: Date): Promise<number> {
  const rows = await tx
    .updateTable('job')
    .set({ state: 'failed', message: 'Onus stopped before this was done; start it again.', ended_at: now })
    .where('state', 'in', ['queued', 'running'])
    .returning('id')
    .execute()
  return rows.length
}

export async function findJob(read: Read, id: string): Promise<Job | null> {
  const row = await read.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? jobOf(row) : null
}

function jobOf(row: Selectable<Tables['job']>): Job {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    stage: row.stage,
    done: Number(row.done),
    total: row.total === null ? null : Number(row.total),
    message: row.message,
    // The column holds what its kind of task answered.
    result: row.kind === 'simulation' ? null : (row.result as Job['result']),
    simulation: row.kind === 'simulation' ? (row.result as Job['simulation']) : null,
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
  }
}
