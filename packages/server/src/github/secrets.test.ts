import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readSecrets } from './secrets.ts'

const folder = await mkdtemp(join(tmpdir(), 'onus-secrets-'))
after(() => rm(folder, { recursive: true, force: true }))
const file = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text)
  return join(folder, name)
}
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const KEY = await file('pkcs1.pem', rsa.export({ type: 'pkcs1', format: 'pem' }).toString())
const PKCS8 = await file('pkcs8.pem', rsa.export({ type: 'pkcs8', format: 'pem' }).toString())
const EC = await file('ec.pem', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
const SECRET = await file('secret', 'a-secret-of-the-webhook\n')
const SHORT = await file('short', 'short\n')
const NONE = join(folder, 'none')
const K = 'ONUS_GITHUB_PRIVATE_KEY_FILE'
const S = 'ONUS_GITHUB_WEBHOOK_SECRET_FILE'

const CASES: [name: string, key: string, secret: string, complaints: string[]][] = [
  ['the key as GitHub gives it', KEY, SECRET, []],
  ['the same key as other tools write it', PKCS8, SECRET, []],
  ['a key of another kind', EC, SECRET, [K]],
  ['a secret for a key', SECRET, SECRET, [K]],
  ['files that are not there', NONE, NONE, [K, S]],
  ['a folder', folder, SECRET, [K]],
  ['a secret that can be guessed', KEY, SHORT, [S]],
]
for (const [name, privateKeyFile, webhookSecretFile, complaints] of CASES) {
  test(`the files of the App: ${name}`, async () => {
    const reading = await readSecrets({ appId: 1, privateKeyFile, webhookSecretFile, api: 'https://api.github.com', allowPrivate: false })
    assert.deepEqual(reading.ok ? [] : reading.complaints.map(({ variable }) => variable), complaints)
    if (reading.ok) assert.equal(reading.secrets.webhookSecret, 'a-secret-of-the-webhook')
  })
}

test('a wrong file is named at the start, and the server does not come up', () => {
  const env = { ...process.env, ONUS_DATA_DIR: join(folder, 'data'), ONUS_GITHUB_APP_ID: '1', [K]: EC, [S]: SHORT }
  const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('../main.ts', import.meta.url))], { env, encoding: 'utf8' })
  assert.equal(status, 78)
  assert.match(stderr, /ONUS_GITHUB_PRIVATE_KEY_FILE must be a file.*\n.*ONUS_GITHUB_WEBHOOK_SECRET_FILE must be a file/)
})
