/** The server of the bench in a process of its own, with its database: what asks it costs it nothing. */
import { writeSync } from 'node:fs'
import { readConfig } from '@onus/server/config.ts'
import { startServer } from '@onus/server/start/server.ts'

const [root = '', dataDir = ''] = process.argv.slice(2)
const reading = readConfig({ ONUS_DATA_DIR: dataDir, ONUS_LOG_LEVEL: 'error' }, root)
if (!reading.ok) throw new Error(JSON.stringify(reading.complaints))
const running = await startServer({ config: { ...reading.config, port: 0 }, root, dist: root })
writeSync(1, `${running.url}\n`)
process.on('SIGTERM', () => void running.stop().then(() => process.exit(0)))
