/** JSON with positions. The platform parses it; places are looked up with a scanner only when someone asks. */
import { createScanner, type JSONScanner } from 'jsonc-parser'
import { MAX_DEPTH, TOO_DEEP, type Locate } from './yaml-source.ts'

/** Token kinds of jsonc-parser; its `SyntaxKind` is a const enum, which type stripping cannot read. */
const OPEN_BRACE = 1
const CLOSE_BRACE = 2
const OPEN_BRACKET = 3
const CLOSE_BRACKET = 4
const COMMA = 5
const END = 17

/** Collections whose text is longer are remembered: asking for each of their parts would otherwise scan them each time. */
const REMEMBERED_FROM_CHARS = 2_000

export type JsonSource =
  | { value: unknown; locate: Locate; problem: null }
  | { problem: { offset: number; reason: string } }

/** null when the text does not look like JSON or is none; it may still be YAML. */
export function readJson(text: string): JsonSource | null {
  if (!/^\s*[[{]/.test(text)) return null
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const deep = offsetDeeperThan(text, MAX_DEPTH)
  if (deep !== null) return { problem: { offset: deep, reason: TOO_DEEP } }
  const positions = new JsonPositions(text)
  return { value, locate: (path) => positions.locate(path), problem: null }
}

/** Where the nesting first exceeds `limit`; the text is known to be JSON. */
function offsetDeeperThan(text: string, limit: number): number | null {
  let depth = 0
  let isString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isString) {
      if (code === 0x5c) at++ // backslash: the next character is escaped
      else if (code === 0x22) isString = false
    } else if (code === 0x22) isString = true
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > limit) return at
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return null
}

/** `keys` (to their index) is null for an array. `places` are where people look: the key, or the item. */
type Children = { keys: Map<string, number> | null; places: number[]; values: number[] }

class JsonPositions {
  readonly #scanner: JSONScanner
  readonly #start: number
  #valueStart = 0
  readonly #remembered = new Map<number, Children>()

  constructor(text: string) {
    this.#scanner = createScanner(text, true)
    this.#start = text.search(/\S/)
  }

  locate(path: readonly (string | number)[]): number {
    let place = this.#start
    let value = this.#start
    for (const step of path) {
      const children = this.#childrenOf(value)
      if (!children) break
      const index = children.keys ? children.keys.get(String(step)) : Number(step)
      const next = children.values[index ?? -1]
      if (next === undefined) break
      place = children.places[index ?? -1] ?? next
      value = next
    }
    return place
  }

  #childrenOf(offset: number): Children | null {
    const known = this.#remembered.get(offset)
    if (known) return known
    const scanner = this.#scanner
    scanner.setPosition(offset)
    const open: number = scanner.scan()
    if (open !== OPEN_BRACE && open !== OPEN_BRACKET) return null
    const children: Children = { keys: open === OPEN_BRACE ? new Map() : null, places: [], values: [] }
    for (;;) {
      const token: number = scanner.scan()
      if (token === CLOSE_BRACE || token === CLOSE_BRACKET || token === END) break
      if (token === COMMA) continue
      children.places.push(scanner.getTokenOffset())
      if (children.keys) {
        children.keys.set(scanner.getTokenValue(), children.values.length) // of equal keys the last counts, as in JSON.parse
        scanner.scan() // colon
        this.#skipValue(scanner.scan())
      } else this.#skipValue(token)
      children.values.push(this.#valueStart)
    }
    if (scanner.getTokenOffset() - offset >= REMEMBERED_FROM_CHARS) this.#remembered.set(offset, children)
    return children
  }

  /** `token` begins the value and was just scanned; afterwards the scanner stands behind the value. */
  #skipValue(token: number): void {
    const scanner = this.#scanner
    this.#valueStart = scanner.getTokenOffset()
    let depth = 0
    for (let kind = token; kind !== END; kind = scanner.scan()) {
      if (kind === OPEN_BRACE || kind === OPEN_BRACKET) depth++
      else if (kind === CLOSE_BRACE || kind === CLOSE_BRACKET) depth--
      if (depth === 0) return
    }
  }
}
