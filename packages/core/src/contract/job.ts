/** Work that goes on after the request that asked for it. Its own file, so that parts of the route table can name it. */
import { z } from 'zod'
import { Simulation } from '../change/shapes.ts'

export const ImportResult = z.object({
  importId: z.string(),
  sourceId: z.string(),
  identities: z.int(),
  credentials: z.int(),
  appeared: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  vanished: z.int(),
  returned: z.int(),
  findings: z.int(),
  note: z.string().nullable().describe('for instance why nothing was marked vanished'),
})

export const Job = z.object({
  id: z.string(),
  kind: z.enum(['scan', 'import', 'rules', 'simulation']),
  state: z.enum(['queued', 'running', 'done', 'failed']),
  stage: z.string(),
  done: z.int().nonnegative(),
  total: z.int().nonnegative().nullable(),
  message: z.string().nullable(),
  result: ImportResult.nullable().describe('of a scan or import that is done'),
  simulation: Simulation.nullable().describe('of a simulation that is done'),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
})
export type Job = z.infer<typeof Job>
