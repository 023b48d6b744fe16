/** One task in one child process. */
import { fork } from 'node:child_process'
import { Refused } from '../http/refused.ts'
import type { Message, Order, Progress, TaskResult } from './task.ts'

/** A scan holds what it made, about 10 kB an identity. Beyond the limit the child ends, not the API. */
const CHILD_HEAP_MB = 3_072

/** Thrown when the child broke; `message` says why without values of rows. */
export class TaskFailed extends Error {}

export type Running = { result: Promise<TaskResult>; stop(): void }

export function runTask(order: Order, onProgress: (progress: Progress) => void): Running {
  const child = fork(new URL('./child.ts', import.meta.url), {
    // What a task reads is thrown away soon; in the small default nursery it would be copied first.
    execArgv: [
      '--disable-warning=ExperimentalWarning',
      `--max-old-space-size=${CHILD_HEAP_MB}`,
      '--max-semi-space-size=32',
    ],
    // The address, with its password, goes through the channel: environment and arguments can be read by others.
    env: { PATH: process.env['PATH'], TZ: 'UTC', HOME: process.env['HOME'] },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // Of its own group: Ctrl-C is for the server, which ends its children in order.
    detached: true,
  })
  const result = new Promise<TaskResult>((resolve, reject) => {
    child.on('message', (message: Message) => {
      if (message.type === 'progress') onProgress(message)
      else if (message.type === 'done') resolve(message.result)
      else if (message.type === 'refused') reject(new Refused(message.code, message.detail, message.errors))
      else reject(new TaskFailed(message.reason))
    })
    child.on('error', (error) => reject(new TaskFailed(`the working process did not start: ${error.name}`)))
    // The end of the process can be seen before its last message; the end of the channel cannot.
    const gone = new Promise<void>((done) => child.once('disconnect', done))
    child.on('exit', (code, signal) => {
      const why = `the working process ended early (${signal ?? `code ${code}`}); was there enough memory?`
      void gone.then(() => reject(new TaskFailed(why)))
    })
  })
  child.send(order, (error) => {
    if (error) child.kill('SIGKILL')
  })
  return {
    result,
    stop: () => {
      child.kill('SIGTERM')
    },
  }
}
