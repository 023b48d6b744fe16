import { test } from 'node:test'
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError } from '@onus/core/contract/client.ts'
import type { Client } from '@onus/core/contract/client.ts'
import type { Job } from '@onus/core/contract/routes.ts'
import { testApp } from '../testing/app.ts'
import { connect, testDatabases } from '../testing/database.ts'

const databases = await testDatabases()
const estate = await mkdtemp(join(tmpdir(), 'onus-estate-'))
after(() => rm(estate, { recursive: true, force: true }))
await mkdir(join(estate, 'k8s'))
await writeFile(
  join(estate, 'k8s', 'account.yaml'),
  'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: ledger\n  namespace: parcels\n',
)

async function ended(client: Client, id: string): Promise<Job> {
  for (;;) {
    const job = await client.job({ params: { id } })
    if (job.state === 'done' || job.state === 'failed') return job
    await sleep(100)
  }
}

const problem =
  (code: string, status: number) =>
  (error: unknown): boolean =>
    error instanceof ApiError && error.problem.code === code && error.problem.status === status

test('a folder of this machine is scanned as a job that tells how it went', async () => {
  const { client } = await testApp(await databases.fresh())
  const job = await client.startScan({ body: { path: estate } })
  assert.ok(['queued', 'running'].includes(job.state))
  const end = await ended(client, job.id)
  assert.deepEqual([end.state, end.result?.appeared], ['done', 1])
  assert.deepEqual(
    (await client.listIdentities()).items.map(({ name }) => name),
    ['ledger'],
  )
  assert.deepEqual(
    (await client.listSources()).items.map(({ path }) => path),
    [estate],
  )
})

test('a folder is judged by the conventions it brings along, and not at all by ones that cannot be used', async () => {
  const { client, ctx } = await testApp(await databases.fresh())
  const folder = await mkdtemp(join(tmpdir(), 'onus-estate-'))
  after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(
    join(folder, 'account.yaml'),
    'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: ledger\n  namespace: parcels\n',
  )
  await writeFile(join(folder, 'onus.conventions.yaml'), 'version: 1\nlimits:\n  credentialAgeDays: 30\n')
  assert.equal((await ended(client, (await client.startScan({ body: { path: folder } })).id)).state, 'done')
  const sources = await ctx.db.read.selectFrom('source').select('limits').execute()
  assert.equal(sources[0]?.limits.credentialAgeDays, 30)
  await writeFile(join(folder, 'onus.conventions.yaml'), 'version: 1\nlimit: 3\n')
  const end = await ended(client, (await client.startScan({ body: { path: folder } })).id)
  assert.equal(end.state, 'failed')
  assert.match(end.message ?? '', /onus\.conventions\.yaml:2/)
})

test('a path that cannot be scanned is refused at once', async () => {
  const { client } = await testApp(await databases.fresh())
  const cases: [string, string][] = [
    ['not there', join(estate, 'nope')],
    ['not from the root', 'k8s'],
    ['a device', '/dev/null'],
    ['empty', ''],
  ]
  for (const [name, path] of cases)
    await assert.rejects(client.startScan({ body: { path } }), problem('path-not-readable', 400), name)
})

test('a server for other machines scans none of its own folders', async () => {
  const { client, app, cookie } = await testApp(await databases.fresh(), {
    env: { ONUS_HOST: '0.0.0.0', ONUS_PUBLIC_URL: 'https://onus.lumen.example' },
  })
  assert.equal((await client.session()).canScanLocalPaths, false)
  await assert.rejects(client.startScan({ body: { path: estate } }), problem('forbidden', 403))
  const named = await app.server.inject({
    method: 'GET',
    url: '/v1/session',
    headers: { host: 'onus.lumen.example', cookie },
  })
  assert.equal(named.statusCode, 200)
})

test('the example company is loaded once and known as such', async () => {
  const { client } = await testApp(await databases.fresh(), { exampleDir: estate })
  assert.equal((await client.session()).isExampleLoaded, false)
  const end = await ended(client, (await client.loadExample()).id)
  assert.equal(end.state, 'done', end.message ?? '')
  assert.equal((await client.session()).isExampleLoaded, true)
  assert.deepEqual(
    (await client.listSources()).items.map(({ label }) => label),
    ['Example company'],
  )
  await ended(client, (await client.loadExample()).id)
  assert.equal((await client.listSources()).items.length, 1)
})

test('without an example the answer is that there is none', async () => {
  const { client } = await testApp(await databases.fresh())
  await assert.rejects(client.loadExample(), problem('not-found', 404))
})

test('rules are judged again as a job', async () => {
  const { client, ctx } = await testApp(await databases.fresh(), { exampleDir: estate })
  await ended(client, (await client.loadExample()).id)
  const { job, done } = await ctx.jobs.start({ kind: 'rules', asOf: '2030-01-01T00:00:00.000Z' })
  await done
  assert.equal((await ended(client, job.id)).state, 'done')
})

test('a job that a crash cut off is failed at the next start, with what to do', async () => {
  const connection = await databases.fresh()
  const look = await connect(connection)
  await look.query(`insert into job (id, kind, ask, state, created_at) values
    ('job_a', 'scan', '{}', 'running', now()), ('job_b', 'scan', '{}', 'queued', now()),
    ('job_c', 'scan', '{}', 'done', now())`)
  const { client } = await testApp(connection)
  for (const [id, want] of [
    ['job_a', 'failed'],
    ['job_b', 'failed'],
    ['job_c', 'done'],
  ] as const) {
    const job = await client.job({ params: { id } })
    assert.deepEqual([job.state, job.message?.includes('start it again') ?? false], [want, want === 'failed'], id)
  }
})

test('stopping ends the running job and leaves the registry as it was', async () => {
  const connection = await databases.fresh()
  const { client, ctx } = await testApp(connection)
  const job = await client.startScan({ body: { path: estate } })
  await ctx.jobs.stop()
  const end = await client.job({ params: { id: job.id } })
  assert.equal(end.state, 'failed')
  assert.equal((await client.listIdentities()).total, 0)
})
