/**
 * The report as JSON, one element of each list a line: it streams, it can be grepped, and two scans can be compared.
 */
import type { ScanReport } from '@onus/core/report.ts'

/** JSON leaves these raw; printed on a terminal they act, or make text read as something else. */
const ACTING =
  /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g

/** One value as JSON without white space; equal to it when parsed, harmless when printed. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value).replace(ACTING, (found) =>
    [...Array(found.length).keys()].map((at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  )
}

/** Pieces of `{ "key": value, … }`. A value that is a list or an iterator becomes one line an element. */
export function* jsonObject(members: Record<string, unknown>): Generator<string> {
  let separator = '{\n'
  for (const [key, value] of Object.entries(members)) {
    if (value === undefined) continue
    yield `${separator}${jsonOf(key)}: `
    if (isIterable(value)) yield* jsonList(value)
    else yield jsonOf(value)
    separator = ',\n'
  }
  yield '\n}\n'
}

export function jsonReport(report: ScanReport): Generator<string> {
  const { onus, asOf, limits, summary, sources, ...lists } = report
  // What people look for first comes first.
  return jsonObject({ onus, asOf, limits, summary, sources, ...lists })
}

function* jsonList(items: Iterable<unknown>): Generator<string> {
  let separator = '[\n'
  let isEmpty = true
  for (const item of items) {
    yield separator + jsonOf(item)
    separator = ',\n'
    isEmpty = false
  }
  yield isEmpty ? '[]' : '\n]'
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}
