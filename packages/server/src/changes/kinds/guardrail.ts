import type { ContentOf } from '@onus/core/change/content.ts'
import { isLoosening, LOOSENING_HOURS, planGuardrail } from '@onus/core/change/kinds/guardrail.ts'
import { readGuardrail } from '../../guardrails/read.ts'
import { versionOf, versionsOf } from '../../guardrails/store.ts'
import { tell } from './kind.ts'
import type { Applying, Asking, Prepared } from './kind.ts'

export async function prepareGuardrail(content: ContentOf<'guardrail'>, { read, now }: Asking): Promise<Prepared> {
  const [newest] = await versionsOf(read, content.id)
  const reading = content.text === null ? null : readGuardrail(content.text, content.id)
  const [first] = reading && !reading.ok ? reading.faults : []
  const fault = first
    ? `${first.line === null ? '' : `line ${first.line}: `}${first.message}${first.help ? `; ${first.help}` : ''}`
    : null
  const plan = planGuardrail(content, { current: newest ? versionOf(newest) : null, fault, now })
  const title = reading?.ok ? reading.guardrail.title : (newest?.title ?? content.id)
  return { plan, apply: (applying) => apply(content, title, applying) }
}

async function apply(content: ContentOf<'guardrail'>, title: string, applying: Applying): Promise<void> {
  const { tx, now, change } = applying
  const [newest] = await versionsOf(tx, content.id)
  const before = newest ? versionOf(newest) : null
  const holdsOn = isLoosening(before, content, now)
  if (newest)
    await tx
      .updateTable('guardrail_version')
      .set({ valid_to: holdsOn ? new Date(now.getTime() + LOOSENING_HOURS * 3_600_000) : now })
      .where('guardrail_id', '=', content.id)
      .where('version', '=', newest.version)
      .execute()
  const version = (newest?.version ?? 0) + 1
  const stage = content.text === null ? 'off' : content.stage
  await tx
    .insertInto('guardrail_version')
    .values({
      guardrail_id: content.id,
      version,
      title,
      text: content.text,
      stage,
      grace_until: content.graceUntil === null ? null : new Date(content.graceUntil),
      change_id: change,
      valid_from: now,
      valid_to: null,
    })
    .execute()
  await tell(applying, [
    {
      action: content.text === null ? 'guardrail.retire' : 'guardrail.publish',
      subject: { kind: 'guardrail', id: content.id },
      before: before && { ...before },
      after: { version, text: content.text, stage, graceUntil: content.graceUntil, previousHoldsOn: holdsOn },
    },
  ])
}
