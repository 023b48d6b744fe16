/** The keys that sign checkpoints: Ed25519, sealed at rest, each announced by an entry. */
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { sql } from 'kysely'
import { checkpointText, readVerifierKey, signedNote, verifierKey } from '@onus/core/ledger/checkpoint.ts'
import type { Checkpoint, VerifierKey } from '@onus/core/ledger/checkpoint.ts'
import { KEY_ANNOUNCED } from '@onus/core/ledger/entry.ts'
import type { Database, Read, Tx } from '../db/database.ts'
import { MasterKeyUnusable, SealBroken } from '../seal/index.ts'
import type { Sealer } from '../seal/index.ts'
import { append, sha256 } from './append.ts'
import type { NewEntry } from './append.ts'

/** Any constant serves, as long as no one else uses it: "ledg" in ASCII. Held while the tree or the keys change. */
export const LEDGER_LOCK = 0x6c656467

const PURPOSE = 'ledger signing key'

export async function originOf(read: Read | Tx): Promise<string> {
  return (await read.selectFrom('ledger').select('origin').executeTakeFirstOrThrow()).origin
}

async function addKey(tx: Tx, sealer: Sealer, actor: NewEntry['actor'], now: Date): Promise<VerifierKey> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  // The JWK of an Ed25519 key has `x`, its 32 bytes (RFC 8037).
  const bytes = Buffer.from(publicKey.export({ format: 'jwk' }).x as string, 'base64url')
  const key = verifierKey(await originOf(tx), bytes, sha256)
  const announcement: NewEntry = {
    action: KEY_ANNOUNCED,
    actor,
    capacity: 'operate',
    subject: { kind: 'ledger-key', id: key.id },
    after: { vkey: key.text },
  }
  const [announcedBy = ''] = await append(tx, [announcement], now)
  await tx
    .insertInto('ledger_key')
    .values({
      vkey: key.text,
      sealed: sealer.seal(PURPOSE, privateKey.export({ format: 'der', type: 'pkcs8' })),
      announced_by: announcedBy,
      created_at: now,
      retired_at: null,
    })
    .execute()
  return key
}

async function activeKeys(tx: Tx): Promise<number> {
  await sql`select pg_advisory_xact_lock(${LEDGER_LOCK})`.execute(tx)
  const rows = await tx.selectFrom('ledger_key').select('vkey').where('retired_at', 'is', null).execute()
  return rows.length
}

/** Rejects with `MasterKeyUnusable` when the active keys were sealed under another master key. */
async function checkSealer(tx: Tx, sealer: Sealer): Promise<void> {
  await loadSigners(tx, sealer).catch((error: unknown) => {
    if (!(error instanceof SealBroken)) throw error
    throw new MasterKeyUnusable(
      'the keys of the ledger in this database are sealed under another master key; start with that one ' +
        '(ONUS_MASTER_KEY_FILE, or master.key in the data folder)',
    )
  })
}

/**
 * Makes the first key when there is none, and opens the ones there are. Rejects with `MasterKeyUnusable`: a ledger that
 * cannot be signed must not look as if it were.
 */
export async function openKeys(db: Database, sealer: Sealer, now: Date): Promise<void> {
  await db.tx(async (tx) => {
    if ((await activeKeys(tx)) === 0) await addKey(tx, sealer, { kind: 'system', id: 'onus' }, now)
    await checkSealer(tx, sealer)
  })
}

/**
 * Begins the turn to a new key: the checkpoint that announces it is signed by the old one and the new one, the next
 * by the new one alone. Null while an earlier turn is under way. Rejects with `MasterKeyUnusable`.
 */
export async function rotateKey(
  db: Database,
  sealer: Sealer,
  by: { actor: NewEntry['actor']; now: Date },
): Promise<VerifierKey | null> {
  return db.tx(async (tx) => {
    if ((await activeKeys(tx)) > 1) return null
    await checkSealer(tx, sealer)
    return addKey(tx, sealer, by.actor, by.now)
  })
}

export type Signer = { key: VerifierKey; privateKey: KeyObject }

/** Who signs the next checkpoint, the oldest first: the active key, and in a turn the new one once it is announced. */
export async function loadSigners(tx: Tx, sealer: Sealer): Promise<Signer[]> {
  const rows = await tx
    .selectFrom('ledger_key')
    .select(['vkey', 'sealed'])
    .select(({ exists, selectFrom }) =>
      exists(
        selectFrom('ledger_entry')
          .innerJoin('ledger_leaf', 'ledger_leaf.seq', 'ledger_entry.seq')
          .select('ledger_entry.seq')
          .whereRef('ledger_entry.id', '=', 'ledger_key.announced_by'),
      ).as('isAnnounced'),
    )
    .where('retired_at', 'is', null)
    .orderBy('created_at')
    .orderBy('vkey')
    .execute()
  return rows.flatMap(({ vkey, sealed, isAnnounced }, index) => {
    if (index > 0 && !isAnnounced) return []
    const key = readVerifierKey(vkey, sha256)
    if (!key || !sealed) throw new Error('a key of the ledger is not as it was stored')
    const der = sealer.unseal(PURPOSE, sealed)
    return [{ key, privateKey: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) }]
  })
}

export function signCheckpoint(checkpoint: Checkpoint, signers: readonly Signer[]): string {
  const text = checkpointText(checkpoint)
  const signatures = signers.map(({ key: { name, id }, privateKey }) => ({
    name,
    id,
    signature: sign(null, Buffer.from(text), privateKey),
  }))
  return signedNote(text, signatures)
}

/** Ends a turn: every key but the newest is retired, and its private part forgotten. */
export async function retireOthers(tx: Tx, newest: VerifierKey, now: Date): Promise<void> {
  await tx
    .updateTable('ledger_key')
    .set({ retired_at: now, sealed: null })
    .where('retired_at', 'is', null)
    .where('vkey', '!=', newest.text)
    .execute()
}

/** Every key that ever signed here, the oldest first. */
export async function listKeys(read: Read): Promise<{ vkey: string; createdAt: Date; retiredAt: Date | null }[]> {
  const rows = await read
    .selectFrom('ledger_key')
    .select(['vkey', 'created_at', 'retired_at'])
    .orderBy('created_at')
    .orderBy('vkey')
    .execute()
  return rows.map((row) => ({ vkey: row.vkey, createdAt: row.created_at, retiredAt: row.retired_at }))
}
