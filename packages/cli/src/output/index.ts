/** The formats of a report. */
import type { ScanReport } from '@onus/core/report.ts'
import { htmlReport } from './html.ts'
import { jsonReport } from './json.ts'
import { sarifReport } from './sarif.ts'
import { tableReport, type TableOptions } from './table.ts'

export const FORMATS = ['table', 'json', 'sarif', 'html'] as const
export type Format = (typeof FORMATS)[number]

/** Pieces of the whole text, so that nobody needs to hold all of it. */
export function render(report: ScanReport, format: Format, table: TableOptions): Iterable<string> {
  switch (format) {
    case 'table':
      return tableReport(report, table)
    case 'json':
      return jsonReport(report)
    case 'sarif':
      return sarifReport(report)
    case 'html':
      return htmlReport(report)
  }
}

/** What the name of a file asks for; null when it does not say. */
export function formatOfFile(path: string): Format | null {
  if (/\.sarif(?:\.json)?$/i.test(path)) return 'sarif'
  if (/\.json$/i.test(path)) return 'json'
  return /\.html?$/i.test(path) ? 'html' : null
}
