import { RULES } from '@onus/core/posture/index.ts'
import { writeAll, type Io } from '../io.ts'
import { jsonObject } from '../output/json.ts'
import { painter, SEVERITY_STYLES } from '../output/paint.ts'
import { cell, wrap } from '../output/plain.ts'

/** `onus rules`: what is judged, and by which facts. */
export async function rulesCommand(options: { json?: boolean; color: boolean }, io: Io): Promise<void> {
  if (options.json) {
    const rules = RULES.map(({ id, title, about, severity, needs, fix, maps }) => ({
      id,
      title,
      about,
      severity,
      needs,
      fix,
      maps,
    }))
    return writeAll(io.stdout, jsonObject({ rules }))
  }
  const paint = painter(options.color && io.stdout.isTTY === true && !io.env['NO_COLOR'])
  const columns = Math.max(60, Math.min(110, io.stdout.columns ?? 80))
  const lines = RULES.flatMap((rule) => [
    `${paint(SEVERITY_STYLES[rule.severity], cell(rule.severity, 10))}${paint('bold', rule.id)}  ${rule.title}`,
    ...wrap(`needs to know: ${rule.needs.join('; ')}`, columns - 10).map(
      (line) => `${' '.repeat(10)}${paint('dim', line)}`,
    ),
    ...wrap(rule.fix, columns - 10).map((line) => ' '.repeat(10) + line),
  ])
  return writeAll(
    io.stdout,
    lines.map((line) => `${line}\n`),
  )
}
