/**
 * The credential report of an account (`get-credential-report`): CSV, or the API's JSON with the CSV in base64. It
 * names users and the dates of their keys; it holds no secret.
 */
import { parse } from 'csv-parse/sync'
import type { CredentialObserved, IdentityRef, Observation, RawDate, Tag } from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { READER_TAGS } from '@onus/core/reader-tags.ts'
import type { Unread } from '@onus/core/observation.ts'
import { isRecord } from '../ci/scalars.ts'
import type { TextFile } from '../files/text-file.ts'
import { accountIdOf } from './directory.ts'

export type ReportRow = { arn: string; accountId: string; user: string; cells: Record<string, string>; place: Place }

const FIRST_COLUMNS = 'user,arn,user_creation_time'
const ROOT_USER = '<root_account>'

export function isCredentialReport(text: string): boolean {
  return (
    text
      .slice(0, 100)
      .replaceAll('"', '')
      .replace(/^\uFEFF/, '')
      .startsWith(FIRST_COLUMNS) || isWrapped(text)
  )
}

function isWrapped(text: string): boolean {
  return text.length < MAX_WRAPPED && text.includes('"Content"') && text.includes('"ReportFormat"')
}

/** 50 MB: a report of the 5,000 users that an account may have is below 2 MB. */
const MAX_WRAPPED = 50_000_000

/** All rows; a line that cannot be read is told and left out. */
export function readReport(file: TextFile): { rows: ReportRow[]; unread: Unread[] } {
  const wrapped = isWrapped(file.text)
  const csv = wrapped ? unwrap(file.text) : file.text
  const unread: Unread[] = []
  const fail = (line: number, reason: string): void => void unread.push({ file: file.path, line, reason })
  if (csv === null || !csv.replaceAll('"', '').trimStart().startsWith(FIRST_COLUMNS)) {
    fail(1, 'not a credential report: its content is no CSV of users')
    return { rows: [], unread }
  }
  const rows = parseRows(csv, fail).flatMap(({ cells, line }): ReportRow[] => {
    const { arn = '', user = '' } = cells
    const accountId = accountIdOf(arn)
    if (accountId === '') {
      fail(wrapped ? 1 : line, 'a row without the ARN of a user')
      return []
    }
    return [{ arn, accountId, user, cells, place: { file: file.path, line: wrapped ? 1 : line } }]
  })
  return { rows, unread }
}

function parseRows(
  csv: string,
  fail: (line: number, reason: string) => void,
): { cells: Record<string, string>; line: number }[] {
  try {
    const parsed: unknown = parse(csv, {
      bom: true,
      columns: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    })
    return (Array.isArray(parsed) ? (parsed as unknown[]) : []).flatMap((one) => {
      if (!isRecord(one) || !isRecord(one['record']) || !isRecord(one['info'])) return []
      const cells = Object.fromEntries(Object.entries(one['record']).map(([key, value]) => [key, String(value)]))
      return [{ cells, line: Number(one['info']['lines']) }]
    })
  } catch (error) {
    // The message quotes cells; its code does not.
    const code = isRecord(error) && typeof error['code'] === 'string' ? error['code'] : 'unreadable'
    fail(isRecord(error) && typeof error['lines'] === 'number' ? error['lines'] : 1, `not valid CSV (${code})`)
    return []
  }
}

function unwrap(text: string): string | null {
  try {
    const parsed: unknown = JSON.parse(text)
    const content = isRecord(parsed) ? parsed['Content'] : null
    return typeof content === 'string' ? Buffer.from(content, 'base64').toString('utf8') : null
  } catch {
    return null
  }
}

/** The root user counts as an identity only while it has keys: then a machine may be it. */
export function isOfInterest({ user, cells }: ReportRow): boolean {
  return user !== ROOT_USER || cells['access_key_1_active'] === 'true' || cells['access_key_2_active'] === 'true'
}

export function isRoot(row: ReportRow): boolean {
  return row.user === ROOT_USER
}

export function refOf(row: ReportRow): IdentityRef {
  return { system: 'aws', realm: row.accountId, path: isRoot(row) ? 'root' : `user/${row.user}` }
}

/** Facts about the user itself. */
export function tagsOf({ cells, place }: ReportRow): Tag[] {
  const tags: Tag[] = []
  if (cells['password_enabled'] === 'true')
    tags.push({ key: READER_TAGS.consolePassword, value: 'true', line: place.line })
  const mfa = cells['mfa_active']
  if (mfa === 'true' || mfa === 'false') tags.push({ key: READER_TAGS.mfa, value: mfa, line: place.line })
  return tags
}

/** Keys, certificates and the password, with dates as the report writes them. */
export function credentialsOf(row: ReportRow, identity: IdentityRef): Observation[] {
  const { cells } = row
  const date = (column: string): RawDate | null => {
    const raw = cells[column] ?? ''
    return raw === '' ? null : { raw, place: row.place }
  }
  const credentials: Observation[] = []
  for (const slot of ['1', '2'] as const) {
    const key = `access_key_${slot}`
    // An unused slot has neither an active key nor a date of one.
    if (cells[`${key}_active`] === 'true' || hasDate(cells[`${key}_last_rotated`])) {
      credentials.push({
        ...blank(row, identity, 'access-key', `access key ${slot}`),
        ...withDates({ rotatedAt: date(`${key}_last_rotated`), lastUsedAt: date(`${key}_last_used_date`) }),
        neverExpires: true,
        isActive: cells[`${key}_active`] === 'true',
        revocation: revocationOf(row),
      })
    }
    if (cells[`cert_${slot}_active`] === 'true') {
      credentials.push({
        ...blank(row, identity, 'certificate', `signing certificate ${slot}`),
        ...withDates({ rotatedAt: date(`cert_${slot}_last_rotated`) }),
        isActive: true,
      })
    }
  }
  if (cells['password_enabled'] === 'true') {
    credentials.push({
      ...blank(row, identity, 'password', 'console password'),
      isActive: true,
      ...withDates({
        rotatedAt: date('password_last_changed'),
        lastUsedAt: date('password_last_used'),
        expiresAt: date('password_next_rotation'),
      }),
      revocation: `aws iam delete-login-profile --user-name ${row.user}`,
    })
  }
  return credentials
}

function hasDate(cell: string | undefined): boolean {
  return cell !== undefined && /^\d{4}-/.test(cell)
}

function blank(
  row: ReportRow,
  identity: IdentityRef,
  kind: CredentialObserved['kind'],
  name: string,
): CredentialObserved {
  return { type: 'credential', identity, kind, name, kept: [], place: row.place }
}

/** Only the dates that the report has. */
function withDates(dates: {
  rotatedAt?: RawDate | null
  lastUsedAt?: RawDate | null
  expiresAt?: RawDate | null
}): Partial<CredentialObserved> {
  return Object.fromEntries(Object.entries(dates).filter(([, value]) => value !== null))
}

function revocationOf(row: ReportRow): string {
  if (isRoot(row)) return 'delete the key in the security credentials of the root user'
  return `aws iam update-access-key --user-name ${row.user} --status Inactive, then delete-access-key`
}
