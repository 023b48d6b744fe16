/** Expressions to values. What names mean is asked of a `Names`; nothing is executed and nothing is fetched. */
import type { Expr } from './ast.ts'
import { applyFunction, isOpen, templateText } from './functions.ts'
import {
  isNull,
  itemsOf,
  joinRefs,
  known,
  list,
  make,
  map,
  MAX_ITEMS,
  MAX_TEXT_LENGTH,
  shownText,
  textOf,
  unknown,
  type Budget,
  type Origin,
  type Reference,
  type Value,
} from './value.ts'

/** What the first word of a reference means in one module instance and, inside it, in one resource instance. */
export type Names = {
  file: string
  budget: Budget
  /** `var`, `local`, `each`, `count`, `module`, `data`, a resource type, or a name bound by `for`. */
  lookup(steps: readonly Step[], at: Origin): { value: Value; used: number }
  /** Functions besides Terraform's own; null for one it does not know. */
  call?(name: string, args: readonly Value[], at: Origin): Value | null
}

/** One step of a reference: a name, or an index that is known (a text), or one that is not (null). */
export type Step = { text: string | null; isIndex: boolean }

export function evaluate(expr: Expr, names: Names): Value {
  const at = { file: names.file, line: expr.line }
  return names.budget.nest(() => valueOf(expr, names, at)) ?? unknown('…', at)
}

function valueOf(expr: Expr, names: Names, at: Origin): Value {
  const inner = (one: Expr): Value => evaluate(one, names)
  switch (expr.kind) {
    case 'literal':
      return known(expr.value, at)
    case 'template':
      return joinTemplate(
        expr.parts.map((part) => (typeof part === 'string' ? part : inner(part))),
        at,
        names.budget,
      )
    case 'list':
      return list(expr.items.slice(0, MAX_ITEMS).map(inner), at)
    case 'object':
      return objectOf(expr.entries, inner, at)
    case 'name':
    case 'get':
    case 'index':
      return reference(expr, names, inner)
    case 'splat':
      return splat(inner(expr.of), expr.each, inner, at)
    case 'call':
      return call(expr, inner, names)
    case 'for':
      return forOf(expr, names)
    case 'conditional':
      return conditional(
        inner(expr.test),
        () => inner(expr.yes),
        () => inner(expr.no),
        at,
      )
    case 'unary':
      return unary(expr.operator, inner(expr.of), at)
    case 'binary':
      return binary(expr.operator, inner(expr.left), inner(expr.right), at)
    case 'opaque':
      return unknown('…', at)
    case 'value':
      return expr.value
  }
}

/** A template of one hole and no text is the value itself, whatever its type. */
function joinTemplate(parts: readonly (string | Value)[], at: Origin, budget: Budget): Value {
  const [only] = parts
  if (parts.length === 1 && only !== undefined && typeof only !== 'string') return only
  const refs = joinRefs(parts.filter((part) => typeof part !== 'string'))
  let text = ''
  let isKnown = true
  for (const part of parts) {
    const piece = typeof part === 'string' ? part : templateText(part, budget)
    if (piece === null && typeof part !== 'string') {
      isKnown = false
      const shown = shownText(part) ?? '…'
      text += part.data.kind === 'partial' ? shown : `\${${shown}}`
    } else text += piece
    if (text.length > MAX_TEXT_LENGTH) return unknown('…', at, refs)
  }
  return isKnown ? known(text, at, refs) : make({ kind: 'partial', text }, at, refs)
}

function objectOf(entries: readonly { key: Expr; value: Expr }[], inner: (expr: Expr) => Value, at: Origin): Value {
  const result = new Map<string, Value>()
  let isOpenMap = false
  for (const { key, value } of entries.slice(0, MAX_ITEMS)) {
    const text = textOf(inner(key))
    if (text === null) isOpenMap = true
    else result.set(text, inner(value))
  }
  return map(result, at, isOpenMap)
}

/** `a.b[0].c`, whose first word decides what it is; or steps on any other value, such as `merge(x, y).z`. */
function reference(expr: Expr, names: Names, inner: (expr: Expr) => Value): Value {
  const at = { file: names.file, line: expr.line }
  const steps: Step[] = []
  let base: Expr = expr
  for (;;) {
    if (base.kind === 'get') {
      steps.unshift({ text: base.name, isIndex: false })
      base = base.of
    } else if (base.kind === 'index') {
      steps.unshift({ text: textOf(inner(base.index)), isIndex: true })
      base = base.of
    } else break
  }
  if (base.kind !== 'name') return follow(inner(base), steps, at)
  const { value, used } = names.lookup([{ text: base.name, isIndex: false }, ...steps], at)
  return follow(value, steps.slice(used - 1), at)
}

/** Applies the remaining steps of a reference to a value. */
export function follow(value: Value, steps: readonly Step[], at: Origin): Value {
  let current = value
  for (const step of steps) current = stepInto(current, step, at)
  return current
}

function stepInto(value: Value, step: Step, at: Origin): Value {
  const { data } = value
  const label = step.text === null ? '[…]' : step.isIndex ? `[${step.text}]` : `.${step.text}`
  if (step.text !== null) {
    if (data.kind === 'map') {
      const found = data.entries.get(step.text)
      if (found) return found
    }
    if (data.kind === 'list' && !data.isOpen) {
      const found = data.items[Number(step.text)]
      if (found) return found
    }
    if (data.kind === 'fields') {
      // A nested block that may occur once is written without an index by provider schemas of the new kind.
      const found = data.fields.value(step.text)
      if (found) return { ...found, refs: joinRefs([{ ...found, refs: ofAttribute(value.refs, step.text) }, found]) }
    }
  }
  const before = shownText(value) ?? value.refs[0]?.address ?? '…'
  const refs = data.kind === 'fields' ? ofAttribute(value.refs, step.text) : value.refs
  return unknown(`${before}${label}`, at, refs)
}

/** What was taken from a resource keeps saying so; of steps into its blocks the first names the attribute. */
function ofAttribute(refs: readonly Reference[], attribute: string | null): readonly Reference[] {
  return refs.map((ref) => ({ ...ref, attribute: ref.attribute || (attribute ?? '') }))
}

function splat(of: Value, each: readonly (string | Expr)[], inner: (expr: Expr) => Value, at: Origin): Value {
  const steps = each.map((step): Step =>
    typeof step === 'string' ? { text: step, isIndex: false } : { text: textOf(inner(step)), isIndex: true },
  )
  if (isNull(of)) return list([], at)
  if (of.data.kind === 'list')
    return list(
      of.data.items.map((item) => follow(item, steps, at)),
      at,
      of.data.isOpen,
    )
  const one = follow(of, steps, at)
  return list([one], at, of.data.kind === 'unknown')
}

function call(expr: Extract<Expr, { kind: 'call' }>, inner: (expr: Expr) => Value, names: Names): Value {
  const at = { file: names.file, line: expr.line }
  const args = expr.args.slice(0, 1_000).map(inner)
  const last = args[args.length - 1]
  if (expr.isSpread && last) {
    if (last.data.kind !== 'list' || last.data.isOpen) return unknown(`${expr.name}(…)`, at, joinRefs(args))
    args.splice(-1, 1, ...last.data.items)
  }
  return names.call?.(expr.name, args, at) ?? applyFunction({ name: expr.name, args, at, budget: names.budget })
}

/** The entries that `for` and `for_each` walk over; null when they cannot be told. */
export function iterate(over: Value): { key: Value; value: Value }[] | null {
  if (isOpen(over)) return null
  if (over.data.kind === 'map') return [...over.data.entries].map(([key, value]) => ({ key: known(key, value), value }))
  return over.data.kind === 'list' ? over.data.items.map((value, i) => ({ key: known(i, value), value })) : null
}

function forOf(expr: Extract<Expr, { kind: 'for' }>, names: Names): Value {
  const at = { file: names.file, line: expr.line }
  const over = evaluate(expr.over, names)
  const entries = iterate(over)
  if (entries === null) return unknown(`for … in ${shownText(over) ?? '…'}`, at, over.refs)
  const items: Value[] = []
  const grouped = new Map<string, Value>()
  let isOpenResult = entries.length > MAX_ITEMS
  for (const { key, value } of entries.slice(0, MAX_ITEMS)) {
    const bound = bind(names, expr.keyName, key, expr.valueName, value)
    const kept = expr.filter ? textOf(evaluate(expr.filter, bound)) : 'true'
    if (kept === 'false') continue
    if (kept === null) isOpenResult = true
    const result = evaluate(expr.result, bound)
    if (expr.key === null) {
      items.push(result)
      continue
    }
    const text = textOf(evaluate(expr.key, bound))
    if (text === null) isOpenResult = true
    else grouped.set(text, expr.isGrouped ? list([...itemsOf(grouped.get(text)), result], at) : result)
  }
  return expr.key === null ? list(items, at, isOpenResult) : map(grouped, at, isOpenResult)
}

function bind(names: Names, keyName: string | null, key: Value, valueName: string, value: Value): Names {
  return {
    ...names,
    lookup: (steps, at) => {
      const name = steps[0]?.text
      if (name === valueName) return { value, used: 1 }
      return name !== undefined && name !== null && name === keyName ? { value: key, used: 1 } : names.lookup(steps, at)
    },
  }
}

function conditional(test: Value, yes: () => Value, no: () => Value, at: Origin): Value {
  const decided = textOf(test)
  if (decided === 'true') return yes()
  if (decided === 'false') return no()
  return unknown(`${shownText(test) ?? '…'} ? … : …`, at, joinRefs([yes(), no()]))
}

function unary(operator: string, value: Value, at: Origin): Value {
  const text = textOf(value)
  if (operator === '!' && (text === 'true' || text === 'false')) return known(text === 'false', at)
  if (operator === '-' && text !== null && Number.isFinite(Number(text))) return known(-Number(text), at)
  return unknown('…', at, value.refs)
}

function binary(operator: string, left: Value, right: Value, at: Origin): Value {
  const a = textOf(left)
  const b = textOf(right)
  if (operator === '&&' && (a === 'false' || b === 'false')) return known(false, at)
  if (operator === '||' && (a === 'true' || b === 'true')) return known(true, at)
  if (operator === '==' || operator === '!=') {
    const isEqual = equals(left, right)
    return isEqual === null ? unknown('…', at) : known((operator === '==') === isEqual, at)
  }
  if (a === null || b === null) return unknown('…', at, joinRefs([left, right]))
  if (operator === '&&' || operator === '||')
    return known(operator === '&&' ? a === 'true' && b === 'true' : a === 'true' || b === 'true', at)
  const x = Number(a)
  const y = Number(b)
  switch (operator) {
    case '+':
      return known(x + y, at)
    case '-':
      return known(x - y, at)
    case '*':
      return known(x * y, at)
    case '/':
      return y === 0 ? unknown('…', at) : known(x / y, at)
    case '%':
      return y === 0 ? unknown('…', at) : known(x % y, at)
    case '>':
      return known(x > y, at)
    case '>=':
      return known(x >= y, at)
    case '<':
      return known(x < y, at)
    case '<=':
      return known(x <= y, at)
    default:
      return unknown('…', at)
  }
}

/** null when it cannot be told. A list or map is never null, so `x == null` is decided for those too. */
function equals(left: Value, right: Value): boolean | null {
  if (left.data.kind === 'scalar' && right.data.kind === 'scalar') return left.data.value === right.data.value
  const isCollection = (value: Value): boolean => value.data.kind === 'list' || value.data.kind === 'map'
  if ((isNull(left) && isCollection(right)) || (isNull(right) && isCollection(left))) return false
  return null
}
