/** Terraform's built-in functions, as far as they decide names, keys, tags and policies. All others are unknown. */
import { baseOf, directoryOf } from '../files/paths.ts'
import { setCompare, setProduct, slice, transpose } from './functions-sets.ts'
import {
  entriesOf,
  isNull,
  isWhole,
  itemsOf,
  joinRefs,
  known,
  list,
  make,
  map,
  MAX_ITEMS,
  MAX_TEXT_LENGTH,
  textOf,
  toPlain,
  unknown,
  type Budget,
  type Origin,
  type Value,
} from './value.ts'

type Call = { name: string; args: readonly Value[]; at: Origin; budget: Budget }
type Builtin = (call: Call) => Value | null

/** The result of the call; unknown, with the references of its arguments, when it cannot be told. */
export function applyFunction(call: Call): Value {
  const builtin = Object.hasOwn(BUILTINS, call.name) ? BUILTINS[call.name] : undefined
  const refs = joinRefs(call.args)
  const result = builtin?.(call) ?? unknown(`${call.name}(…)`, call.at, refs)
  return refs.length === 0 || (builtin && SELECTORS.has(call.name) && result.data.kind !== 'unknown')
    ? result
    : { ...result, refs: joinRefs([result, { ...result, refs }]) }
}

/** They hand on one of their arguments' values, which knows best where it came from. */
const SELECTORS = new Set(['lookup', 'element', 'one', 'coalesce', 'coalescelist', 'try', 'nonsensitive'])

/** A function of known texts. */
function ofTexts(apply: (...texts: string[]) => string | number | null): Builtin {
  return ({ args, at }) => {
    const texts: string[] = []
    for (const arg of args) {
      const text = textOf(arg)
      if (text === null) return null
      texts.push(text)
    }
    const result = texts.length === 0 ? null : apply(...texts)
    return result === null || (typeof result === 'string' && result.length > MAX_TEXT_LENGTH) ? null : known(result, at)
  }
}

function ofOneText(apply: (text: string) => string): Builtin {
  return ({ args: [arg], at }) => {
    const text = textOf(arg)
    return text === null ? null : known(apply(text), at)
  }
}

const BUILTINS: Readonly<Record<string, Builtin>> = {
  lower: ofOneText((text) => text.toLowerCase()),
  upper: ofOneText((text) => text.toUpperCase()),
  title: ofOneText((text) => text.replace(/(^|\s)(\S)/g, (whole) => whole.toUpperCase())),
  trimspace: ofOneText((text) => text.trim()),
  chomp: ofOneText((text) => text.replace(/[\r\n]+$/, '')),
  tostring: ({ args: [arg], at }) => {
    const text = textOf(arg)
    return text === null ? (arg ?? null) : known(text, at)
  },
  tonumber: ({ args: [arg], at }) => {
    const text = textOf(arg)
    return text === null || text.trim() === '' || !Number.isFinite(Number(text)) ? null : known(Number(text), at)
  },
  tobool: ({ args: [arg], at }) => {
    const text = textOf(arg)
    return text === 'true' || text === 'false' ? known(text === 'true', at) : null
  },
  replace: ofTexts((text, search = '', replacement = '') =>
    /^\/.*\/$/s.test(search) ? null : text.replaceAll(search, () => replacement),
  ),
  trimprefix: ofTexts((text, prefix = '') =>
    prefix !== '' && text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  trimsuffix: ofTexts((text, suffix = '') =>
    suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  ),
  trim: ofTexts((text, cut = '') => trimCharacters(text, cut)),
  substr: ofTexts((text, offset, length) => {
    const from = Number(offset)
    const count = Number(length)
    const characters = [...text].slice(from)
    return (count < 0 ? characters : characters.slice(0, count)).join('')
  }),
  startswith: ({ args: [text, prefix], at }) => compareTexts(text, prefix, at, (a, b) => a.startsWith(b)),
  endswith: ({ args: [text, suffix], at }) => compareTexts(text, suffix, at, (a, b) => a.endsWith(b)),
  strcontains: ({ args: [text, part], at }) => compareTexts(text, part, at, (a, b) => a.includes(b)),
  split: ({ args: [separator, text], at }) => {
    const by = textOf(separator)
    const whole = textOf(text)
    if (by === null || whole === null || by === '') return null
    return list(
      whole.split(by, MAX_ITEMS).map((part) => known(part, at)),
      at,
    )
  },
  join: ({ args: [separator, ...lists], at }) =>
    joinTexts(
      textOf(separator),
      lists.flatMap((one) => [...flatItems(one)]),
      at,
    ),
  format: ({ args: [template, ...rest], at }) => formatText(textOf(template), rest, at),
  length: ({ args: [arg], at }) => {
    const count = countOf(arg)
    return count === null ? null : known(count, at)
  },
  concat: ({ args, at }) => list(args.flatMap(flatItems).slice(0, MAX_ITEMS), at, args.some(isOpen)),
  flatten: ({ args: [arg], at, budget }) => (arg ? list(flattened(arg, budget), at, isOpen(arg)) : null),
  tolist: ({ args: [arg], at }) => asList(arg, at),
  toset: ({ args: [arg], at }) => asSet(arg, at),
  distinct: ({ args: [arg], at }) => asSet(arg, at),
  compact: ({ args: [arg], at }) =>
    arg?.data.kind === 'list'
      ? list(
          arg.data.items.filter((item) => !isNull(item) && textOf(item) !== ''),
          at,
          arg.data.isOpen,
        )
      : null,
  sort: ({ args: [arg], at }) => {
    if (arg?.data.kind !== 'list' || arg.data.items.some((item) => textOf(item) === null)) return arg ?? null
    return list(
      [...arg.data.items].sort((a, b) => ((textOf(a) ?? '') < (textOf(b) ?? '') ? -1 : 1)),
      at,
      arg.data.isOpen,
    )
  },
  reverse: ({ args: [arg], at }) =>
    arg?.data.kind === 'list' ? list([...arg.data.items].reverse(), at, arg.data.isOpen) : null,
  setunion: ({ args, at }) => asSet(list(args.flatMap(flatItems), at, args.some(isOpen)), at),
  setproduct: ({ args, at, budget }) => setProduct(args, at, budget),
  setintersection: ({ args, at }) => setCompare(args, at, true),
  setsubtract: ({ args, at }) => setCompare(args, at, false),
  slice: ({ args, at }) => slice(args, at),
  transpose: ({ args: [from], at }) => transpose(from, at),
  range: ({ args, at }) => rangeOf(args, at),
  tomap: ({ args: [arg] }) => arg ?? null,
  merge: ({ args, at }) => mergeMaps(args, at),
  keys: ({ args: [arg], at }) =>
    arg?.data.kind === 'map'
      ? list(
          [...arg.data.entries.keys()].sort().map((key) => known(key, at)),
          at,
          arg.data.isOpen,
        )
      : null,
  values: ({ args: [arg], at }) => {
    if (arg?.data.kind !== 'map') return null
    const sorted = [...arg.data.entries].sort(([a], [b]) => (a < b ? -1 : 1))
    return list(
      sorted.map(([, value]) => value),
      at,
      arg.data.isOpen,
    )
  },
  zipmap: ({ args: [keys, values], at }) => {
    if (keys?.data.kind !== 'list' || values?.data.kind !== 'list') return null
    const second = values.data.items
    const pairs = keys.data.items.flatMap((key, i): [string, Value][] => {
      const text = textOf(key)
      const value = second[i]
      return text === null || !value ? [] : [[text, value]]
    })
    return map(new Map(pairs), at, isOpen(keys) || isOpen(values))
  },
  lookup: ({ args: [from, key, fallback] }) => {
    const text = textOf(key)
    if (from?.data.kind !== 'map' || text === null) return null
    return from.data.entries.get(text) ?? (from.data.isOpen ? null : (fallback ?? null))
  },
  element: ({ args: [from, index] }) => {
    const at = Number(textOf(index) ?? NaN)
    if (
      from?.data.kind !== 'list' ||
      from.data.isOpen ||
      from.data.items.length === 0 ||
      !Number.isInteger(at) ||
      at < 0
    )
      return null
    return from.data.items[at % from.data.items.length] ?? null
  },
  contains: ({ args: [from, wanted], at }) => {
    const text = textOf(wanted)
    if (from?.data.kind !== 'list' || text === null) return null
    if (from.data.items.some((item) => textOf(item) === text)) return known(true, at)
    return from.data.isOpen || from.data.items.some((item) => textOf(item) === null) ? null : known(false, at)
  },
  one: ({ args: [arg], at }) => {
    if (arg?.data.kind !== 'list' || arg.data.isOpen) return null
    return arg.data.items.length === 0
      ? known(null, at)
      : arg.data.items.length === 1
        ? (arg.data.items[0] ?? null)
        : null
  },
  coalesce: ({ args }) => firstOf(args, (value) => !isNull(value) && textOf(value) !== ''),
  coalescelist: ({ args }) => firstOf(args, (value) => itemsOf(value).length > 0),
  // `try` and `can` are about errors, which only Terraform meets; the first argument is what was meant.
  try: ({ args }) => args.find((value) => value.data.kind !== 'unknown' || value.refs.length > 0) ?? args[0] ?? null,
  nonsensitive: ({ args: [arg] }) => arg ?? null,
  jsonencode: ({ args: [arg], at }) => (arg ? make({ kind: 'json', value: arg }, at) : null),
  jsondecode: ({ args: [arg], at }) => decodeJson(arg, at),
  dirname: ofOneText((text) => (text.startsWith('/') ? `/${directoryOf(text.slice(1))}` : directoryOf(text) || '.')),
  basename: ofOneText((text) => baseOf(text.replace(/\/+$/, ''))),
  urlencode: ofOneText((text) => encodeURIComponent(text)),
}

function trimCharacters(text: string, cut: string): string {
  const characters = new Set(cut)
  let start = 0
  let end = text.length
  while (start < end && characters.has(text.charAt(start))) start++
  while (end > start && characters.has(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

function compareTexts(
  a: Value | undefined,
  b: Value | undefined,
  at: Origin,
  test: (a: string, b: string) => boolean,
): Value | null {
  const left = textOf(a)
  const right = textOf(b)
  return left === null || right === null ? null : known(test(left, right), at)
}

/** Items of a list, or the whole value when it is something else that may turn out to be a list. */
function flatItems(value: Value): readonly Value[] {
  return value.data.kind === 'list'
    ? value.data.items
    : isNull(value)
      ? []
      : value.data.kind === 'unknown' && value.refs.length === 0
        ? []
        : [value]
}

export function isOpen(value: Value): boolean {
  return value.data.kind === 'list' || value.data.kind === 'map' ? value.data.isOpen : value.data.kind !== 'scalar'
}

function flattened(value: Value, budget: Budget): Value[] {
  const flat: Value[] = []
  const stack = [value]
  for (let next = stack.pop(); next && flat.length < MAX_ITEMS; next = stack.pop()) {
    budget.spend()
    if (next.data.kind === 'list') stack.push(...[...next.data.items].reverse())
    else flat.push(next)
  }
  return flat
}

function asList(value: Value | undefined, at: Origin): Value | null {
  if (value?.data.kind === 'map') return list([...value.data.entries.values()], at, value.data.isOpen)
  return value ?? null
}

/** Equal known texts once; what is not known stays. */
function asSet(value: Value | undefined, at: Origin): Value | null {
  if (value?.data.kind !== 'list') return value ?? null
  const seen = new Set<string>()
  const items = value.data.items.filter((item) => {
    const text = textOf(item)
    if (text === null) return true
    if (seen.has(text)) return false
    seen.add(text)
    return true
  })
  return list(items, at, value.data.isOpen)
}

function mergeMaps(args: readonly Value[], at: Origin): Value {
  const merged = new Map<string, Value>()
  for (const arg of args) for (const [key, value] of entriesOf(arg)) if (merged.size < MAX_ITEMS) merged.set(key, value)
  return map(
    merged,
    at,
    args.some((arg) => !isNull(arg) && (arg.data.kind !== 'map' || arg.data.isOpen)),
  )
}

function firstOf(args: readonly Value[], isWanted: (value: Value) => boolean): Value | null {
  for (const arg of args) {
    if (arg.data.kind === 'unknown') return null // it might be the one
    if (isWanted(arg)) return arg
  }
  return null
}

function joinTexts(separator: string | null, items: readonly Value[], at: Origin): Value | null {
  if (separator === null) return null
  const texts = items.map((item) => textOf(item))
  if (texts.some((text) => text === null)) return null
  const joined = texts.join(separator)
  return joined.length > MAX_TEXT_LENGTH ? null : known(joined, at)
}

/** `%s`, `%v`, `%d` and padded `%02d`; any other verb makes the result unknown. */
function formatText(template: string | null, args: readonly Value[], at: Origin): Value | null {
  if (template === null) return null
  let next = 0
  let isKnown = true
  const text = template.replace(
    /%(?:(0?)(\d{0,2})([svdq])|(%)|.)/g,
    (whole, zero?: string, width?: string, verb?: string, percent?: string) => {
      if (percent) return '%'
      const value = textOf(args[next++])
      if (verb === undefined || value === null) {
        isKnown = false
        return whole
      }
      return verb === 'q' ? JSON.stringify(value) : value.padStart(Number(width ?? 0), zero === '0' ? '0' : ' ')
    },
  )
  return isKnown && text.length <= MAX_TEXT_LENGTH ? known(text, at) : null
}

function countOf(value: Value | undefined): number | null {
  if (value?.data.kind === 'list' && !value.data.isOpen) return value.data.items.length
  if (value?.data.kind === 'map' && !value.data.isOpen) return value.data.entries.size
  return value?.data.kind === 'scalar' && typeof value.data.value === 'string' ? [...value.data.value].length : null
}

function rangeOf(args: readonly Value[], at: Origin): Value | null {
  const numbers = args.map((arg) => Number(textOf(arg) ?? NaN))
  if (numbers.some((number) => !Number.isFinite(number))) return null
  const [first = 0, second] = numbers
  const [from, to, step] = second === undefined ? [0, first, 1] : [first, second, numbers[2] ?? 1]
  if (step <= 0 || (to - from) / step > MAX_ITEMS) return null
  const items: Value[] = []
  for (let number = from; number < to; number += step) items.push(known(number, at))
  return list(items, at)
}

function decodeJson(value: Value | undefined, at: Origin): Value | null {
  if (value?.data.kind === 'json') return value.data.value
  const text = textOf(value)
  if (text === null) return null
  try {
    return fromPlain(JSON.parse(text), at)
  } catch {
    return null
  }
}

/** JSON as a value; everything in it stands where the text stood. */
export function fromPlain(plain: unknown, at: Origin, depth = 0): Value {
  if (depth > 100) return unknown('…', at)
  if (Array.isArray(plain))
    return list(
      plain.slice(0, MAX_ITEMS).map((item) => fromPlain(item, at, depth + 1)),
      at,
    )
  if (typeof plain === 'object' && plain !== null) {
    return map(new Map(Object.entries(plain).map(([key, inner]) => [key, fromPlain(inner, at, depth + 1)])), at)
  }
  return typeof plain === 'string' || typeof plain === 'number' || typeof plain === 'boolean' || plain === null
    ? known(plain, at)
    : unknown('…', at)
}

/** The text of a value in a template: of `jsonencode` only when it is whole. */
export function templateText(value: Value, budget: Budget): string | null {
  if (value.data.kind !== 'json') return textOf(value)
  return isWhole(value.data.value, budget) ? JSON.stringify(toPlain(value.data.value, budget)) : null
}
