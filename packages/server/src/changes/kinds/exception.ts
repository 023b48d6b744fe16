import type { ContentOf } from '@onus/core/change/content.ts'
import { planException } from '@onus/core/change/kinds/exception.ts'
import { RULES } from '@onus/core/posture/index.ts'
import type { Read, Tx } from '../../db/database.ts'
import { runningExceptions, versionsOf } from '../../guardrails/store.ts'
import { newId } from '../../ids.ts'
import { peopleNow } from '../people.ts'
import { loadSubjects } from '../subjects.ts'
import { tell } from './kind.ts'
import type { Applying, Asking, Prepared } from './kind.ts'

export async function prepareException(content: ContentOf<'exception'>, asking: Asking): Promise<Prepared> {
  const { read, now, authors } = asking
  const [subject = null] = await loadSubjects(read, [content.identity], now)
  const rule = await ruleOf(read, content.rule)
  const running = (await runningExceptions(read, [content.identity], now)).get(`${content.rule} ${content.identity}`)
  const people = await peopleNow(
    read,
    authors.filter(({ kind }) => kind === 'person').map(({ id }) => id),
    now,
  )
  const owner = subject?.owner?.id
  const isByOwner =
    owner !== undefined &&
    authors.length > 0 &&
    authors.every(({ kind, id }) => kind === 'person' && people.get(id)?.actor.teams.includes(owner))
  const runningUntil = running?.until.toISOString() ?? null
  const plan = planException(content, { subject, rule, runningUntil, isByOwner, now })
  return { plan, apply: (applying) => apply(content, rule?.kind ?? 'rule', applying) }
}

async function ruleOf(read: Read | Tx, id: string): Promise<{ kind: 'rule' | 'guardrail'; title: string } | null> {
  const [newest] = await versionsOf(read, id)
  if (newest && newest.text !== null) return { kind: 'guardrail', title: newest.title }
  const rule = RULES.find((each) => each.id === id)
  return rule ? { kind: 'rule', title: rule.title } : null
}

async function apply(
  content: ContentOf<'exception'>,
  ruleKind: 'rule' | 'guardrail',
  applying: Applying,
): Promise<void> {
  const { tx, now, change } = applying
  const replaced = await tx
    .updateTable('exception')
    .set({ replaced_at: now })
    .where('rule', '=', content.rule)
    .where('identity_id', '=', content.identity)
    .where('replaced_at', 'is', null)
    .where('lapse_told_at', 'is', null)
    .returning(['id', 'until'])
    .executeTakeFirst()
  const id = newId('exc')
  await tx
    .insertInto('exception')
    .values({
      id,
      rule: content.rule,
      rule_kind: ruleKind,
      identity_id: content.identity,
      control: content.control,
      valid_from: now,
      until: new Date(content.until),
      change_id: change,
      replaced_at: null,
      lapse_told_at: null,
    })
    .execute()
  await tell(applying, [
    {
      action: 'exception.grant',
      subject: { kind: 'identity', id: content.identity },
      before: replaced ? { exception: replaced.id, until: replaced.until.toISOString() } : null,
      after: { exception: id, rule: content.rule, until: content.until },
    },
  ])
}
