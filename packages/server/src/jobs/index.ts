/**
 * Heavy work, each task in a child process; jobs are such tasks with a row that tells of them. What writes the registry
 * goes one after another; what only reads has a lane of its own and does not wait for an import.
 */
import type { Job } from '@onus/core/contract/routes.ts'
import type { Address, Database, Tx } from '../db/database.ts'
import { Refused } from '../http/refused.ts'
import { newId } from '../ids.ts'
import { runTask, TaskFailed } from './run-task.ts'
import type { Running } from './run-task.ts'
import * as store from './store.ts'
import type { Progress, ResultOf, Task } from './task.ts'

export type Jobs = {
  /** Does the task when its turn comes and answers its result. Throws `Refused`. */
  run<T extends Task>(task: T, onProgress?: (progress: Progress) => void): Promise<ResultOf<T>>
  /** Answers a job at once; the task goes on. `done` is for those who want to wait as well. */
  start<T extends Task>(
    task: T,
    onProgress?: (progress: Progress) => void,
  ): Promise<{ job: Job; done: Promise<ResultOf<T>> }>
  find(id: string): Promise<Job | null>
  /** Ends the running task (its transaction is rolled back) and refuses the waiting ones. */
  stop(): Promise<void>
}

/** Each waiting import holds a file on disk; counted over both lanes. */
const MAX_WAITING = 8
const NOTE_EVERY_MS = 500

type Parts = { db: Database; address: Address; clock: () => Date; onError: (error: unknown) => void }

export async function createJobs({ db, address, clock, onError }: Parts): Promise<Jobs> {
  await db.tx((tx) => store.failCutOff(tx, clock()))
  let waiting = 0
  let isStopped = false
  const running = new Set<Running>()
  const lanes: Record<'writes' | 'reads', Promise<unknown>> = { writes: Promise.resolve(), reads: Promise.resolve() }

  const run = <T extends Task>(
    task: T,
    onProgress: (progress: Progress) => void = () => {},
  ): Promise<ResultOf<T>> => {
    if (waiting >= MAX_WAITING)
      return Promise.reject(new Refused('busy', `${waiting} tasks are waiting; try again in a minute`))
    waiting += 1
    const lane = task.kind === 'simulation' ? 'reads' : 'writes'
    const mine = lanes[lane]
      .then(async () => {
        if (isStopped) throw new TaskFailed('Onus is stopping')
        const child = runTask({ task, address }, onProgress)
        running.add(child)
        // The child answers what its kind of task answers.
        return await (child.result as Promise<ResultOf<T>>).finally(() => running.delete(child))
      })
      .finally(() => {
        waiting -= 1
      })
    lanes[lane] = mine.catch(() => {})
    return mine
  }
  /** Writes that a job began and how far it is, seldom and in order; the last words of a job come after them. */
  const noter = (id: string) => {
    let last: number | null = null
    let writing: Promise<unknown> = Promise.resolve()
    const write = (work: (tx: Tx) => Promise<void>): void => {
      writing = writing.then(() => db.tx(work)).catch(onError)
    }
    return {
      note(progress: Progress): void {
        if (last === null) write((tx) => store.startJob(tx, id, clock()))
        else if (Date.now() - last < NOTE_EVERY_MS) return
        last = Date.now()
        write((tx) => store.noteProgress(tx, id, progress))
      },
      settled: () => writing,
    }
  }
  const start = async <T extends Task>(
    task: T,
    onProgress?: (progress: Progress) => void,
  ): Promise<{ job: Job; done: Promise<ResultOf<T>> }> => {
    const id = newId('job')
    await db.tx((tx) => store.saveJob(tx, id, task, clock()))
    const { note, settled } = noter(id)
    const done = run(task, (progress) => {
      note(progress)
      onProgress?.(progress)
    }).then(
      async (result) => {
        await settled()
        await db.tx((tx) => store.finishJob(tx, id, result, clock()))
        return result
      },
      async (error: unknown) => {
        await settled()
        if (!(error instanceof Refused) && !(error instanceof TaskFailed)) onError(error)
        const message =
          error instanceof Refused
            ? [error.message, ...error.errors.slice(0, 3).map(({ field, reason }) => `${field}: ${reason}`)].join('; ')
            : error instanceof TaskFailed
              ? error.message
              : 'Something went wrong here; the log of the server says what.'
        // While stopping, the database may be gone first; the next start marks the job.
        await db.tx((tx) => store.failJob(tx, id, message, clock())).catch(onError)
        throw error
      },
    )
    // Whoever only asks for the job reads its end from the row.
    done.catch(() => {})
    const job = await store.findJob(db.read, id)
    if (!job) throw new Error('a job that was just saved is not there')
    return { job, done }
  }
  return {
    run,
    start,
    find: (id) => store.findJob(db.read, id),
    async stop() {
      isStopped = true
      for (const child of running) child.stop()
      await Promise.all(Object.values(lanes))
    },
  }
}
