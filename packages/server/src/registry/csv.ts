/** Identities as CSV (RFC 4180), page by page, so that a million rows need the memory of a few thousand. */
import type { z } from 'zod'
import type { IdentityFilter, IdentityRow } from '@onus/core/contract/routes.ts'
import type { Read } from '../db/database.ts'
import { listIdentities } from './identities.ts'

const COLUMNS: [string, (row: IdentityRow) => string | number | null][] = [
  ['id', (row) => row.id],
  ['kind', (row) => row.kind],
  ['name', (row) => row.name],
  ['namespace', (row) => row.namespace],
  ['environment', (row) => row.environment],
  ['accountability', (row) => row.state],
  ['team', (row) => row.team?.name ?? null],
  ['file', (row) => row.file],
  ['line', (row) => row.line],
  ['credentials', (row) => row.credentials],
  ['oldest_rotation', (row) => row.oldestRotationAt],
  ['critical', (row) => row.findings.critical],
  ['high', (row) => row.findings.high],
  ['medium', (row) => row.findings.medium],
  ['low', (row) => row.findings.low],
  ['first_seen', (row) => row.firstSeenAt],
  ['last_seen', (row) => row.lastSeenAt],
  ['vanished', (row) => row.vanishedAt],
]
const PAGE = 500

/**
 * A cell that a spreadsheet shows and never runs: it takes text that begins with one of these for a formula, also after
 * spaces, and reads the full-width forms alike. The apostrophe is the mark for "this is text".
 */
export function csvCell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const isFormula = /^[\s\u{feff}]*[=+\-@|%\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}]/u.test(value) || /^[\t\r\n]/.test(value)
  return `"${isFormula ? "'" : ''}${value.replaceAll('"', '""')}"`
}

export async function* identitiesCsv(
  read: Read,
  cursorKey: Buffer,
  filter: z.output<typeof IdentityFilter>,
): AsyncGenerator<string> {
  yield `${COLUMNS.map(([name]) => name).join(',')}\r\n`
  let cursor: string | undefined
  do {
    const page = await listIdentities(read, cursorKey, {
      ...filter,
      sort: 'name',
      order: 'asc',
      limit: PAGE,
      ...(cursor ? { cursor } : {}),
    })
    yield page.items.map((row) => `${COLUMNS.map(([, cell]) => csvCell(cell(row))).join(',')}\r\n`).join('')
    cursor = page.nextCursor ?? undefined
  } while (cursor)
}
