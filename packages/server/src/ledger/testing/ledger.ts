/** A ledger on a database of its own, with what tests do to one. */
import { createPublicKey, verify } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type pg from 'pg'
import type { VerifySignature } from '@onus/core/ledger/checkpoint.ts'
import { readVerifierKey } from '@onus/core/ledger/checkpoint.ts'
import type { VerifierKey } from '@onus/core/ledger/checkpoint.ts'
import { verifyExport } from '@onus/core/ledger/verify.ts'
import type { Verdict, VerifyOptions } from '@onus/core/ledger/verify.ts'
import { openDatabase } from '../../db/database.ts'
import type { Database } from '../../db/database.ts'
import type { Connection } from '../../postgres/cluster.ts'
import { openSealer } from '../../seal/index.ts'
import type { Sealer } from '../../seal/index.ts'
import { connect } from '../../testing/database.ts'
import { append, sha256 } from '../append.ts'
import type { NewEntry } from '../append.ts'
import { exportLedger } from '../export.ts'
import { listKeys, openKeys } from '../keys.ts'
import { sequence } from '../sequence.ts'

export const AT = new Date('2026-04-01T12:00:00.000Z')

export const accepted = (wish: Partial<NewEntry> = {}): NewEntry => ({
  action: 'acceptance.accept',
  actor: { kind: 'person', id: 'per_1' },
  capacity: 'answer',
  subject: { kind: 'identity', id: 'idn_1' },
  ...wish,
})

export const verifySignature: VerifySignature = (publicKey, message, signature) => {
  const x = Buffer.from(publicKey).toString('base64url')
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature)
}

export type TestLedger = {
  connection: Connection
  dataDir: string
  db: Database
  sealer: Sealer
  look: pg.Client
  /** Appends so many entries in one transaction. */
  add(count: number, wish?: (n: number) => Partial<NewEntry>): Promise<string[]>
  sequenceAll(): Promise<number>
  keys(): Promise<VerifierKey[]>
  exported(): Promise<string>
  check(file: string, wish?: Partial<VerifyOptions>): Promise<Verdict>
  /** As a superuser who turns triggers off. */
  meddle(statement: string): Promise<void>
}

export async function testLedger(connection: Connection): Promise<TestLedger> {
  const dataDir = await mkdtemp(join(tmpdir(), 'onus-ledger-'))
  const db = openDatabase(connection, () => {})
  after(async () => {
    await db.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  const sealer = await openSealer({ keyFile: null, dataDir })
  await openKeys(db, sealer, AT)
  const look = await connect(connection)
  return {
    connection,
    dataDir,
    db,
    sealer,
    look,
    add: (count, wish = () => ({})) =>
      db.tx((tx) => append(tx, Array.from({ length: count }, (_, n) => accepted(wish(n))), AT)),
    async sequenceAll() {
      for (;;) {
        const done = await sequence(db, { sealer, now: AT })
        if (done.state === 'done' && !done.isMore) return done.size
      }
    },
    keys: async () => (await listKeys(db.read)).flatMap(({ vkey }) => readVerifierKey(vkey, sha256) ?? []),
    async exported() {
      let text = ''
      for await (const piece of exportLedger(db.read)) text += piece
      return text
    },
    check: (file, wish = {}) =>
      verifyExport([Buffer.from(file)], { sha256, verifySignature, keys: null, since: null, ...wish }),
    async meddle(statement) {
      await look.query(`begin; set local session_replication_role = replica; ${statement}; commit`)
    },
  }
}
