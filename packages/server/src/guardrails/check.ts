/** Is a proposal within the guardrails of now? */
import type { Guarded } from '@onus/core/change/guarded.ts'
import type { GuardrailVerdict } from '@onus/core/change/shapes.ts'
import type { Read, Tx } from '../db/database.ts'
import { hitOf, readGuardrail } from './read.ts'
import type { Guardrail } from './read.ts'
import { runningExceptions, standingOf, standingVersions } from './store.ts'
import type { VersionRow } from './store.ts'

type Standing = { row: VersionRow; guardrail: Guardrail; stage: 'warn' | 'enforce' }

/** What each text says of itself; read once a text. */
const readings = new Map<string, Guardrail>()
const MOST_READINGS = 1_000

/** A text that cannot be read any more still stands, and forbids everything that it is asked about. */
export function guardrailOf({
  guardrail_id: id,
  title,
  text,
}: Pick<VersionRow, 'guardrail_id' | 'title' | 'text'>): Guardrail {
  const known = readings.get(text ?? '')
  if (known) return known
  const reading = readGuardrail(text ?? '', id)
  if (!reading.ok)
    return { id, title, found: 'not read', allowed: 'nothing until its text is mended', needs: null, text: text ?? '' }
  if (readings.size >= MOST_READINGS) readings.clear()
  readings.set(text ?? '', reading.guardrail)
  return reading.guardrail
}

async function standing(read: Read | Tx, now: Date): Promise<Standing[]> {
  return (await standingVersions(read, now)).flatMap((row) => {
    const stage = standingOf(row, now)
    return stage === 'off' ? [] : [{ row, guardrail: guardrailOf(row), stage }]
  })
}

/** Every guardrail that something of the proposal meets, with what was found and what is allowed. */
export async function checkGuardrails(
  read: Read | Tx,
  asked: readonly Guarded[],
  now: Date,
): Promise<GuardrailVerdict[]> {
  if (asked.length === 0) return []
  const guardrails = await standing(read, now)
  if (guardrails.length === 0) return []
  const exceptions = await runningExceptions(read, [...new Set(asked.map(({ identity }) => identity.id))], now)
  return asked.flatMap((one) =>
    guardrails.flatMap(({ row, guardrail, stage }): GuardrailVerdict[] => {
      const hit = hitOf(guardrail, `${row.guardrail_id}@${row.valid_to ? 'ending' : 'current'}`, one)
      if (!hit) return []
      const isExcepted = exceptions.has(`${row.guardrail_id} ${one.identity.id}`)
      return [
        {
          rule: row.guardrail_id,
          version: row.version,
          title: guardrail.title,
          outcome: outcomeOf(stage, isExcepted, hit.isErrored ? null : guardrail.needs),
          identity: { id: one.identity.id, name: one.identity.name },
          about: one.label,
          found: hit.found,
          allowed: guardrail.allowed,
          enforcedFrom: stage === 'warn' && row.grace_until ? row.grace_until.toISOString() : null,
        },
      ]
    }),
  )
}

function outcomeOf(
  stage: Standing['stage'],
  isExcepted: boolean,
  needs: Guardrail['needs'],
): GuardrailVerdict['outcome'] {
  if (stage === 'warn') return 'warned'
  if (isExcepted) return 'excepted'
  return needs === 'guard' ? 'needs-guard' : 'refused'
}
