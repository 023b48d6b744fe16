import assert from 'node:assert/strict'
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { MasterKeyUnusable, openSealer, SealBroken } from './index.ts'

const folders: string[] = []
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))
async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'onus-seal-'))
  folders.push(made)
  return made
}
const SECRET = Buffer.from('a private key')

test('what was sealed is opened again, also after a restart, and the key is only for its owner', async () => {
  const dataDir = await folder()
  const sealed = (await openSealer({ keyFile: null, dataDir })).seal('ledger key', SECRET)
  assert.ok(!sealed.includes(SECRET))
  assert.deepEqual((await openSealer({ keyFile: null, dataDir })).unseal('ledger key', sealed), SECRET)
  assert.equal((await stat(join(dataDir, 'master.key'))).mode & 0o777, 0o600)
  assert.deepEqual(await readdir(dataDir), ['master.key'])
})

test('two starts at once agree on one key', async () => {
  const dataDir = await folder()
  const [a, b] = await Promise.all([openSealer({ keyFile: null, dataDir }), openSealer({ keyFile: null, dataDir })])
  assert.deepEqual(b.unseal('x', a.seal('x', SECRET)), SECRET)
})

test('the same secret is sealed differently each time', async () => {
  const sealer = await openSealer({ keyFile: null, dataDir: await folder() })
  assert.notDeepEqual(sealer.seal('x', SECRET), sealer.seal('x', SECRET))
})

test('a seal is broken by any flipped bit, by another purpose and by another master key', async () => {
  const sealer = await openSealer({ keyFile: null, dataDir: await folder() })
  const sealed = sealer.seal('x', SECRET)
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const copy = Buffer.from(sealed)
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7))
    assert.throws(() => sealer.unseal('x', copy), SealBroken)
  }
  for (let length = 0; length < sealed.length; length += 1) assert.throws(() => sealer.unseal('x', sealed.subarray(0, length)), SealBroken)
  assert.throws(() => sealer.unseal('y', sealed), SealBroken)
  const other = await openSealer({ keyFile: null, dataDir: await folder() })
  assert.throws(() => other.unseal('x', sealed), SealBroken)
})

test('a key of one’s own is read in base64 or hex; anything else is refused without quoting it', async () => {
  const dataDir = await folder()
  const keyFile = join(dataDir, 'own')
  const key = Buffer.alloc(32, 7)
  await writeFile(keyFile, `${key.toString('base64')}\n`)
  const sealed = (await openSealer({ keyFile, dataDir })).seal('x', SECRET)
  await writeFile(keyFile, key.toString('hex'))
  assert.deepEqual((await openSealer({ keyFile, dataDir })).unseal('x', sealed), SECRET)
  for (const text of ['', 'hunter2', key.toString('base64').slice(1), key.toString('hex').slice(2)]) {
    await writeFile(keyFile, text)
    await assert.rejects(openSealer({ keyFile, dataDir }), (error) => error instanceof MasterKeyUnusable && (text === '' || !error.message.includes(text)))
  }
  await assert.rejects(openSealer({ keyFile: join(dataDir, 'none'), dataDir }), MasterKeyUnusable)
  await assert.rejects(readFile(join(dataDir, 'master.key')), /ENOENT/, 'no other key was made')
})

test('a master key that is damaged is not replaced', async () => {
  const dataDir = await folder()
  await writeFile(join(dataDir, 'master.key'), 'half')
  await assert.rejects(openSealer({ keyFile: null, dataDir }), MasterKeyUnusable)
  assert.equal(await readFile(join(dataDir, 'master.key'), 'utf8'), 'half')
})
