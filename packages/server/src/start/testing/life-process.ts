/** A server in a process of its own, for tests that kill it: all of it but the embedded database and the console. */
import { writeSync } from 'node:fs'
import { readConfig } from '../../config.ts'
import { startServer } from '../server.ts'

export type LifeOrders = {
  env: Record<string, string>
  root: string
  /** null: by the clock of the machine. */
  now: string | null
}

const { env, root, now } = JSON.parse(process.argv[2] ?? '') as LifeOrders
const reading = readConfig(env, root)
if (!reading.ok) throw new Error(JSON.stringify(reading.complaints))
const config = { ...reading.config, port: 0 }
const running = await startServer({ config, root, dist: root, ...(now === null ? {} : { clock: () => new Date(now) }) })
writeSync(1, `${running.url}\n`)
