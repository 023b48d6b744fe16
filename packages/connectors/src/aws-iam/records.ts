/**
 * Finds the records of an account export without parsing the whole of it: one pass over the characters, then each
 * record is parsed alone when it is its turn. An export of 100 MB so costs its text and one record, not a tree of all
 * of it.
 */

/** The lists of `get-account-authorization-details`. */
export const LISTS = ['UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies'] as const
export type ListName = (typeof LISTS)[number]

export type RecordSlice = { list: ListName; start: number; end: number; line: number }

export type Scan = {
  records: RecordSlice[]
  /** Set when the text ends inside a record or list. */
  cutLine: number | null
  /** Pages that say that another one follows, and pages that say they are the last. */
  openPages: number
  lastPages: number
}

/** What tells a record of one list when records stand alone, one a line. */
const OWN_KEYS: readonly [key: string, list: ListName][] = [
  ['"RoleId"', 'RoleDetailList'],
  ['"UserId"', 'UserDetailList'],
  ['"PolicyVersionList"', 'Policies'],
  ['"GroupId"', 'GroupDetailList'],
]

/** A record that stands alone is a whole line, or an element of one outermost list. */
const MAX_OUTER_DEPTH = 2

const QUOTE = 34
const BACKSLASH = 92
const NEWLINE = 10
const OPEN_BRACE = 123
const CLOSE_BRACE = 125
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93

/** Finds every record in a page, in pages one after another, or in one record a line. Throws nothing on any text. */
export function scanRecords(text: string): Scan {
  const scan: Scan = { records: [], cutLine: null, openPages: 0, lastPages: 0 }
  let line = 1
  let depth = 0
  let lastString = { start: 0, end: 0 }
  let list: { name: ListName; depth: number } | null = null
  let record: { start: number; line: number; depth: number } | null = null
  /** An object that may itself be a record, until a list is met in it. */
  let outer: { start: number; line: number; depth: number } | null = null
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === NEWLINE) line++
    else if (code === QUOTE) {
      const end = endOfString(text, i)
      if (record === null) countPage(text, i, end, scan)
      lastString = { start: i + 1, end }
      i = end
    } else if (code === OPEN_BRACKET) {
      depth++
      const name: ListName | null = record === null && list === null ? listNamed(text, lastString) : null
      if (name !== null) {
        list = { name, depth }
        outer = null
      }
      lastString = { start: 0, end: 0 }
    } else if (code === OPEN_BRACE) {
      depth++
      if (list !== null && record === null && depth === list.depth + 1) record = { start: i, line, depth }
      if (list === null && outer === null && depth <= MAX_OUTER_DEPTH) outer = { start: i, line, depth }
    } else if (code === CLOSE_BRACKET) {
      if (list !== null && depth === list.depth) list = null
      depth--
    } else if (code === CLOSE_BRACE) {
      if (record !== null && list !== null && depth === record.depth) {
        scan.records.push({ list: list.name, start: record.start, end: i + 1, line: record.line })
        record = null
      }
      if (outer !== null && depth === outer.depth) {
        addAlone(text, outer, i + 1, scan)
        outer = null
      }
      depth--
    }
  }
  if (depth > 0) scan.cutLine = record?.line ?? line
  return scan
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return end
  }
  return text.length
}

function listNamed(text: string, { start, end }: { start: number; end: number }): ListName | null {
  return LISTS.find((name) => name.length === end - start && text.startsWith(name, start)) ?? null
}

function countPage(text: string, start: number, end: number, scan: Scan): void {
  if (!text.startsWith('"IsTruncated"', start)) return
  const value = text.slice(end + 1, end + 12)
  if (/^\s*:\s*true/.test(value)) scan.openPages++
  else if (/^\s*:\s*false/.test(value)) scan.lastPages++
}

function addAlone(text: string, outer: { start: number; line: number }, end: number, scan: Scan): void {
  const slice = text.slice(outer.start, end)
  if (!slice.includes('"Arn"')) return
  const list = OWN_KEYS.find(([key]) => slice.includes(key))?.[1]
  if (list !== undefined) scan.records.push({ list, start: outer.start, end, line: outer.line })
}
