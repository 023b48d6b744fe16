/**
 * AWS IAM from exported files: `get-account-authorization-details` in any number of pages and files, and the credential
 * report. All files of the estate are one unit, because policies, groups and keys of one account may lie in different
 * files; they are told apart by the account in their ARNs.
 */
import type { Unread } from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import type { FileReader, ReaderResult } from '../reader.ts'
import type { TextFile } from '../files/text-file.ts'
import { isRecord, textOf } from '../ci/scalars.ts'
import { isCredentialReport, isOfInterest, readReport, type ReportRow } from './credential-report.ts'
import { AwsPolicies, Directory, accountIdOf, type AwsRecord } from './directory.ts'
import { observeAccount, observeReportOnly } from './observations.ts'
import { scanRecords, type ListName, type RecordSlice, type Scan } from './records.ts'

const ENDINGS = ['.json', '.ndjson', '.jsonl', '.csv']

export const awsIamReader: FileReader = {
  name: 'aws-iam',
  blind: [
    'service control policies and session policies: they can take away what is shown as allowed',
    'policies of buckets, keys, queues and other resources: they can give what is not shown here',
    'who comes in through IAM Identity Center or SAML: only the roles that they hold are here',
    'functions, instances and other things that run with a role',
    'roles that AWS makes for its own services (/aws-service-role/): AWS answers for them, they are left out',
  ],
  wantsPath: (path) => ENDINGS.some((ending) => path.endsWith(ending)),
  wants: (file) => isExport(file.text) || isCredentialReport(file.text),
  unitOf: () => '',
  read,
}

function isExport(text: string): boolean {
  const has = (key: string): boolean => text.includes(`"${key}"`)
  if (text.includes('DetailList"') && (has('UserDetailList') || has('RoleDetailList') || has('GroupDetailList')))
    return true
  if (has('PolicyVersionList') && has('Policies')) return true
  // Records that stand alone.
  return has('AttachedManagedPolicies') && has('Arn') && (has('RoleId') || has('UserId'))
}

function read(files: TextFile[]): ReaderResult {
  const result: ReaderResult = { observations: [], unread: [] }
  const rows: ReportRow[] = []
  const exports: Export[] = []
  for (const file of files) {
    if (isCredentialReport(file.text)) {
      const report = readReport(file)
      rows.push(...report.rows.filter(isOfInterest))
      result.unread.push(...report.unread)
    } else exports.push({ file, scan: scanRecords(file.text), repeated: 0 })
  }
  const rowsByArn = new Map(rows.map((row) => [row.arn, row]))
  const arns = new Set<string>()
  for (const directory of readExports(exports, arns, result.unread)) {
    for (const { place, reason } of directory.problems) result.unread.push({ ...place, reason })
    for (const observation of observeAccount(directory, rowsByArn)) result.observations.push(observation)
  }
  result.observations.push(...observeReportOnly(rows.filter((row) => !arns.has(row.arn))))
  return result
}

type Export = { file: TextFile; scan: Scan; repeated: number }

/** What a record refers to comes before it: users need their groups, and all need the policies. */
const ORDER: readonly ListName[] = ['Policies', 'GroupDetailList', 'UserDetailList', 'RoleDetailList']

/** One directory an account; `arns` gets everyone who was found. */
function readExports(exports: Export[], arns: Set<string>, unread: Unread[]): Iterable<Directory> {
  const ofAws = new AwsPolicies()
  const directories = new Map<string, Directory>()
  for (const list of ORDER) {
    for (const one of exports) {
      for (const slice of one.scan.records) {
        const record = slice.list === list ? parseRecord(one.file, slice, unread) : null
        if (record === null) continue
        const accountId = accountIdOf(record.arn)
        if (arns.has(record.arn)) {
          // Every account's export repeats the policies of AWS.
          if (accountId !== '') one.repeated++
          continue
        }
        arns.add(record.arn)
        const directory = directories.get(accountId) ?? new Directory(accountId, ofAws)
        directories.set(accountId, directory)
        directory.add(record)
      }
    }
  }
  tellGaps(exports, unread)
  return directories.values()
}

function parseRecord(file: TextFile, { list, start, end, line }: RecordSlice, unread: Unread[]): AwsRecord | null {
  const text = file.text.slice(start, end)
  let value: unknown = null
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's message quotes the text; the record is named by its line instead.
    unread.push({ file: file.path, line, reason: `a record of ${list} that is not valid JSON` })
    return null
  }
  const arn = isRecord(value) ? textOf(value['Arn']) : null
  if (!isRecord(value) || arn === null) {
    unread.push({ file: file.path, line, reason: `a record of ${list} without an ARN` })
    return null
  }
  const find = (needle: string): Place => {
    const before = text.slice(0, Math.max(0, text.indexOf(JSON.stringify(needle))))
    return { file: file.path, line: line + before.split('\n').length - 1 }
  }
  return { list, value, arn, place: find(arn), find }
}

function tellGaps(exports: readonly Export[], unread: Unread[]): void {
  for (const { file, scan, repeated } of exports) {
    if (scan.cutLine !== null)
      unread.push({ file: file.path, line: scan.cutLine, reason: 'the JSON ends before it is complete' })
    if (scan.records.length === 0)
      unread.push({ file: file.path, line: 1, reason: 'an export without users, roles, groups or policies' })
    if (repeated > 0)
      unread.push({
        file: file.path,
        line: 1,
        reason: `${repeated} records are in another file too; the first one read counts`,
      })
  }
  const open = exports.find(({ scan }) => scan.openPages > 0)
  if (open && !exports.some(({ scan }) => scan.lastPages > 0)) {
    unread.push({
      file: open.file.path,
      line: 1,
      reason: 'the export says that more pages follow (IsTruncated), and the last one is not here',
    })
  }
}
