/** A made-up ledger, written as the server writes one: for tests of verifiers and for the bench. */
import { createPublicKey, generateKeyPairSync, hash, sign, verify } from 'node:crypto'
import { checkpointText, signedNote, verifierKey } from '../checkpoint.ts'
import type { VerifierKey, VerifySignature } from '../checkpoint.ts'
import { commitmentOf, entryText, KEY_ANNOUNCED } from '../entry.ts'
import type { Entry } from '../entry.ts'
import { checkpointLine, entryLine, headerLine } from '../export.ts'
import type { ShownPersonal } from '../export.ts'
import { growingTree, treeHasher } from '../merkle.ts'
import type { Hash } from '../merkle.ts'

export const sha256 = (bytes: Uint8Array): Uint8Array => Buffer.from(hash('sha256', bytes, 'binary'), 'latin1')

const verified = new Map<string, boolean>()

/** Remembers: a test that changes every bit of a file asks for the same few signatures most of the time. */
export const verifySignature: VerifySignature = (publicKey, message, signature) => {
  const asked = Buffer.concat([publicKey, signature, message]).toString('base64')
  const x = Buffer.from(publicKey).toString('base64url')
  const known =
    verified.get(asked) ??
    verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature)
  verified.set(asked, known)
  return known
}

export const ORIGIN = 'onus/lumen'

export type Signer = { key: VerifierKey; sign(text: string): Uint8Array }

export function newSigner(origin = ORIGIN): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  // An Ed25519 key has `x` in its JWK.
  const key = verifierKey(origin, Buffer.from(publicKey.export({ format: 'jwk' }).x as string, 'base64url'), sha256)
  return { key, sign: (text) => sign(null, Buffer.from(text), privateKey) }
}

export function noteOf(origin: string, size: number, root: Hash, signers: readonly Signer[]): string {
  const text = checkpointText({ origin, size, root })
  return signedNote(
    text,
    signers.map(({ key: { name, id }, sign: by }) => ({ name, id, signature: by(text) })),
  )
}

export function madeEntry(n: number, wish: Partial<Entry> = {}): Entry {
  return {
    v: 1,
    id: `ent_${String(n).padStart(20, '0')}`,
    at: new Date(Date.UTC(2026, 3, 1) + n * 1_000).toISOString(),
    action: 'acceptance.accept',
    actor: { kind: 'person', id: `per_${n % 7}` },
    capacity: 'answer',
    subject: { kind: 'identity', id: `idn_${n % 31}` },
    change: n % 3 === 0 ? `chg_${n}` : null,
    digest: n % 3 === 0 ? `sha256:${'ab'.repeat(32)}` : null,
    before: null,
    after: { team: 'tm_parcels', purpose: 'prints labels – für alle', days: 365, risks: [null, true, { 'a"b': -1 }] },
    personal: {},
    ...wish,
  }
}

export type MadeEntry = { entry: Entry; shown: ShownPersonal }

/** Entry `n`; every fifth has a reason, every tenth an erased name as well. */
export function madeEntries(count: number): MadeEntry[] {
  return Array.from({ length: count }, (_, n) => {
    if (n % 5 !== 0) return { entry: madeEntry(n), shown: {} }
    const value = `weil Ada es sagte, "${n}"\n — ,"entry":{}`
    const salt = sha256(Buffer.from(`salt ${n}`))
    const personal: Record<string, string> = { reason: commitmentOf(salt, value, sha256) }
    if (n % 10 === 0) personal['name'] = 'cd'.repeat(32)
    return { entry: madeEntry(n, { personal }), shown: { reason: { salt: Buffer.from(salt).toString('hex'), value } } }
  })
}

export type MadeLedger = {
  origin?: string
  entries: readonly MadeEntry[]
  /** Who signs the checkpoint of this size. */
  signersAt(size: number): readonly Signer[]
  /** The sizes of earlier checkpoints that the export has. */
  checkpoints?: readonly number[]
  keys: readonly VerifierKey[]
}

/** The lines of an export, without their ends. */
export function exportLines({ origin = ORIGIN, entries, signersAt, checkpoints = [], keys }: MadeLedger): string[] {
  const hasher = treeHasher(sha256)
  const tree = growingTree(hasher)
  const lines = ['']
  for (const [index, { entry, shown }] of entries.entries()) {
    const text = entryText(entry, sha256)
    const leaf = hasher.leaf(Buffer.from(text))
    tree.add(leaf)
    lines.push(entryLine({ index, leaf, personal: shown, text }))
    if (checkpoints.includes(tree.size))
      lines.push(checkpointLine(noteOf(origin, tree.size, tree.root(), signersAt(tree.size))))
  }
  const checkpoint = noteOf(origin, tree.size, tree.root(), signersAt(tree.size))
  lines[0] = headerLine({ origin, size: tree.size, checkpoint, keys: keys.map(({ text }) => text) })
  return lines
}

export const fileOf = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''))

/** The entry by which a key follows another. */
export const announcement = (n: number, key: VerifierKey): MadeEntry => ({
  entry: madeEntry(n, {
    action: KEY_ANNOUNCED,
    actor: { kind: 'system', id: 'ledger' },
    capacity: 'none',
    subject: { kind: 'ledger-key', id: key.id },
    after: { vkey: key.text },
  }),
  shown: {},
})
