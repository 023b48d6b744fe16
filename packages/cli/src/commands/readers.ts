import { READERS } from '@onus/connectors/readers.ts'
import { writeAll, type Io } from '../io.ts'
import { wrap } from '../output/plain.ts'

/** `onus readers`: which systems are read, and what each reader can never see. */
export async function readersCommand(io: Io): Promise<void> {
  const columns = Math.max(60, Math.min(110, io.stdout.columns ?? 80))
  const lines = READERS.flatMap((reader) => [
    reader.name,
    ...reader.blind.flatMap((what) => wrap(`cannot see: ${what}`, columns - 4).map((line) => `    ${line}`)),
  ])
  return writeAll(
    io.stdout,
    lines.map((line) => `${line}\n`),
  )
}
