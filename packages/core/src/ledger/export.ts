/**
 * A ledger as a file that can be verified without its server: lines of JSON, each with one spelling. The first line
 * has the checkpoint and the keys; then come the entries in order, and between them earlier checkpoints, so that a
 * change is narrowed down to the entries between two signatures.
 */
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { z } from 'zod'
import { KEY_ANNOUNCED } from './entry.ts'
import { decoded } from './lines.ts'
import type { Hash } from './merkle.ts'

const Header = z.strictObject({
  ledger: z.literal(1),
  origin: z.string(),
  size: z.int().nonnegative(),
  checkpoint: z.string(),
  keys: z.array(z.string()).min(1).max(1_000),
})
export type ExportHeader = z.infer<typeof Header>

/** Values that the entry commits to, by slot, as long as they were not erased. `salt` is hex. */
export type ShownPersonal = Record<string, { salt: string; value: string }>

/** Before the entry itself, whose exact bytes reach from here to the brace that ends the line. */
const ENTRY = ',"entry":'
const PERSONAL = ',"personal":'
const LEAF = ',"leaf":"'
const HASH_DIGITS = 64

export function headerLine({ origin, size, checkpoint, keys }: Omit<ExportHeader, 'ledger'>): string {
  return JSON.stringify({ ledger: 1, origin, size, checkpoint, keys })
}

export function checkpointLine(note: string): string {
  return JSON.stringify({ checkpoint: note })
}

/** `text` is null for an entry that is gone; the line then says so, and cannot verify. */
export function entryLine(entry: { index: number; leaf: Hash; personal: ShownPersonal; text: string | null }): string {
  const { index, leaf, personal, text } = entry
  const beside = Object.keys(personal).length > 0 ? `${PERSONAL}${JSON.stringify(personal)}` : ''
  return `{"index":${index}${LEAF}${bytesToHex(leaf)}"${beside}${ENTRY}${text ?? 'null'}}`
}

function parsed(line: string | null): unknown {
  try {
    return line === null ? null : JSON.parse(line)
  } catch {
    return null
  }
}

/** The header in a line, or null when the line is not spelled as `headerLine` spells it. */
export function readHeader(line: Uint8Array): ExportHeader | null {
  const text = decoded(line)
  const header = Header.safeParse(parsed(text))
  return header.success && headerLine(header.data) === text ? header.data : null
}

const CheckpointLine = z.strictObject({ checkpoint: z.string() })
const CHECKPOINT_START = utf8ToBytes('{"checkpoint":')

/** The note in a line, null when it is spelled otherwise, and undefined when the line does not begin like one. */
export function readCheckpointLine(line: Uint8Array): string | null | undefined {
  if (!hasAt(line, 0, CHECKPOINT_START)) return undefined
  const text = decoded(line)
  const read = CheckpointLine.safeParse(parsed(text))
  return read.success && checkpointLine(read.data.checkpoint) === text ? read.data.checkpoint : null
}

/** `entry` is the exact bytes of the entry, `leaf` its hash in hex, as bytes: neither is decoded when it need not be. */
export type ExportEntry = { leaf: Uint8Array; personal: ShownPersonal; entry: Uint8Array }

const START_BYTES = utf8ToBytes('{"index":')
const LEAF_BYTES = utf8ToBytes(LEAF)
const ENTRY_BYTES = utf8ToBytes(ENTRY)
const PERSONAL_BYTES = utf8ToBytes(PERSONAL)
const QUOTE = 0x22
const OPEN = 0x7b
const BRACE = 0x7d
const COMMA = 0x2c

/**
 * The entry in a line, or null when the line is not spelled as `entryLine` spells it for this index. The digits of the
 * leaf may be any bytes: whoever compares them sees it.
 */
export function readEntryLine(line: Uint8Array, index: number): ExportEntry | null {
  const digits = utf8ToBytes(String(index))
  const leafAt = START_BYTES.length + digits.length + LEAF_BYTES.length
  const leafEnd = leafAt + HASH_DIGITS
  const isOurs =
    hasAt(line, 0, START_BYTES) &&
    hasAt(line, START_BYTES.length, digits) &&
    hasAt(line, START_BYTES.length + digits.length, LEAF_BYTES) &&
    line[leafEnd] === QUOTE &&
    line.at(-1) === BRACE
  if (!isOurs) return null
  const leaf = line.subarray(leafAt, leafEnd)
  if (hasAt(line, leafEnd + 1, ENTRY_BYTES))
    return { leaf, personal: {}, entry: line.subarray(leafEnd + 1 + ENTRY_BYTES.length, -1) }
  if (!hasAt(line, leafEnd + 1, PERSONAL_BYTES)) return null
  const from = leafEnd + 1 + PERSONAL_BYTES.length
  // Unescaped quotes are in keys only, and no slot of personal values is named so.
  let to = from
  while (to > 0 && !hasAt(line, to, ENTRY_BYTES)) to = line.indexOf(BRACE, to) + 1
  const personal = to > 0 ? readPersonal(line.subarray(from, to)) : null
  return personal && { leaf, personal, entry: line.subarray(to + ENTRY_BYTES.length, -1) }
}

/** Written out, as this is done for every entry. Spelled again only when it is as flat as it should be. */
function readPersonal(bytes: Uint8Array): ShownPersonal | null {
  const text = decoded(bytes)
  const read = parsed(text)
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return null
  const shown: unknown[] = Object.values(read)
  return shown.length > 0 && shown.every(isShown) && JSON.stringify(read) === text
    ? // Each member was looked at.
      (read as ShownPersonal)
    : null
}

function isShown(shown: unknown): boolean {
  if (typeof shown !== 'object' || shown === null || Object.keys(shown).join() !== 'salt,value') return false
  const { salt, value } = shown as Record<string, unknown>
  // A lone surrogate has no UTF-8: hashed, it would pass for U+FFFD.
  const isText = typeof value === 'string' && value.isWellFormed()
  return isText && typeof salt === 'string' && /^[0-9a-f]{64}$/.test(salt)
}

function hasAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index += 1) if (bytes[at + index] !== wanted[index]) return false
  return true
}

const DIGIT_BYTES = utf8ToBytes('0123456789abcdef')

/** Whether `digits` spell the hash in lower-case hex. */
export function spells(digits: Uint8Array, hash: Hash): boolean {
  if (digits.length !== 2 * hash.length) return false
  for (let index = 0; index < hash.length; index += 1) {
    // Within its length.
    const byte = hash[index] as number
    if (digits[2 * index] !== DIGIT_BYTES[byte >> 4] || digits[2 * index + 1] !== DIGIT_BYTES[byte & 15]) return false
  }
  return true
}

const PERSONAL_KEY = utf8ToBytes('"personal":')
const SUBJECT = utf8ToBytes(',"subject":{')

/**
 * The bytes of `personal` in an entry, or null when they are not where keys in order put them: the last but one, and
 * behind it only names and a number.
 */
export function personalBytes(entry: Uint8Array): Uint8Array | null {
  let end = entry.lastIndexOf(COMMA)
  while (end > 0 && !hasAt(entry, end, SUBJECT)) end = entry.lastIndexOf(COMMA, end - 1)
  if (end <= 0 || entry[end - 1] !== BRACE) return null
  const start = entry.lastIndexOf(OPEN, end - 1)
  return hasAt(entry, start - PERSONAL_KEY.length, PERSONAL_KEY) ? entry.subarray(start, end) : null
}

const ANNOUNCEMENT = utf8ToBytes(`{"action":${JSON.stringify(KEY_ANNOUNCED)},`)

/** Whether the bytes of an entry, whose keys are sorted, are those of the announcement of a key. */
export function isAnnouncement(entry: Uint8Array): boolean {
  return hasAt(entry, 0, ANNOUNCEMENT)
}
