/** Bytes of a file nobody vouches for → text, or the reason why not. */

/** As in git: a NUL among the first bytes means it is no text. */
const SNIFFED_BYTES = 8_192
/** More replaced bytes than one in this many characters: it is another encoding throughout, or no text at all. */
const TOLERATED_ONE_IN = 20

export type Decoded =
  | { text: string; note: { line: number; reason: string } | null }
  | { text: null; note: { line: number; reason: string } }

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })
const lenientUtf8 = new TextDecoder('utf-8')

/**
 * UTF-8, and UTF-16 that says so by a byte order mark. A file with a few bytes of another encoding (a comment in
 * Latin-1) is still read, with those bytes replaced by U+FFFD and a note: what it defines must not be lost for it.
 */
export function decode(bytes: Uint8Array): Decoded {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return utf16(bytes, 'utf-16le')
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return utf16(bytes, 'utf-16be')
  if (bytes.subarray(0, SNIFFED_BYTES).includes(0)) return refuse(1, 'binary content: not read')
  try {
    return { text: strictUtf8.decode(bytes), note: null }
  } catch {
    return notUtf8(bytes)
  }
}

function utf16(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): Decoded {
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), note: null }
  } catch {
    return refuse(1, `starts like ${encoding.toUpperCase()} but is not valid: save it as UTF-8`)
  }
}

function notUtf8(bytes: Uint8Array): Decoded {
  const text = lenientUtf8.decode(bytes)
  let replaced = 0
  for (let at = text.indexOf('\ufffd'); at >= 0; at = text.indexOf('\ufffd', at + 1)) replaced += 1
  const first = text.indexOf('\ufffd')
  let line = 1
  for (let at = text.indexOf('\n'); at >= 0 && at < first; at = text.indexOf('\n', at + 1)) line += 1
  if (replaced * TOLERATED_ONE_IN > text.length) return refuse(line, 'not UTF-8: not read; save it as UTF-8')
  return { text, note: { line, reason: `not UTF-8: read with ${replaced} characters replaced; save it as UTF-8` } }
}

function refuse(line: number, reason: string): Decoded {
  return { text: null, note: { line, reason } }
}
