/** Proposing, editing, withdrawing and discussing. */
import type { ChangeContent } from '@onus/core/change/content.ts'
import type { ChangePreview } from '@onus/core/change/shapes.ts'
import type { JsonObject } from '@onus/core/ledger/canonical-json.ts'
import type { Context } from '../context.ts'
import type { Tx } from '../db/database.ts'
import { Refused } from '../http/refused.ts'
import { newId } from '../ids.ts'
import { append } from '../ledger/index.ts'
import type { NewEntry } from '../ledger/index.ts'
import { notify } from '../notifications/notices.ts'
import { awaiting } from './notices.ts'
import { authorize } from '../powers/index.ts'
import type { Ask } from '../powers/index.ts'
import { doerOf } from '../sessions/index.ts'
import type { Actor } from '../sessions/index.ts'
import { assess } from './assess.ts'
import type { Assessed, Subject } from './assess.ts'
import { checkMove } from './decide.ts'
import { keepForAnswer } from './kept-assessment.ts'
import { allHumans, authorsOf, humanAmong, peopleNow } from './people.ts'
import type { Author } from './people.ts'
import * as store from './store.ts'
import type { ChangeRow } from './store.ts'

const DAY_MS = 86_400_000
/** Of one author at a time; whoever has more to ask for asks in one change. */
const MOST_OPEN = 500

export type ProposeAsk = {
  content: ChangeContent
  reason: string
  expiresInDays: number
  isEmergency: boolean
  /** Who wrote it besides whoever proposes: none of them decides on it. */
  alsoBy?: readonly Author[]
  /** Where it comes from, for the ledger. */
  source?: JsonObject
}

/** Throws `Refused` (`change-not-possible`), with the code and the reason of the plan. */
async function possible(tx: Tx, subject: Subject, now: Date): Promise<Assessed> {
  const assessed = await assess(tx, subject, now)
  if (!assessed.ok)
    throw new Refused('change-not-possible', assessed.reason, [{ field: assessed.code, reason: assessed.reason }])
  return assessed
}

/** May they, as they are in this transaction? Throws `Refused` (`forbidden`). */
async function mayOn(
  tx: Tx,
  actor: Actor,
  action: 'editChange' | 'withdrawChange' | 'commentOnChange',
  row: ChangeRow,
  now: Date,
): Promise<void> {
  const authors = await store.authorsOfChange(tx, row.id)
  const humans = await allHumans(
    tx,
    authors.filter(({ kind }) => kind === 'person').map(({ id }) => id),
  )
  await check(
    tx,
    actor,
    { action, resource: { kind: 'change', id: row.id, change: row.kind, humans: [...humans] } },
    humans,
    now,
  )
}

async function check(tx: Tx, actor: Actor, ask: Ask, humans: ReadonlySet<string>, now: Date): Promise<void> {
  if (actor.kind === 'token') return authorize(actor, actor.id, ask)
  const person = (await peopleNow(tx, [actor.id], now)).get(actor.id)
  if (!person) throw new Refused('forbidden', 'this person is not here any more')
  authorize(person.actor, humanAmong(person, humans), ask)
}

export async function preview(
  tx: Tx,
  actor: Actor,
  ask: { content: ChangeContent; isEmergency: boolean },
  now: Date,
): Promise<ChangePreview> {
  await check(tx, actor, { action: 'previewChange', resource: { kind: 'installation' } }, new Set(), now)
  const assessed = await possible(tx, { ...ask, authors: await authorsOf(tx, actor) }, now)
  const { diff, identities, identityCount, verdicts } = assessed.kept
  return {
    summary: assessed.summary,
    digest: assessed.digest,
    diff,
    identities,
    identityCount,
    verdicts,
    blocked: assessed.blocked,
    seats: assessed.seats.map((seat) => ({ ...seat, team: seat.team && { id: seat.team.id, name: seat.team.name } })),
  }
}

/** Answers the id. Throws `Refused`: `forbidden`, `change-not-possible`, `busy`. */
export async function propose(ctx: Context, tx: Tx, actor: Actor, ask: ProposeAsk): Promise<string> {
  const now = ctx.clock()
  const by = doerOf(actor)
  await store.lockWorld(tx, ask.content, by, now)
  await check(tx, actor, { action: 'proposeChange', resource: { kind: 'installation' } }, new Set(), now)
  await checkNotTooMany(tx, actor)
  const authors = [...(await authorsOf(tx, actor)), ...(ask.alsoBy ?? [])]
  const assessed = await possible(tx, { content: ask.content, isEmergency: ask.isEmergency, authors }, now)
  const id = newId('chg')
  await tx
    .insertInto('change_request')
    .values({
      id,
      kind: ask.content.kind,
      state: 'open',
      ...contentColumns(ask.content, assessed),
      is_emergency: ask.isEmergency,
      revision: 1,
      author_kind: by.kind,
      author_id: by.id,
      created_at: now,
      changed_at: now,
      expires_at: new Date(now.getTime() + ask.expiresInDays * DAY_MS),
      closed_at: null,
      closed_by_kind: null,
      closed_by: null,
    })
    .execute()
  await store.addAuthors(tx, id, authors, now)
  await store.saveOutline(tx, id, assessed)
  keepForAnswer(tx, { id, digest: assessed.digest }, assessed)
  await tellWritten(
    tx,
    ask.isEmergency ? 'break-glass.propose' : 'change.propose',
    actor,
    { id, revision: 1, assessed, kind: ask.content.kind, reason: ask.reason, source: ask.source },
    now,
  )
  return id
}

const contentColumns = (content: ChangeContent, { summary, base, digest, kept }: Assessed) => ({
  summary,
  content: JSON.stringify(content),
  base: JSON.stringify(base),
  digest,
  plan: JSON.stringify(kept),
})

async function checkNotTooMany(tx: Tx, actor: Actor): Promise<void> {
  const { count } = await tx
    .selectFrom('change_request')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('author_id', '=', actor.id)
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow()
  if (Number(count) >= MOST_OPEN)
    throw new Refused('invalid-request', `you have ${MOST_OPEN} open changes; withdraw some first`)
}

type Written = {
  id: string
  revision: number
  assessed: Assessed
  kind: ChangeContent['kind']
  reason: string
  source?: JsonObject | undefined
}

async function tellWritten(
  tx: Tx,
  action: string,
  actor: Actor,
  { id, revision, assessed, kind, reason, source }: Written,
  now: Date,
): Promise<void> {
  const entry: NewEntry = {
    action,
    actor: doerOf(actor),
    capacity: 'none',
    subject: { kind: 'change', id },
    change: id,
    digest: assessed.digest,
    after: { kind, revision, seats: assessed.seats.map((seat) => seat.id), ...(source ? { source } : {}) },
    personal: { reason: { value: reason, about: actor.id } },
  }
  await append(tx, [entry], now)
  await notify(tx, awaiting(id, assessed, action.startsWith('break-glass.')), now)
}

/** Writes it anew: another digest, and what was decided on the old one is void. Throws `Refused` like `propose`. */
export async function edit(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  id: string,
  ask: { digest: string; content: ChangeContent; reason: string },
): Promise<void> {
  const now = ctx.clock()
  const row = await store.lockChange(tx, id)
  checkMove('edit', row, now)
  if (row.digest !== ask.digest) throw new Refused('content-changed', 'somebody edited it before you; read it again')
  if (row.kind !== ask.content.kind)
    throw new Refused('invalid-request', 'a change keeps its kind', [
      { field: 'content.kind', reason: `is not ${row.kind}` },
    ])
  await store.lockWorld(tx, ask.content, doerOf(actor), now)
  await mayOn(tx, actor, 'editChange', row, now)
  await store.addAuthors(tx, id, await authorsOf(tx, actor), now)
  const authors = await store.authorsOfChange(tx, id)
  const assessed = await possible(tx, { content: ask.content, isEmergency: row.is_emergency, authors }, now)
  const given = (await store.decisionsOf(tx, id)).filter((each) => each.voided_at === null)
  await store.voidDecisions(
    tx,
    given.map((each) => each.id),
    now,
  )
  await tx
    .updateTable('change_request')
    .set({ ...contentColumns(ask.content, assessed), revision: row.revision + 1, changed_at: now })
    .where('id', '=', id)
    .execute()
  await store.clearOutline(tx, id)
  await store.saveOutline(tx, id, assessed)
  keepForAnswer(tx, { id, digest: assessed.digest }, assessed)
  await tellWritten(
    tx,
    'change.edit',
    actor,
    { id, revision: row.revision + 1, assessed, kind: row.kind, reason: ask.reason },
    now,
  )
}

export async function withdraw(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  id: string,
  reason: string | undefined,
): Promise<void> {
  const now = ctx.clock()
  const row = await store.lockChange(tx, id)
  checkMove('withdraw', row, now)
  await mayOn(tx, actor, 'withdrawChange', row, now)
  await store.closeChange(tx, id, 'withdrawn', doerOf(actor), now)
  await append(
    tx,
    [
      {
        ...saying('change.withdraw', actor, row),
        ...(reason === undefined ? {} : { personal: { reason: { value: reason, about: actor.id } } }),
      },
    ],
    now,
  )
}

export async function comment(ctx: Context, tx: Tx, actor: Actor, id: string, text: string): Promise<void> {
  const now = ctx.clock()
  const row = await store.findChange(tx, id)
  checkMove('comment', row, now)
  await mayOn(tx, actor, 'commentOnChange', row, now)
  await append(
    tx,
    [{ ...saying('change.comment', actor, row), personal: { text: { value: text, about: actor.id } } }],
    now,
  )
}

const saying = (action: string, actor: Actor, row: ChangeRow): NewEntry => ({
  action,
  actor: doerOf(actor),
  capacity: 'none',
  subject: { kind: 'change', id: row.id },
  change: row.id,
  digest: row.digest,
})
