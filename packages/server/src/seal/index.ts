/**
 * Secrets at rest: sealed with AES-256-GCM (NIST SP 800-38D) under a key that is not in the database, so a copy of the
 * database alone gives none of them away.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { link, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** `purpose` keeps seals apart: what was sealed for one is not opened for another. */
export type Sealer = {
  seal(purpose: string, secret: Uint8Array): Buffer
  /** Throws `SealBroken`. */
  unseal(purpose: string, sealed: Uint8Array): Buffer
}

/** The bytes were altered, or sealed under another master key or for another purpose. */
export class SealBroken extends Error {}
/** There is no master key, or not the one that is needed; the message says why, and never what is in the file. */
export class MasterKeyUnusable extends Error {}

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** The first byte of a seal, so that the form can change. */
const FORM = 1
const ALGORITHM = 'aes-256-gcm'

function readKey(text: string): Buffer | null {
  const trimmed = text.trim()
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return Buffer.from(trimmed, 'hex')
  if (!/^[A-Za-z0-9+/]{43}=$/.test(trimmed)) return null
  return Buffer.from(trimmed, 'base64')
}

/** The key in `file`, made at the first time: written whole and to the disk before it has its name. */
async function ownKey(file: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new MasterKeyUnusable(`${file} cannot be read (${error.code ?? 'unknown'})`)
  })
  if (known !== null) return known
  const growing = `${file}.${randomBytes(6).toString('hex')}`
  const handle = await open(growing, 'wx', 0o600)
  try {
    await handle.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`)
    await handle.sync()
    await link(growing, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await handle.close()
    await rm(growing, { force: true })
  }
  return readFile(file, 'utf8')
}

async function masterKey(keyFile: string | null, dataDir: string): Promise<Buffer> {
  const text =
    keyFile === null
      ? await ownKey(join(dataDir, 'master.key'))
      : await readFile(keyFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
          throw new MasterKeyUnusable(`the file of ONUS_MASTER_KEY_FILE cannot be read (${error.code ?? 'unknown'})`)
        })
  const key = readKey(text)
  if (key) return key
  throw new MasterKeyUnusable(
    `${keyFile === null ? 'master.key' : 'the file of ONUS_MASTER_KEY_FILE'} must hold 32 random bytes in base64: ` +
      'openssl rand -base64 32',
  )
}

/**
 * Opens the master key: of `keyFile`, else of `master.key` in the data folder, which is made when there is none.
 * Rejects with `MasterKeyUnusable`. Whoever loses the key loses what was sealed under it: it belongs into the backup, apart
 * from the database.
 */
export async function openSealer(from: { keyFile: string | null; dataDir: string }): Promise<Sealer> {
  const master = await masterKey(from.keyFile, from.dataDir)
  // A key for each purpose: random nonces of 96 bits hold for 2^32 seals of one key, and nobody makes so many of one.
  const keyFor = (purpose: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', master, '', `onus seal ${purpose}`, KEY_BYTES))
  return {
    seal(purpose, secret) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(ALGORITHM, keyFor(purpose), nonce)
      const hidden = Buffer.concat([cipher.update(secret), cipher.final()])
      return Buffer.concat([Buffer.of(FORM), nonce, hidden, cipher.getAuthTag()])
    },
    unseal(purpose, sealed) {
      const body = 1 + NONCE_BYTES
      if (sealed[0] !== FORM || sealed.length < body + TAG_BYTES) throw new SealBroken('this is no seal')
      const cipher = createDecipheriv(ALGORITHM, keyFor(purpose), sealed.subarray(1, body), { authTagLength: TAG_BYTES })
      cipher.setAuthTag(sealed.subarray(-TAG_BYTES))
      try {
        return Buffer.concat([cipher.update(sealed.subarray(body, -TAG_BYTES)), cipher.final()])
      } catch {
        throw new SealBroken('it was altered, or sealed under another master key')
      }
    },
  }
}
