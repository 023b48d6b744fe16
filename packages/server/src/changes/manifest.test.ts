/** `onus plan` and `onus apply` against a server: what they show, what they propose, and that again is nothing. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createToken } from '../sessions/index.ts'
import { testDatabases } from '../testing/database.ts'
import { approve, estate } from './testing/estate.ts'
import type { Estate } from './testing/estate.ts'

const CLI = fileURLToPath(new URL('../../../cli/src/main.ts', import.meta.url))
const databases = await testDatabases()
const folder = await mkdtemp(join(tmpdir(), 'onus-plan-'))
after(() => rm(folder, { recursive: true, force: true }))

const MANIFEST = `version: 1
team: Payments
functions: [{ name: Monthly invoicing }]
identities:
  - { name: worker, purpose: Posts invoices, revocation: Delete the account in the console }
  - { name: ledger, purpose: Keeps the books, revocation: Delete the account in the console }
  - { name: stray, purpose: Nightly export, revocation: Delete the account }
  - { name: nowhere, purpose: Nothing yet, revocation: Delete the account }
`
function onus(token: string, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], { encoding: 'utf8', env: { ...process.env, ONUS_TOKEN: token } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}
async function secretOf(it: Estate, scopes: ('read' | 'propose')[]): Promise<string> {
  const by = { kind: 'person', id: it.bob.id } as const
  return (await createToken(it.ctx.db, { purpose: 'the pipeline', days: 30, scopes, team: it.payments.id }, by, it.clock.now)).secret
}

test('a manifest is planned, proposed once, approved by people, and then stands', async () => {
  const it = await estate(await databases.fresh())
  // The command is a process of its own, with the clock of the machine.
  await it.turn(new Date().toISOString())
  await writeFile(join(folder, 'onus.yaml'), MANIFEST)
  const token = await secretOf(it, ['read', 'propose'])
  const server = ['--server', it.url]
  const plan = await onus(token, 'plan', folder, ...server, '--fail-on-changes')
  assert.equal(plan.code, 1, plan.stderr)
  assert.match(plan.stdout, /^onus\.yaml: payments\n/)
  assert.match(plan.stdout, /\n {2}= worker \(parcels, staging\): answered for until \d{4}-\d\d-\d\d\n/)
  assert.match(plan.stdout, /\n {2}~ ledger \(parcels, production\): purpose: Posts invoices → Keeps the books/)
  assert.match(plan.stdout, /\n {2}\+ stray \(parcels, production\): nobody has accepted it\n/)
  assert.match(plan.stdout, /\n {2}\? nowhere: not in the registry/)
  assert.match(plan.stdout, /to propose: payments is to answer for stray\n {4}asks {5}payments \(takes over\)\n/)
  assert.equal((await it.client.listChanges()).total, 0, 'a plan proposes nothing')
  const read = await secretOf(it, ['read'])
  const refused = await onus(read, 'apply', folder, ...server)
  assert.equal(refused.code, 3)
  assert.match(refused.stderr, /refused it/)

  const first = await onus(token, 'apply', folder, ...server, '--reason', 'Merged as reviewed')
  assert.equal(first.code, 0, first.stderr)
  assert.match(first.stdout, /^proposed payments is to answer for stray\n +http:\/\/127\.0\.0\.1:\d+\/changes\/chg_/)
  const again = JSON.parse((await onus(token, 'apply', folder, ...server, '--format', 'json')).stdout) as { proposed: { id: string; isNew: boolean }[] }
  const { items } = await it.client.listChanges()
  assert.deepEqual(again.proposed.map(({ id, isNew }) => [id, isNew]), [[items[0]?.id, false]])
  assert.equal(items.length, 1)
  assert.equal((await it.client.identity({ params: { id: it.stray.id } })).identity.accountability.state, 'unowned', 'a proposal accepts nothing')

  await approve(it.bob, items[0]?.id ?? '').catch(() => approve(it.ada, items[0]?.id ?? ''))
  const after = await onus(token, 'plan', folder, ...server, '--fail-on-changes')
  assert.equal(after.code, 0, after.stdout)
  assert.match(after.stdout, /\n {2}= stray \(parcels, production\): answered for until/)
})

test('a plan stops where it cannot be right, and says why', async () => {
  const it = await estate(await databases.fresh())
  await it.turn(new Date().toISOString())
  const token = await secretOf(it, ['read', 'propose'])
  const cases: [manifest: string, args: string[], says: RegExp][] = [
    [MANIFEST.replace('team: Payments', 'team: Nobody'), ['--server', it.url], /knows no team `Nobody`/],
    [MANIFEST.replace('version: 1', 'version: 2'), ['--server', it.url], /onus\.yaml:1: version must be `1`/],
    [MANIFEST, ['--server', 'http://onus.example.com'], /needs https/],
    [MANIFEST, ['--server', it.url, '--token-env', 'NO_SUCH_VARIABLE'], /needs a token of it in the environment variable NO_SUCH_VARIABLE/],
  ]
  for (const [manifest, args, says] of cases) {
    await writeFile(join(folder, 'onus.yaml'), manifest)
    const { code, stderr } = await onus(token, 'plan', folder, ...args)
    assert.match(stderr, says)
    assert.equal(code, 2)
  }
})
