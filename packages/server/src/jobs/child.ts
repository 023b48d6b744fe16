/**
 * The process that does heavy work for the API: it parses, scans, imports and judges with memory and time of its own,
 * so that no request waits for it and its end by the memory limit ends nothing else.
 */
import pg from 'pg'
import { onConnection } from '../db/database.ts'
import { Refused } from '../http/refused.ts'
import { importReport } from '../registry/import.ts'
import type { Progress } from '../registry/import-body.ts'
import { fileReport, memoryReport } from '../registry/report-source.ts'
import type { Message, Order, Task, TaskResult } from './task.ts'

/** More often, nobody could read it. */
const PROGRESS_EVERY_MS = 200

// The parent is there as long as the channel is; without it the work has nobody to report to.
let hasReported = false
process.on('disconnect', () => process.exit(hasReported ? 0 : 1))
const send = (message: Message): void => {
  process.send?.(message)
}

function throttled(): Progress {
  let last = 0
  let stage = ''
  return (now, done, total) => {
    if (now === stage && Date.now() - last < PROGRESS_EVERY_MS) return
    last = Date.now()
    stage = now
    send({ type: 'progress', stage: now, done, total })
  }
}

async function work({ task, address }: Order): Promise<TaskResult> {
  const progress = throttled()
  // Scanner and rules are loaded when they are needed: an import waits for its process to start.
  if (task.kind === 'rules') {
    const { rejudge } = await import('../registry/rejudge.ts')
    await rejudge(address, new Date(task.asOf), progress)
    return null
  }
  const client = new pg.Client({ ...address, application_name: `onus ${task.kind}` })
  // A lost connection also fails the query that waits on it; that failure is the one to tell.
  client.on('error', () => {})
  await client.connect()
  try {
    if (task.kind === 'import') {
      return await importReport(client, fileReport(task.file), { source: task.source, at: new Date(task.at) }, progress)
    }
    if (task.kind === 'simulation') return await simulation(client, task, progress)
    const [{ scan }, { conventionsOf }] = await Promise.all([
      import('@onus/connectors/scan.ts'),
      import('./conventions.ts'),
    ])
    const report = await scan({
      paths: task.paths,
      asOf: new Date(task.asOf),
      conventions: await conventionsOf(task.paths),
      onProgress: ({ stage, files, total }) => progress(stage, files, total),
    })
    const ask = { source: task.source, at: new Date(task.at), isExample: task.isExample }
    return await importReport(client, memoryReport(report), ask, progress)
  } finally {
    await client.end()
  }
}

/** On one state of the registry: an import that ends meanwhile is not seen by halves. */
async function simulation(
  client: pg.Client,
  task: Extract<Task, { kind: 'simulation' }>,
  progress: Progress,
): Promise<TaskResult> {
  const { simulate } = await import('../guardrails/simulate.ts')
  await client.query('begin isolation level repeatable read read only')
  return simulate(onConnection(client), task, new Date(task.at), progress)
}

function failure(error: unknown): Message {
  if (error instanceof Refused)
    return { type: 'refused', code: error.code, detail: error.message, errors: error.errors }
  // Names of errors are ours or the platform's; messages of the database can hold values of rows.
  if (error instanceof pg.DatabaseError) return { type: 'failed', reason: `database error ${error.code ?? ''}` }
  return {
    type: 'failed',
    reason: error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : 'unknown error',
  }
}

process.once('message', (order: Order) => {
  work(order)
    .then((result): Message => ({ type: 'done', result }), failure)
    .then((message) => {
      process.send?.(message, () => {
        hasReported = true
        process.disconnect()
      })
    })
})
