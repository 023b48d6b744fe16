/**
 * What an expression is known to be without running Terraform. Nothing is guessed: a value is known, known in part
 * (a template with holes, a map with some keys), or unknown with the reference that would tell.
 */
import type { Scalar } from './ast.ts'
import type { Fields } from './fields.ts'

/** A resource (or module call) from which a value was taken, with its instance key, and the attribute that was read. */
export type Reference = { address: string; attribute: string }

export type Data =
  | { kind: 'scalar'; value: Scalar }
  /** A string with holes, each written as `${reference}`. */
  | { kind: 'partial'; text: string }
  /** `isOpen`: there may be more items than these. */
  | { kind: 'list'; items: readonly Value[]; isOpen: boolean }
  | { kind: 'map'; entries: ReadonlyMap<string, Value>; isOpen: boolean }
  /** The result of `jsonencode`, kept unencoded because parts of it may be unknown. */
  | { kind: 'json'; value: Value }
  /** A resource instance, a data source or one of their nested blocks. */
  | { kind: 'fields'; fields: Fields }
  | { kind: 'unknown'; text: string }

/** `file` and `line`: where the value itself is written, which may be far from where it is used. */
export type Value = { data: Data; refs: readonly Reference[]; file: string; line: number }

export type Origin = { file: string; line: number }

/** Longer strings and lists are not worth knowing, and growing them is how a small file becomes a large one. */
export const MAX_TEXT_LENGTH = 200_000
export const MAX_ITEMS = 10_000

const NO_REFS: readonly Reference[] = []

export function make(data: Data, at: Origin, refs: readonly Reference[] = NO_REFS): Value {
  return { data, refs, file: at.file, line: at.line }
}

export function known(value: Scalar, at: Origin, refs: readonly Reference[] = NO_REFS): Value {
  return make({ kind: 'scalar', value }, at, refs)
}

export function unknown(text: string, at: Origin, refs: readonly Reference[] = NO_REFS): Value {
  return make({ kind: 'unknown', text }, at, refs)
}

export function list(items: readonly Value[], at: Origin, isOpen = false): Value {
  return make({ kind: 'list', items, isOpen }, at, joinRefs(items))
}

export function map(entries: ReadonlyMap<string, Value>, at: Origin, isOpen = false): Value {
  return make({ kind: 'map', entries, isOpen }, at, joinRefs(entries.values()))
}

/** A value made of more resources than this says nothing about any of them. */
const MAX_REFS = 200

/** Every resource that any of the values was taken from, each once. */
export function joinRefs(values: Iterable<Value>): readonly Reference[] {
  const joined = new Map<string, Reference>()
  for (const { refs } of values) {
    if (joined.size >= MAX_REFS) break
    for (const ref of refs) joined.set(`${ref.address}\n${ref.attribute}`, ref)
  }
  return joined.size === 0 ? NO_REFS : [...joined.values()]
}

export function isNull(value: Value): boolean {
  return value.data.kind === 'scalar' && value.data.value === null
}

/** The text of a known string, number or boolean; null for everything else. */
export function textOf(value: Value | undefined): string | null {
  if (value?.data.kind !== 'scalar' || value.data.value === null) return null
  return String(value.data.value)
}

/** As `textOf`, but with holes shown by name, for people to read: `${var.cluster}-reader`, `aws_s3_bucket.logs.arn`. */
export function shownText(value: Value | undefined): string | null {
  if (value?.data.kind === 'partial' || value?.data.kind === 'unknown') return value.data.text
  return textOf(value)
}

/** The items of a list; a single value is a list of one, and nothing (absent, null, unknown) is empty. */
export function itemsOf(value: Value | undefined): readonly Value[] {
  if (!value || isNull(value)) return []
  if (value.data.kind === 'list') return value.data.items
  return value.data.kind === 'unknown' && value.refs.length === 0 ? [] : [value]
}

export function textsOf(value: Value | undefined): string[] {
  return itemsOf(value).flatMap((item) => textOf(item) ?? [])
}

export function shownTexts(value: Value | undefined): string[] {
  return itemsOf(value).flatMap((item) => shownText(item) ?? [])
}

export function entriesOf(value: Value | undefined): ReadonlyMap<string, Value> {
  return value?.data.kind === 'map' ? value.data.entries : new Map()
}

/** Values are built step by step, so they can be deeper than any expression. */
const MAX_DEPTH = 100

/** Plain JSON of a value that is known or known in part; holes become their shown text. */
export function toPlain(value: Value, budget: Budget, depth = 0): unknown {
  budget.spend()
  if (depth > MAX_DEPTH) return null
  switch (value.data.kind) {
    case 'scalar':
      return value.data.value
    case 'partial':
    case 'unknown':
      return value.data.text
    case 'list':
      return value.data.items.map((item) => toPlain(item, budget, depth + 1))
    case 'map':
      return Object.fromEntries([...value.data.entries].map(([key, inner]) => [key, toPlain(inner, budget, depth + 1)]))
    case 'json':
      return toPlain(value.data.value, budget, depth + 1)
    case 'fields':
      return null
  }
}

/** True when no part of the value is missing. */
export function isWhole(value: Value, budget: Budget, depth = 0): boolean {
  budget.spend()
  if (depth > MAX_DEPTH) return false
  switch (value.data.kind) {
    case 'scalar':
      return true
    case 'list':
      return !value.data.isOpen && value.data.items.every((item) => isWhole(item, budget, depth + 1))
    case 'map':
      return !value.data.isOpen && [...value.data.entries.values()].every((inner) => isWhole(inner, budget, depth + 1))
    case 'json':
      return isWhole(value.data.value, budget, depth + 1)
    default:
      return false
  }
}

/** Values share parts, so a short file can describe an endless one. Evaluation of one directory ends here. */
export class Exhausted extends Error {}

/**
 * References lead from one expression into another; real ones go a handful deep. Each takes some ten calls of the
 * stack.
 */
const MAX_NESTED = 300

export class Budget {
  #left: number
  #nested = 0

  constructor(steps: number) {
    this.#left = steps
  }

  spend(steps = 1): void {
    this.#left -= steps
    if (this.#left < 0) throw new Exhausted('the configuration expands to more values than are followed')
  }

  /** Works out one expression inside others; null when that would go too deep. */
  nest<T>(work: () => T): T | null {
    this.spend()
    if (this.#nested >= MAX_NESTED) return null
    this.#nested++
    try {
      return work()
    } finally {
      this.#nested--
    }
  }
}
