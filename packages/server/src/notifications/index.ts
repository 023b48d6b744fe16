/** The door of notifications. What causes one says so in its own transaction (`notices.ts`); the worker sends. */
export { startNotifying } from './worker.ts'
