/**
 * What is signed: the size and the root of the tree under the name of the log (C2SP tlog-checkpoint), as a note with
 * one signature or several (C2SP signed-note). Ed25519 itself is passed in.
 */
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { fromBase64, toBase64 } from './base64.ts'
import type { Sha256 } from './entry.ts'
import { HASH_BYTES } from './merkle.ts'
import type { Hash } from './merkle.ts'

export type Checkpoint = { origin: string; size: number; root: Hash }

/** A public key by the name of its log. `text` is how people pass it on: `onus/7f…+1a2b3c4d+AQ…`. */
export type VerifierKey = { text: string; name: string; id: string; publicKey: Uint8Array }
export type Signature = { name: string; id: string; signature: Uint8Array }
export type SignedCheckpoint = Checkpoint & { text: string; signatures: Signature[] }

/** The signature algorithm of signed-note that is used here. */
const ED25519 = 1
const KEY_BYTES = 32
const ID_BYTES = 4
const SIGNATURE_BYTES = 64
/** Printable ASCII without the plus, so that every language reads the same names. */
const NAME = /^[!-*,-~]{1,200}$/
/** More would be a way to make a reader busy. */
const MAX_SIGNATURES = 16

/** The verifier key of signed-note for an Ed25519 public key (32 bytes). */
export function verifierKey(name: string, publicKey: Uint8Array, sha256: Sha256): VerifierKey {
  if (!NAME.test(name) || publicKey.length !== KEY_BYTES)
    throw new RangeError('a key has a name without spaces and 32 bytes')
  const typed = concatBytes(Uint8Array.of(ED25519), publicKey)
  const id = bytesToHex(sha256(concatBytes(utf8ToBytes(`${name}\n`), typed)).subarray(0, ID_BYTES))
  return { text: `${name}+${id}+${toBase64(typed)}`, name, id, publicKey }
}

/** The key that a text names, or null when it is none of ours: each key has one text. */
export function readVerifierKey(text: string, sha256: Sha256): VerifierKey | null {
  const match = /^([!-*,-~]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{1,100})$/.exec(text)
  const bytes = fromBase64(match?.[3] ?? '')
  if (!match?.[1] || bytes?.length !== 1 + KEY_BYTES || bytes[0] !== ED25519) return null
  const key = verifierKey(match[1], bytes.subarray(1), sha256)
  return key.text === text ? key : null
}

/** The text that is signed. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`
}

/** The note of a text with its signatures, one line each. */
export function signedNote(text: string, signatures: readonly Signature[]): string {
  const lines = signatures.map(({ name, id, signature }) => {
    const bytes = concatBytes(hexToBytes(id), signature)
    return `— ${name} ${toBase64(bytes)}\n`
  })
  return `${text}\n${lines.join('')}`
}

function readSignature(line: string): Signature | null {
  const [dash, name = '', encoded = '', ...rest] = line.split(' ')
  const bytes = fromBase64(encoded)
  if (dash !== '—' || !NAME.test(name) || rest.length > 0 || bytes?.length !== ID_BYTES + SIGNATURE_BYTES) return null
  return { name, id: bytesToHex(bytes.subarray(0, ID_BYTES)), signature: bytes.subarray(ID_BYTES) }
}

/**
 * The checkpoint in a note, or null for anything that `signedNote(checkpointText(…), …)` does not write. Its
 * signatures are not verified here.
 */
export function readCheckpoint(note: string): SignedCheckpoint | null {
  const [origin = '', sizeText = '', rootText = '', blank, ...lines] = note.split('\n')
  const size = Number(sizeText)
  const root = fromBase64(rootText)
  if (!NAME.test(origin) || !Number.isSafeInteger(size) || String(size) !== sizeText || size < 0) return null
  if (root?.length !== HASH_BYTES || blank !== '' || lines.pop() !== '') return null
  if (lines.length === 0 || lines.length > MAX_SIGNATURES) return null
  const signatures: Signature[] = []
  for (const line of lines) {
    const signature = readSignature(line)
    if (!signature) return null
    signatures.push(signature)
  }
  return { origin, size, root, text: checkpointText({ origin, size, root }), signatures }
}

/** Ed25519 (RFC 8032), by whoever has it at hand. */
export type VerifySignature = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>

/**
 * The keys among `known` that signed the checkpoint, or null when one of its signatures is wrong or by no known key.
 * That is stricter than signed-note, which passes over unknown keys: nothing in a ledger may be left unchecked.
 */
export async function signersOf(
  checkpoint: SignedCheckpoint,
  known: readonly VerifierKey[],
  verify: VerifySignature,
): Promise<VerifierKey[] | null> {
  const message = utf8ToBytes(checkpoint.text)
  const signers: VerifierKey[] = []
  for (const { name, id, signature } of checkpoint.signatures) {
    const key = known.find((candidate) => candidate.name === name && candidate.id === id)
    if (!key || key.name !== checkpoint.origin || !(await verify(key.publicKey, message, signature))) return null
    signers.push(key)
  }
  return signers
}
