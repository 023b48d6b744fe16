/** What the API asks of its child processes, and what they answer. Crosses a process boundary: plain data. */
import type { z } from 'zod'
import type { Simulation } from '@onus/core/change/shapes.ts'
import type { ImportResult } from '@onus/core/contract/routes.ts'
import type { Address } from '../db/database.ts'
import type { FieldError, RefusalCode } from '../http/refused.ts'

/** Instants are ISO 8601. */
export type Task =
  | { kind: 'import'; file: string; source: string | null; at: string }
  | { kind: 'scan'; paths: string[]; asOf: string; source: string | null; isExample: boolean; at: string }
  | { kind: 'rules'; asOf: string }
  | { kind: 'simulation'; id: string; text: string; at: string }
export type Order = { task: Task; address: Address }
type Results = {
  import: z.infer<typeof ImportResult>
  scan: z.infer<typeof ImportResult>
  rules: null
  simulation: Simulation
}
export type TaskResult = Results[Task['kind']]
export type ResultOf<T extends Task> = Results[T['kind']]
export type Progress = { stage: string; done: number; total: number | null }
export type Message =
  | ({ type: 'progress' } & Progress)
  | { type: 'done'; result: TaskResult }
  | { type: 'refused'; code: RefusalCode; detail: string; errors: FieldError[] }
  | { type: 'failed'; reason: string }
