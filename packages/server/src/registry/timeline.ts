/** What happened to an identity, from its versions, in words. */
import type { z } from 'zod'
import type { Credential, Grant, Identity } from '@onus/core/identity.ts'
import type { ROUTES, TimelineEntry } from '@onus/core/contract/routes.ts'
import type { Read } from '../db/database.ts'
import { Refused } from '../http/refused.ts'
import { readCursor, writeCursor } from './cursor.ts'
import type { Page } from './page.ts'

type Entry = z.infer<typeof TimelineEntry>
type Change = Entry['changes'][number]
/** What is known of a version before its document is read. */
type Version = { id: string; valid_from: Date; valid_to: Date | null; opened_by: string; closed_by: string | null }
type Event = { at: Date; kind: Entry['kind']; version: string; before: string | null; importId: string }

/** Events, newest first. A version that follows without a gap is a change; a gap is an absence. */
export function eventsOf(versions: readonly Version[]): Event[] {
  const events: Event[] = []
  let before: Version | null = null
  for (const version of versions) {
    const isChange = before?.valid_to?.getTime() === version.valid_from.getTime()
    if (before?.valid_to && !isChange) events.push(vanished(before, before.valid_to))
    events.push({
      at: version.valid_from,
      kind: before === null ? 'appeared' : isChange ? 'changed' : 'returned',
      version: version.id,
      before: before?.id ?? null,
      importId: version.opened_by,
    })
    before = version
  }
  if (before?.valid_to) events.push(vanished(before, before.valid_to))
  return events.reverse()
}

function vanished(version: Version, at: Date): Event {
  return {
    at,
    kind: 'vanished',
    version: version.id,
    before: version.id,
    importId: version.closed_by ?? version.opened_by,
  }
}

/** One page of the timeline, newest first. Throws `Refused` (`not-found`) for an id that the registry never held. */
export async function timeline(
  read: Read,
  cursorKey: Buffer,
  id: string,
  ask: z.output<(typeof ROUTES)['identityTimeline']['query']>,
): Promise<Page<Entry>> {
  const versions = await read
    .selectFrom('identity_version')
    .select(['id', 'valid_from', 'valid_to', 'opened_by', 'closed_by'])
    .where('identity_id', '=', id)
    .orderBy('valid_from')
    .orderBy('id')
    .execute()
  if (versions.length === 0) throw new Refused('not-found', 'no identity has this id')
  const events = eventsOf(versions)
  const position = readCursor(cursorKey, id, ask.cursor)
  const start = position ? events.findIndex((event) => keyOf(event) === position.id) + 1 : 0
  const page = events.slice(start, start + ask.limit)
  const needed = [
    ...new Set(
      page.flatMap(({ kind, version, before }) => (kind === 'vanished' || before === null ? [] : [version, before])),
    ),
  ]
  const documents = needed.length
    ? await read
        .selectFrom('identity_version')
        .select(['id', 'document', 'team_name'])
        .where('id', 'in', needed)
        .execute()
    : []
  const byId = new Map(documents.map((row) => [row.id, row]))
  const last = start + ask.limit < events.length ? page.at(-1) : undefined
  return {
    items: page.map((event) => {
      const now = byId.get(event.version)
      const before = event.before === null ? undefined : byId.get(event.before)
      const changes = now && before && event.kind !== 'vanished' ? changesBetween(before, now) : []
      return {
        at: event.at.toISOString(),
        kind: event.kind,
        summary: summaryOf(event.kind, changes),
        changes,
        importId: event.importId,
      }
    }),
    total: events.length,
    isTotalExact: true,
    nextCursor: last
      ? writeCursor(cursorKey, id, { after: '', id: keyOf(last), total: events.length, isTotalExact: true })
      : null,
  }
}

const keyOf = (event: Event): string => `${event.version}:${event.kind}`

function summaryOf(kind: Entry['kind'], changes: readonly Change[]): string {
  const fields = [...new Set(changes.map(({ field }) => field))]
  const what =
    fields.length === 0
      ? ''
      : fields.length > 4
        ? `${fields.slice(0, 4).join(', ')} and ${fields.length - 4} more`
        : fields.join(', ')
  switch (kind) {
    case 'appeared':
      return 'Seen for the first time'
    case 'vanished':
      return 'No longer there: a complete reading of its source did not name it'
    case 'returned':
      return what ? `There again; changed: ${what}` : 'There again, as it was'
    case 'changed':
      return what ? `Changed: ${what}` : 'Changed in a detail'
  }
}

type Shown = { document: Identity; team_name: string | null }

/** Field by field, in words; both sides as text, null for absent. */
export function changesBetween(before: Shown, now: Shown): Change[] {
  const simple = (field: string, of: (shown: Shown) => string | null): Change[] => {
    const [was, is] = [of(before), of(now)]
    return was === is ? [] : [{ field, before: was, after: is }]
  }
  return [
    ...simple('accountability', ({ document }) => document.accountability.state),
    ...simple('team', ({ document, team_name: name }) => name ?? document.accountability.team),
    ...simple('disagreement', ({ document }) => document.accountability.disagreement?.explanation ?? null),
    ...simple('name', ({ document }) => document.name),
    ...simple('namespace', ({ document }) => document.namespace),
    ...simple('environment', ({ document }) => document.environment),
    ...simple('purpose', ({ document }) => document.purpose),
    ...simple('function', ({ document }) => document.function),
    ...simple('service', ({ document }) => document.service),
    ...simple('review after', ({ document }) => ('raw' in document.reviewAfter ? document.reviewAfter.raw : null)),
    ...simple('suspended', ({ document }) =>
      document.isSuspended === null ? null : document.isSuspended ? 'yes' : 'no',
    ),
    ...simple('definition', ({ document }) => document.source.file),
    ...simple('administrator', ({ document }) => document.access?.admin ?? null),
    ...listed('claim', before, now, (document) =>
      document.accountability.claims.map((claim) => `${claim.raw} (${claim.key})`),
    ),
    ...listed('control', before, now, (document) =>
      document.accountability.controllers.map((holder) => `${holder.raw}: ${holder.power} via ${holder.via}`),
    ),
    ...credentialChanges(before.document.credentials, now.document.credentials),
    ...listed('grant', before, now, (document) => document.grants.map(grantText)),
    ...listed('trust', before, now, (document) =>
      document.trusts.map((trust) => `${trust.issuer} ${trust.subjects.join(' ') || 'any subject'}`),
    ),
    ...listed('use', before, now, (document) =>
      document.uses.map((use) => `${use.kind} ${use.namespace ? `${use.namespace}/` : ''}${use.name}`),
    ),
  ]
}

const grantText = (grant: Grant): string =>
  `${grant.permission} on ${grant.resource}${grant.condition === null ? '' : ` if ${grant.condition}`}`

/** An identity may have thousands of grants; a page of them is told, then their number. */
const LISTED_CHANGES = 20

function listed(field: string, before: Shown, now: Shown, of: (document: Identity) => string[]): Change[] {
  const was = new Set(of(before.document))
  const is = new Set(of(now.document))
  const changes: Change[] = [
    ...[...was].filter((text) => !is.has(text)).map((text) => ({ field, before: text, after: null })),
    ...[...is].filter((text) => !was.has(text)).map((text) => ({ field, before: null, after: text })),
  ]
  if (changes.length <= LISTED_CHANGES) return changes
  return [
    ...changes.slice(0, LISTED_CHANGES),
    { field, before: null, after: `and ${changes.length - LISTED_CHANGES} more changes of this kind` },
  ]
}

function credentialChanges(before: readonly Credential[], now: readonly Credential[]): Change[] {
  const was = new Map(before.map((credential) => [credential.id, credential]))
  const is = new Map(now.map((credential) => [credential.id, credential]))
  const changes: Change[] = []
  for (const [id, { kind, name }] of was)
    if (!is.has(id)) changes.push({ field: 'credential', before: `${kind} ${name}`, after: null })
  for (const [id, credential] of is) {
    const old = was.get(id)
    if (!old) changes.push({ field: 'credential', before: null, after: `${credential.kind} ${credential.name}` })
    else
      for (const part of ['rotated', 'expires', 'created'] as const) changes.push(...dateChange(part, old, credential))
  }
  return changes
}

function dateChange(part: 'rotated' | 'expires' | 'created', before: Credential, now: Credential): Change[] {
  const text = (credential: Credential): string | null => {
    const date = credential.dates[part]
    return date.state === 'at' ? date.at : 'raw' in date ? date.raw : null
  }
  const [was, is] = [text(before), text(now)]
  return was === is ? [] : [{ field: `${part} (${now.name})`, before: was, after: is }]
}
