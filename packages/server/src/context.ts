/** What actions need from outside: one object, made in `start/`, and in tests with another clock. */
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import type { Address, Database } from './db/database.ts'
import type { Jobs } from './jobs/index.ts'
import type { Sequencer } from './ledger/index.ts'
import type { Sealer } from './seal/index.ts'

export type Context = {
  db: Database
  /** For the child processes, which open connections of their own. */
  address: Address
  config: Config
  clock: () => Date
  log: Logger
  jobs: Jobs
  /** For secrets at rest. */
  sealer: Sealer
  /** Signs what was appended to the ledger, within about a second; `poke` does it at once. */
  sequencer: Sequencer
  cursorKey: Buffer
  version: string
  /** The folder of the example company, or null where none is shipped. */
  exampleDir: string | null
}
