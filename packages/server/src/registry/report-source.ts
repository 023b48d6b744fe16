/** A scan report as a sequence of checked values, whether it lies in a file or in memory. */
import { createReadStream } from 'node:fs'
import { z } from 'zod'
import { Finding } from '@onus/core/finding.ts'
import { Identity } from '@onus/core/identity.ts'
import { OwnedScope } from '@onus/core/owned-scope.ts'
import { ScanReport, SourceReport } from '@onus/core/report.ts'
import { Api, BusinessFunction, Service } from '@onus/core/service.ts'
import { Team } from '@onus/core/team.ts'
import { Refused } from '../http/refused.ts'
import type { FieldError } from '../http/refused.ts'
import { createReportSplitter } from './report-stream.ts'

type Limits = NonNullable<ScanReport['limits']>

/** Everything but identities and findings: small, read first, because identities name the teams. */
export type ReportHead = {
  asOf: string
  sources: z.infer<typeof SourceReport>[]
  teams: Team[]
  functions: BusinessFunction[]
  services: Service[]
  apis: Api[]
  scopes: OwnedScope[]
  /** Of the conventions it was judged by. */
  limits: Limits | null
}
export type Body = { kind: 'identity'; value: Identity } | { kind: 'finding'; value: Finding }
export type ReportSource = {
  head(): Promise<ReportHead>
  /** Identities and findings in the order of the report. */
  body(take: (element: Body) => Promise<void>): Promise<void>
  /** Fields that the contract does not know, by name without index: kept out, counted, told. */
  unknownFields(): ReadonlyMap<string, number>
}

const LISTS = {
  sources: SourceReport,
  teams: Team,
  functions: BusinessFunction,
  services: Service,
  apis: Api,
  scopes: OwnedScope,
  identities: Identity,
  findings: Finding,
} as const
const VALUES = {
  onus: ScanReport.shape.onus,
  asOf: ScanReport.shape.asOf,
  summary: ScanReport.shape.summary,
  limits: ScanReport.shape.limits,
} as const
const isList = (key: string): key is keyof typeof LISTS => Object.hasOwn(LISTS, key)
const isValue = (key: string): key is keyof typeof VALUES => Object.hasOwn(VALUES, key)
const isBody = (key: string): boolean => key === 'identities' || key === 'findings'

/** Errors told at once; more of the same kind help nobody. */
const MAX_ERRORS = 20
/** Ids become parts of addresses and keys of indexes. */
const ID = /^[a-z]{2,4}_[A-Za-z0-9_-]{1,56}$/

/** A checker that collects faults, so that a sender sees them together, and stops reading when there are many. */
function createChecker() {
  const unknown = new Map<string, number>()
  const errors: FieldError[] = []
  const refuse = (): never => {
    throw new Refused(
      'invalid-report',
      'the report does not follow its contract (docs/reference/scan-report.schema.json)',
      errors,
    )
  }
  const add = (field: string, reason: string): void => {
    errors.push({ field, reason })
    if (errors.length >= MAX_ERRORS) refuse()
  }
  return {
    unknown,
    check<T extends z.ZodType>(schema: T, value: unknown, field: string): z.infer<T> | null {
      const read = schema.safeParse(value)
      if (!read.success) {
        for (const issue of read.error.issues) add([field, ...issue.path.map(String)].join('.'), issue.message)
        return null
      }
      noteUnknown(value, read.data, field.replaceAll(/\[\d+\]/g, '[]'), unknown)
      return read.data
    },
    id(value: { id: string }, field: string): boolean {
      const isRight = ID.test(value.id)
      if (!isRight) add(`${field}.id`, 'must be a prefix, an underscore and letters or digits')
      return isRight
    },
    add,
    finish(): void {
      if (errors.length) refuse()
    },
  }
}
type Checker = ReturnType<typeof createChecker>

function noteUnknown(given: unknown, kept: unknown, field: string, unknown: Map<string, number>): void {
  if (typeof given !== 'object' || given === null || typeof kept !== 'object' || kept === null) return
  if (Array.isArray(given)) {
    if (Array.isArray(kept)) given.forEach((element, index) => noteUnknown(element, kept[index], field, unknown))
    return
  }
  for (const [name, value] of Object.entries(given)) {
    if (Object.hasOwn(kept, name))
      noteUnknown(value, (kept as Record<string, unknown>)[name], `${field}.${name}`, unknown)
    else if (unknown.size < 100)
      unknown.set(`${field}.${name}`.slice(0, 120), (unknown.get(`${field}.${name}`) ?? 0) + 1)
  }
}

function emptyHead(): ReportHead {
  return { asOf: '', sources: [], teams: [], functions: [], services: [], apis: [], scopes: [], limits: null }
}

/** Puts one checked piece of the head where it belongs. */
function addToHead(head: ReportHead, checker: Checker, key: string, index: number | null, value: unknown): void {
  if (isValue(key)) {
    const read = checker.check<z.ZodType>(VALUES[key], value, key)
    if (key === 'asOf' && typeof read === 'string') head.asOf = read
    // The schema of `limits` has just made it.
    if (key === 'limits' && read) head.limits = read as Limits
  } else if (isList(key)) {
    const field = `${key}[${index ?? 0}]`
    if (index === null) return checker.add(key, 'must be a list')
    const read = checker.check<z.ZodType>(LISTS[key], value, field)
    if (read === null || (key !== 'sources' && !checker.id(read as { id: string }, field))) return
    // The schema of `key` has just made this value, and `head` has a list of that type under the same name.
    ;(head[key as keyof ReportHead] as unknown[]).push(read)
  }
}

/** A report has ten keys; whoever sends thousands wants the memory. */
const MAX_KEYS = 200
const REQUIRED = Object.keys(ScanReport.shape).filter((key) => key !== 'limits')
const REQUIRED_IN_HEAD = REQUIRED.filter((key) => !isBody(key))

/** The top-level keys as they come. Of two equal ones a reader keeps the last, and another reader the first: refused. */
function createKeys(checker: Checker) {
  const seen = new Set<string>()
  return {
    note(key: string): void {
      if (seen.has(key)) throw new Refused('invalid-report', `\`${key.slice(0, 120)}\` is given twice`)
      if (seen.add(key).size > MAX_KEYS)
        throw new Refused('invalid-report', `the report has more than ${MAX_KEYS} keys`)
    },
    hasHead: (): boolean => REQUIRED_IN_HEAD.every((key) => seen.has(key)),
    finish(): void {
      for (const key of REQUIRED) if (!seen.has(key)) checker.add(key, 'is missing')
      for (const key of seen) if (!isList(key) && !isValue(key)) checker.unknown.set(key.slice(0, 120), 1)
      checker.finish()
    },
  }
}

function readBody(checker: Checker, key: string, index: number, value: unknown): Body | null {
  const field = `${key}[${index}]`
  if (key === 'identities') {
    const identity = checker.check(Identity, value, field)
    return identity && checker.id(identity, field) ? { kind: 'identity', value: identity } : null
  }
  const finding = checker.check(Finding, value, field)
  return finding && checker.id(finding, field) ? { kind: 'finding', value: finding } : null
}

/**
 * A report in a file, in bounded memory: the head first, then identities and findings. A report that has its head in
 * front, as ours do, is read once; any other is read to its end for the head.
 */
export function fileReport(path: string): ReportSource {
  const checker = createChecker()
  const open = (): AsyncIterable<Buffer> => createReadStream(path, { highWaterMark: 256 * 1024 })
  return {
    unknownFields: () => checker.unknown,
    async head() {
      const head = emptyHead()
      const keys = createKeys(checker)
      let isBodyReached = false
      const splitter = createReportSplitter({
        isList,
        wants: (key) => !isBody(key) && (isList(key) || isValue(key)),
        onKey(key) {
          keys.note(key)
          isBodyReached ||= isBody(key) && keys.hasHead()
        },
      })
      for await (const chunk of open()) {
        for (const { key, index, value } of splitter.feed(chunk)) addToHead(head, checker, key, index, value)
        if (isBodyReached) break
      }
      if (!isBodyReached) {
        splitter.end()
        keys.finish()
      }
      checker.finish()
      return head
    },
    async body(take) {
      const keys = createKeys(checker)
      const splitter = createReportSplitter({ isList: isBody, wants: isBody, onKey: keys.note })
      for await (const chunk of open()) {
        for (const { key, index, value } of splitter.feed(chunk)) {
          const element = index === null ? checker.add(key, 'must be a list') : readBody(checker, key, index, value)
          if (element) await take(element)
        }
      }
      splitter.end()
      keys.finish()
    },
  }
}

/** A report that was just made in this process; checked alike, so that both ways store the same. */
export function memoryReport(report: ScanReport): ReportSource {
  const checker = createChecker()
  return {
    unknownFields: () => checker.unknown,
    async head() {
      const head = emptyHead()
      for (const [key, value] of Object.entries(report)) {
        if (isBody(key)) continue
        if (Array.isArray(value)) value.forEach((element, index) => addToHead(head, checker, key, index, element))
        else addToHead(head, checker, key, null, value)
      }
      const keys = createKeys(checker)
      for (const key of Object.keys(report)) keys.note(key)
      keys.finish()
      return head
    },
    async body(take) {
      for (const key of ['identities', 'findings'] as const) {
        for (const [index, value] of report[key].entries()) {
          const element = readBody(checker, key, index, value)
          if (element) await take(element)
        }
      }
      checker.finish()
    },
  }
}
