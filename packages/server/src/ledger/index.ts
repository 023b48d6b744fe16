/** The door of the ledger: whoever decides something appends it here, in the same transaction. */
export { append } from './append.ts'
export type { NewEntry, Personal } from './append.ts'
