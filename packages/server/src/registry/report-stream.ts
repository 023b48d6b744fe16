/**
 * Cuts a scan report into its top-level values and the elements of its lists without holding it: a report of a large
 * company is half a gigabyte, and one `JSON.parse` of it would need several. Only cutting is done here; each piece is
 * parsed by `JSON.parse`, and a property test holds both together against `JSON.parse` of the whole.
 */
import { Refused } from '../http/refused.ts'

/** `index` is null for a value that is not a list, or is not cut. */
export type Piece = { key: string; index: number | null; value: unknown }
export type Limits = { maxPieceBytes: number; maxDepth: number }
export type Splitter = { feed(chunk: Uint8Array): Piece[]; end(): void }

/** The largest identity of the estates that were tried is 300 kB. */
export const REPORT_LIMITS: Limits = { maxPieceBytes: 8 * 1024 * 1024, maxDepth: 64 }

const QUOTE = 0x22,
  BACKSLASH = 0x5c,
  COMMA = 0x2c,
  COLON = 0x3a
const OPEN_OBJECT = 0x7b,
  CLOSE_OBJECT = 0x7d,
  OPEN_LIST = 0x5b,
  CLOSE_LIST = 0x5d
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
const isOpen = (byte: number): boolean => byte === OPEN_OBJECT || byte === OPEN_LIST
const isClose = (byte: number): boolean => byte === CLOSE_OBJECT || byte === CLOSE_LIST

/** Where the cut is: what may come next. */
type Expect =
  | 'object'
  | 'first-key'
  | 'key'
  | 'colon'
  | 'value'
  | 'comma'
  | 'first-element'
  | 'element'
  | 'element-comma'
  | 'nothing'

const malformed = (offset: number): Refused =>
  new Refused('malformed-json', `the report is not valid JSON near byte ${offset}`)

function parse(bytes: Buffer, offset: number): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    // The message of JSON.parse quotes the text around the fault, and that may be a secret.
    throw malformed(offset)
  }
}

export type Wishes = {
  /** A list to be cut into its elements; every other value comes whole. */
  isList(key: string): boolean
  wants(key: string): boolean
  /** Told every top-level key, wanted or not. */
  onKey?(key: string): void
}

/**
 * A splitter that yields the wanted pieces and throws `Refused` at the first fault. Values that nobody wants are
 * checked for balance only.
 */
export function createReportSplitter({ isList, wants, onKey }: Wishes, limits: Limits = REPORT_LIMITS): Splitter {
  let expect: Expect = 'object'
  let key = ''
  let index = 0
  let offset = 0
  // The value being captured; `kind` null: none.
  let kind: 'key' | 'value' | 'element' | null = null
  let isScalar = false
  let isInString = false
  let isEscaped = false
  let depth = 0
  let parts: Uint8Array[] = []
  let size = 0

  const keep = (bytes: Uint8Array): void => {
    size += bytes.length
    if (size > limits.maxPieceBytes) {
      throw new Refused('body-too-large', `one value of \`${key}\` is larger than ${limits.maxPieceBytes} bytes`)
    }
    if (kind === 'key' || wants(key)) parts.push(bytes)
  }
  const begin = (what: 'key' | 'value' | 'element', byte: number): void => {
    kind = what
    isInString = byte === QUOTE
    depth = isOpen(byte) ? 1 : 0
    isScalar = !isInString && depth === 0
    isEscaped = false
    parts = []
    size = 0
  }
  const finish = (pieces: Piece[], at: number): void => {
    const bytes = Buffer.concat(parts)
    parts = []
    if (kind === 'key') {
      key = String(parse(bytes, at))
      onKey?.(key)
      expect = 'colon'
    } else if (kind === 'value') {
      if (wants(key)) pieces.push({ key, index: null, value: parse(bytes, at) })
      expect = 'comma'
    } else {
      if (wants(key)) pieces.push({ key, index, value: parse(bytes, at) })
      index += 1
      expect = 'element-comma'
    }
    kind = null
  }
  /** True when `byte`, inside a captured value, is its last one. */
  const isLast = (byte: number): boolean => {
    if (isInString) {
      if (isEscaped) isEscaped = false
      else if (byte === BACKSLASH) isEscaped = true
      else if (byte === QUOTE) {
        isInString = false
        return depth === 0
      }
      return false
    }
    if (byte === QUOTE) isInString = true
    else if (isOpen(byte)) {
      depth += 1
      if (depth > limits.maxDepth)
        throw new Refused('body-too-deep', `the report is nested deeper than ${limits.maxDepth}`)
    } else if (isClose(byte)) {
      depth -= 1
      return depth === 0
    }
    return false
  }
  /** Structure between values; answers true when the byte begins a captured value. */
  const step = (byte: number, at: number): boolean => {
    if (isSpace(byte)) return false
    switch (expect) {
      case 'object':
        if (byte !== OPEN_OBJECT) throw malformed(at)
        expect = 'first-key'
        return false
      case 'first-key':
      case 'key':
        if (byte === CLOSE_OBJECT && expect === 'first-key') expect = 'nothing'
        else if (byte === QUOTE) {
          begin('key', byte)
          return true
        } else throw malformed(at)
        return false
      case 'colon':
        if (byte !== COLON) throw malformed(at)
        expect = 'value'
        return false
      case 'value':
        if (byte === OPEN_LIST && isList(key)) {
          expect = 'first-element'
          index = 0
          return false
        }
        if (byte === COMMA || isClose(byte)) throw malformed(at)
        begin('value', byte)
        return true
      case 'comma':
        if (byte === COMMA) expect = 'key'
        else if (byte === CLOSE_OBJECT) expect = 'nothing'
        else throw malformed(at)
        return false
      case 'first-element':
      case 'element':
        if (byte === CLOSE_LIST && expect === 'first-element') {
          expect = 'comma'
          return false
        }
        if (byte === COMMA || isClose(byte)) throw malformed(at)
        begin('element', byte)
        return true
      case 'element-comma':
        if (byte === COMMA) expect = 'element'
        else if (byte === CLOSE_LIST) expect = 'comma'
        else throw malformed(at)
        return false
      case 'nothing':
        throw malformed(at)
    }
  }

  return {
    feed(bytes) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      const pieces: Piece[] = []
      const find = (byte: number, at: number): number => {
        const found = chunk.indexOf(byte, at)
        return found < 0 ? chunk.length : found
      }
      let start = 0
      let backslash = -1
      for (let at = 0; at < chunk.length; at += 1) {
        if (isInString && !isEscaped && kind !== null) {
          // Most bytes are text; the next that matters is found by native search.
          if (backslash < at) backslash = find(BACKSLASH, at)
          at = Math.min(find(QUOTE, at), backslash)
          if (at === chunk.length) break
        }
        // Within the bounds of the chunk.
        const byte = chunk[at] as number
        if (kind === null) {
          if (step(byte, offset + at)) start = at
        } else if (isScalar) {
          if (byte === COMMA || isClose(byte) || isSpace(byte)) {
            keep(chunk.subarray(start, at))
            finish(pieces, offset + at)
            step(byte, offset + at)
          }
        } else if (isLast(byte)) {
          keep(chunk.subarray(start, at + 1))
          finish(pieces, offset + at)
        }
      }
      if (kind !== null) keep(chunk.subarray(start))
      offset += chunk.length
      return pieces
    },
    end() {
      if (expect !== 'nothing' || kind !== null) throw new Refused('malformed-json', 'the report ends in the middle')
    },
  }
}
