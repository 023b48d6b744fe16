/** The PostgreSQL of the tests: embedded, empty but for the tables, gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '../db/migrate.ts'
import { accountFor } from '../postgres/binaries.ts'
import { startCluster } from '../postgres/cluster.ts'
import type { Connection } from '../postgres/cluster.ts'
import { makeDataDir } from '../postgres/data-place.ts'

/** A server whose database of the connection is the template; does not wait for the disk. */
export async function startTestServer(): Promise<{ connection: Connection; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'onus-test-'))
  const cluster = await startCluster(await makeDataDir(folder, accountFor(process.getuid?.())), false)
  const stop = async (): Promise<void> => {
    await cluster.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await migrate(cluster.connection)
    return { connection: cluster.connection, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
