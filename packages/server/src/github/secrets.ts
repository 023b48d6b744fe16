/** The App's private key and the secret of its webhook, from their files. Never logged, never quoted. */
import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Complaint, GithubConfig } from '../config.ts'

export type Secrets = { key: KeyObject; webhookSecret: string }
export type SecretsReading = { ok: true; secrets: Secrets } | { ok: false; complaints: Complaint[] }

/** Whoever guesses a shorter one signs whatever they like. */
const LEAST_SECRET = 16

/** Reads both files; each that cannot be used is named by its variable. */
export async function readSecrets(config: GithubConfig): Promise<SecretsReading> {
  const key = await keyIn(config.privateKeyFile)
  const secret = (await textIn(config.webhookSecretFile))?.trim() ?? null
  const complaints: Complaint[] = []
  if (key === null) {
    const reason = 'must be a file with the private key of the App, an RSA key in PEM as GitHub gives it'
    complaints.push({ variable: 'ONUS_GITHUB_PRIVATE_KEY_FILE', reason })
  }
  if (secret === null || secret.length < LEAST_SECRET) {
    const reason = `must be a file with the secret of the webhook, at least ${LEAST_SECRET} characters`
    complaints.push({ variable: 'ONUS_GITHUB_WEBHOOK_SECRET_FILE', reason })
  }
  if (key === null || secret === null || complaints.length > 0) return { ok: false, complaints }
  return { ok: true, secrets: { key, webhookSecret: secret } }
}

async function textIn(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null)
}

async function keyIn(file: string): Promise<KeyObject | null> {
  const text = await textIn(file)
  if (text === null) return null
  try {
    const key = createPrivateKey(text)
    return key.asymmetricKeyType === 'rsa' ? key : null
  } catch {
    return null
  }
}
