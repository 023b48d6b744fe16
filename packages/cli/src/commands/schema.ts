import { reportSchema } from '@onus/core/report-schema.ts'
import { writeAll, type Io } from '../io.ts'

/** `onus schema`: JSON Schema 2020-12 of the JSON report. */
export async function schemaCommand(io: Io): Promise<void> {
  await writeAll(io.stdout, [`${JSON.stringify(reportSchema(), null, 2)}\n`])
}
