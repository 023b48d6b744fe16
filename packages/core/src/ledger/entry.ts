/** One decision as the ledger keeps it, and its exact bytes. */
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { z } from 'zod'
import { canonicalJson } from './canonical-json.ts'
import type { JsonObject } from './canonical-json.ts'

/** SHA-256, passed in: the server and the command use the fast one of Node, the browser a portable one. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** In which power somebody acted. */
export const Capacity = z.enum(['answer', 'guard', 'operate', 'audit', 'sponsor', 'none'])
export type Capacity = z.infer<typeof Capacity>

const Id = z.string().min(1).max(200)
const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const Content = z.record(z.string(), z.unknown())
/** What a personal value is, such as `reason`. `entry` would be read as the entry itself in an export. */
const SLOT = /^(?!entry$)[a-z][a-z0-9-]{0,31}$/

/**
 * An entry holds no personal data in clear. People are opaque ids; what a person wrote or is called is a commitment
 * (`commitmentOf`), whose value lies beside the entry and can be erased while every proof still holds.
 */
export const Entry = z.strictObject({
  v: z.literal(1),
  id: Id,
  at: z.iso.datetime(),
  action: z
    .string()
    .regex(/^[a-z][a-z-]*(?:\.[a-z][a-z-]*)+$/)
    .max(80)
    .describe('noun and verb: `acceptance.accept`'),
  actor: z.strictObject({ kind: z.enum(['person', 'token', 'job', 'system']), id: Id }),
  capacity: Capacity,
  subject: z.strictObject({ kind: z.string().regex(/^[a-z][a-z-]{0,39}$/), id: Id }),
  change: Id.nullable().describe('the change request it belongs to'),
  digest: Digest.nullable().describe('of the content that was decided on'),
  before: Content.nullable(),
  after: Content.nullable(),
  personal: z.record(z.string().regex(SLOT), z.string().regex(/^[0-9a-f]{64}$/)),
})
export type Entry = z.infer<typeof Entry>

/** The action of the entry that announces a key, by which trust in one key leads to the next: `after.vkey`. */
export const KEY_ANNOUNCED = 'ledger-key.announce'

/** What tlog-tiles can hold: the length of an entry has 16 bits there. */
export const MAX_ENTRY_BYTES = 65_535

/** 256 random bits: as long as they are kept, the value can be shown; once they are gone, nobody can guess it. */
export const SALT_BYTES = 32

/**
 * The bytes that are hashed into the tree: RFC 8785 JSON in UTF-8. `before` and `after` that would make the entry too
 * large are replaced by `{ "digest": "sha256:…" }` of their own canonical text, the larger first. Throws `RangeError`
 * when it is too large without them.
 */
export function entryText(entry: Entry, sha256: Sha256): string {
  const text = canonicalJson(entry as JsonObject)
  // A code unit of a string has at most three bytes, so most texts need not be encoded to know that they fit.
  if (text.length * 3 <= MAX_ENTRY_BYTES || utf8ToBytes(text).length <= MAX_ENTRY_BYTES) return text
  const sizes = (['before', 'after'] as const).map((side) => ({ side, text: canonicalJson(entry[side] as JsonObject) }))
  const [larger] = sizes.sort((a, b) => b.text.length - a.text.length)
  if (!larger || larger.text.length <= DIGEST_LENGTH)
    throw new RangeError('an entry of the ledger has 65535 bytes at most')
  return entryText({ ...entry, [larger.side]: { digest: digestOf(larger.text, sha256) } }, sha256)
}

const DIGEST_LENGTH = '{"digest":"sha256:"}'.length + 64

/** `sha256:` and the hash of a text in hex, as the digests of an entry are written. */
export function digestOf(text: string, sha256: Sha256): string {
  return `sha256:${bytesToHex(sha256(utf8ToBytes(text)))}`
}

/**
 * What stands in the entry for a personal value: hex SHA-256 over the salt of `SALT_BYTES` and the value in UTF-8. The
 * salt has one length, so no byte can be moved between it and the value.
 */
export function commitmentOf(salt: Uint8Array, value: string, sha256: Sha256): string {
  if (salt.length !== SALT_BYTES) throw new RangeError(`a salt has ${SALT_BYTES} bytes`)
  const text = utf8ToBytes(value)
  const bytes = new Uint8Array(SALT_BYTES + text.length)
  bytes.set(salt)
  bytes.set(text, SALT_BYTES)
  return bytesToHex(sha256(bytes))
}
