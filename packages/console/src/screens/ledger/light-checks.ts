/** Checks that need a proof and no whole ledger: is an entry in the signed tree, does the tree continue an earlier one? */
import { readCheckpoint, readVerifierKey, signersOf } from '@onus/core/ledger/checkpoint.ts'
import type { SignedCheckpoint, VerifierKey } from '@onus/core/ledger/checkpoint.ts'
import { treeHasher, verifyConsistency, verifyInclusion } from '@onus/core/ledger/merkle.ts'
import { portableSha256 } from '@onus/core/ledger/portable-sha256.ts'
import type { LedgerConsistency, LedgerProof } from '@onus/core/ledger/shapes.ts'
import { canonicalJson } from '@onus/core/ledger/canonical-json.ts'
import type { JsonObject } from '@onus/core/ledger/canonical-json.ts'
import { canVerify, verifySignature } from './ed25519.ts'
import type { Memory } from './memory.ts'

export type Checked =
  | { state: 'holds'; checkpoint: SignedCheckpoint; signers: VerifierKey[] }
  | { state: 'broken'; why: string }
  /** The browser cannot tell. */
  | { state: 'unknown'; why: string }

const NO_CRYPTO = 'This browser checks no signatures here: that needs a secure address (https, or localhost) and a browser of 2025 or later.'
const hasher = treeHasher(portableSha256)
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))

async function signed(note: string, keys: readonly string[]): Promise<Checked> {
  if (!(await canVerify())) return { state: 'unknown', why: NO_CRYPTO }
  const checkpoint = readCheckpoint(note)
  if (!checkpoint) return { state: 'broken', why: 'The checkpoint is not spelled as one.' }
  const known = keys.flatMap((text) => readVerifierKey(text, portableSha256) ?? [])
  const isKnown = checkpoint.signatures.every(({ name, id }) => known.some((key) => key.name === name && key.id === id))
  if (!isKnown) return { state: 'unknown', why: 'It is signed by a key that this browser has not seen before. Verify the whole ledger: its entries say how one key led to the next.' }
  const signers = await signersOf(checkpoint, known, verifySignature)
  return signers && signers.length > 0 ? { state: 'holds', checkpoint, signers } : { state: 'broken', why: 'The signature of the checkpoint is wrong.' }
}

/** Is the entry as shown the one that was hashed, and is it in the tree that was signed? */
export async function checkInclusion(entry: object, inclusion: LedgerProof, keys: readonly string[]): Promise<Checked> {
  // Content that was too large for an entry is there by its digest, in both.
  if (canonicalJson(entry as JsonObject) !== inclusion.text) return { state: 'broken', why: 'What is shown is not the text that was hashed.' }
  const leaf = hasher.leaf(new TextEncoder().encode(inclusion.text))
  const checked = await signed(inclusion.checkpoint, keys)
  if (checked.state !== 'holds') return checked
  const { root, size } = checked.checkpoint
  const claim = { leaf, index: inclusion.index, size, root, proof: inclusion.proof.map(bytesOf) }
  return verifyInclusion(claim, hasher) ? checked : { state: 'broken', why: 'The proof does not lead from this entry to the signed root.' }
}

/** Does the ledger go on from what this browser saw last? */
export async function checkContinues(memory: Memory, consistency: LedgerConsistency): Promise<Checked> {
  const old = readCheckpoint(memory.checkpoint)
  const checked = await signed(consistency.checkpoint, memory.keys)
  if (!old || checked.state !== 'holds') return checked
  if (old.origin !== checked.checkpoint.origin) return { state: 'broken', why: 'It is the ledger of another installation.' }
  const claim = { oldSize: old.size, oldRoot: old.root, size: checked.checkpoint.size, root: checked.checkpoint.root, proof: consistency.proof.map(bytesOf) }
  return verifyConsistency(claim, hasher) ? checked : { state: 'broken', why: `The first ${old.size} entries are not those that were signed before.` }
}
