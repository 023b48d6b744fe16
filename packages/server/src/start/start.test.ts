import { after, test } from 'node:test'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, readlink, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClient } from '@onus/core/contract/client.ts'
import { isAlive } from '../postgres/process-facts.ts'
import { EXIT } from './serve.ts'

/** A start on a machine that does much else. */
const PATIENCE_MS = 120_000
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

type Started = {
  child: ChildProcess
  said(): string
  exit: Promise<number | null>
  has(pattern: RegExp): Promise<RegExpExecArray>
}

const started = new Set<ChildProcess>()
const folders: string[] = []
after(async () => {
  for (const child of started) child.kill('SIGKILL')
  for (const folder of folders) {
    const pid = Number(
      (await readFile(join(folder, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0],
    )
    if (pid > 1 && isAlive(pid) && (await ofFolder(pid, folder))) process.kill(pid, 'SIGKILL')
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
})

/** A number alone could by now be someone else's. */
async function ofFolder(pid: number, folder: string): Promise<boolean> {
  return (await readlink(`/proc/${pid}/cwd`).catch(() => '')).startsWith(folder)
}

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'onus-start-'))
  folders.push(dir)
  return dir
}

function start(args: string[], env: Record<string, string>): Started {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.add(child)
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    text += String(chunk)
  })
  const exit = new Promise<number | null>((done) =>
    child.on('close', (code) => {
      started.delete(child)
      done(code)
    }),
  )
  return {
    child,
    exit,
    said: () => text,
    async has(pattern) {
      for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await sleep(50)) {
        const found = pattern.exec(text)
        if (found) return found
        if (child.exitCode !== null) break
      }
      throw new Error(`${pattern} was not said:\n${text}`)
    },
  }
}

const SERVES = /Onus serves (http:\/\/127\.0\.0\.1:\d+)\n/
const LINK = /sign-in#token=([\w-]{43})/

async function signedIn(server: Started) {
  const [, url = ''] = await server.has(SERVES)
  const [, token = ''] = await server.has(LINK)
  const answer = await fetch(`${url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  })
  assert.equal(answer.status, 200)
  return { url, client: createClient(url, fetch, { cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' }) }
}

async function postmaster(dir: string): Promise<number> {
  return Number((await readFile(join(dir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0])
}

test('T74 a wrong setting is named, nothing is started and the exit code is 78', async () => {
  const dir = join(await folder(), 'never-made')
  const server = start([], { ONUS_DATA_DIR: dir, ONUS_PORT: 'http', DATABASE_URL: 'mysql://u:canary@h/d' })
  assert.equal(await server.exit, EXIT.config)
  assert.match(server.said(), /ONUS_PORT must be a port/)
  assert.match(server.said(), /DATABASE_URL must be a URL/)
  assert.doesNotMatch(server.said(), /canary/)
  await assert.rejects(readdir(dir))
})

test('a database that cannot be reached is said without its password', async () => {
  const server = start([], { ONUS_DATA_DIR: await folder(), DATABASE_URL: 'postgresql://u:canary@127.0.0.1:1/d' })
  assert.equal(await server.exit, EXIT.unavailable)
  assert.match(server.said(), /DATABASE_URL cannot be used \(ECONNREFUSED\)/)
  assert.doesNotMatch(server.said(), /canary/)
})

test('what the command line cannot mean is said, with how it is used', async () => {
  const cases: [string, string[], RegExp][] = [
    ['an option', ['--port', '1'], /there is no option --port/],
    ['a token without a purpose', ['token'], /--purpose/],
    ['a token with a scope nobody knows', ['token', '--purpose', 'x', '--scope', 'read,all'], /--scope knows import, scim, read, propose/],
    ['a token for longer than any may live', ['token', '--purpose', 'x', '--days', '401'], /every token ends/],
    ['a token without an end', ['token', '--purpose', 'x', '--days', '0'], /every token ends/],
  ]
  for (const [name, args, want] of cases) {
    const server = start(args, {})
    assert.equal(await server.exit, EXIT.usage, name)
    assert.match(server.said(), want, name)
  }
})

test('start, import at start, stop, start again: nothing is lost; a second server is told who is there', async () => {
  const dir = await folder()
  const estate = await folder()
  await mkdir(join(estate, 'k8s'))
  await writeFile(
    join(estate, 'k8s', 'account.yaml'),
    'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: ledger\n  namespace: parcels\n',
  )
  const env = { ONUS_DATA_DIR: dir }
  const first = start([estate, '/nowhere/at/all'], env)
  const one = await signedIn(first)
  await first.has(/\/nowhere\/at\/all: cannot be scanned/)
  assert.match(first.said(), /1 identities/)
  assert.deepEqual(
    (await one.client.listIdentities()).items.map(({ name }) => name),
    ['ledger'],
  )

  const second = start([], env)
  assert.equal(await second.exit, EXIT.held)
  assert.match(second.said(), new RegExp(`in use by the server with process id ${first.child.pid} at ${one.url}`))

  const token = start(['token', '--purpose', 'push from CI', '--days', '2'], env)
  assert.equal(await token.exit, EXIT.ok)
  const secret = /^onus_[0-9A-Za-z]{38}$/m.exec(token.said())?.[0] ?? ''
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
  assert.equal((await fetch(`${one.url}/v1/jobs/job_0`, { headers })).status, 404)
  const listed = start(['tokens'], env)
  assert.equal(await listed.exit, EXIT.ok)
  const id = /^(tok_\w+) {2}works .* push from CI$/m.exec(listed.said())?.[1] ?? ''
  assert.equal(await start(['revoke', id], env).exit, EXIT.ok)
  assert.equal((await fetch(`${one.url}/v1/jobs/job_0`, { headers })).status, 401)

  const rotated = start(['ledger', 'rotate-key'], env)
  assert.equal(await rotated.exit, EXIT.ok, rotated.said())
  const keys = start(['ledger', 'keys'], env)
  assert.equal(await keys.exit, EXIT.ok)
  assert.match(keys.said(), /^onus\/[0-9a-f]{32}\+[0-9a-f]{8}\+[\w+/]{44}( # until .*)?\nonus\/[0-9a-f]{32}\+[0-9a-f]{8}\+[\w+/]{44}\n/m)
  assert.ok(keys.said().includes(/^onus\/.*$/m.exec(rotated.said())?.[0] ?? '-'))

  const database = await postmaster(dir)
  first.child.kill('SIGTERM')
  assert.equal(await first.exit, EXIT.ok)
  assert.equal(isAlive(database), false)

  const again = start([], env)
  const two = await signedIn(again)
  assert.deepEqual(
    (await two.client.listIdentities()).items.map(({ name }) => name),
    ['ledger'],
  )
  again.child.kill('SIGINT')
  assert.equal(await again.exit, EXIT.ok)
})

test('T108 a backup of a running server and of one that stands fills a new folder, and the server goes on there', async () => {
  const dir = await folder()
  const env = { ONUS_DATA_DIR: dir }
  const first = start([], env)
  const one = await signedIn(first)
  await one.client.saveView({ body: { name: 'kept', screen: 'identities', search: {} } })
  const files = await folder()
  const running = start(['backup', join(files, 'running.onus')], env)
  assert.equal(await running.exit, EXIT.ok, running.said())
  assert.match(running.said(), /Not in it: .*master\.key/)
  assert.equal(await start(['backup', join(files, 'running.onus')], env).exit, EXIT.failed, 'a file that is there is not written over')
  first.child.kill('SIGTERM')
  await first.exit
  const standing = start(['backup', join(files, 'standing.onus')], env)
  assert.equal(await standing.exit, EXIT.ok, standing.said())

  const there = await folder()
  const elsewhere = { ONUS_DATA_DIR: there }
  const early = start(['restore', join(files, 'running.onus')], elsewhere)
  assert.equal(await early.exit, EXIT.failed)
  assert.match(early.said(), /put the master\.key of the server that made the backup/)
  await copyFile(join(dir, 'master.key'), join(there, 'master.key'))
  const restored = start(['restore', join(files, 'running.onus')], elsewhere)
  assert.equal(await restored.exit, EXIT.ok, restored.said())
  const twice = start(['restore', join(files, 'standing.onus')], elsewhere)
  assert.equal(await twice.exit, EXIT.failed)
  assert.match(twice.said(), /not empty/)
  const again = start([], elsewhere)
  const two = await signedIn(again)
  assert.deepEqual((await two.client.listViews()).items.map(({ name }) => name), ['kept'])
  again.child.kill('SIGINT')
  assert.equal(await again.exit, EXIT.ok)
})

test('T54 a server that was killed leaves its database behind: the next start ends it and loses nothing, no count of attempts either', async () => {
  const dir = await folder()
  const env = { ONUS_DATA_DIR: dir }
  const first = start([], env)
  const one = await signedIn(first)
  const tried = async (url: string): Promise<number> =>
    (await fetch(`${url}/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"token":"guess"}' })).status
  const answers: number[] = []
  for (let index = 0; index < 10; index += 1) answers.push(await tried(one.url))
  assert.deepEqual(answers.slice(8), [401, 429], 'signing in was the first attempt')
  await one.client.saveView({ body: { name: 'kept', screen: 'identities', search: {} } })
  const orphan = await postmaster(dir)
  first.child.kill('SIGKILL')
  await first.exit
  assert.equal(isAlive(orphan), true)
  const second = start([], env)
  const [, again = ''] = await second.has(SERVES)
  assert.equal(await tried(again), 429, 'T54 attempts are counted on')
  const token = start(['token', '--purpose', 'look', '--scope', 'read'], env)
  assert.equal(await token.exit, EXIT.ok)
  const secret = /^onus_[0-9A-Za-z]{38}$/m.exec(token.said())?.[0] ?? ''
  const two = { client: createClient(again, fetch, { authorization: `Bearer ${secret}` }) }
  assert.notEqual(await postmaster(dir), orphan)
  assert.equal(isAlive(orphan), false)
  assert.deepEqual(
    (await two.client.listViews()).items.map(({ name }) => name),
    ['kept'],
  )
  second.child.kill('SIGTERM')
  assert.equal(await second.exit, EXIT.ok)
})

test('a port that was asked for and is taken is said; one that was not makes way', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => other.once('listening', done))
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const dir = await folder()
  const asked = start([], { ONUS_DATA_DIR: dir, ONUS_PORT: String(port) })
  assert.equal(await asked.exit, EXIT.unavailable)
  assert.match(asked.said(), new RegExp(`port ${port} is taken .* set ONUS_PORT`))
  other.close()
  const [a, b] = [start([], { ONUS_DATA_DIR: dir }), start([], { ONUS_DATA_DIR: await folder() })]
  const urls = await Promise.all([a, b].map(async (server) => (await server.has(SERVES))[1]))
  assert.notEqual(urls[0], urls[1])
  for (const server of [a, b]) server.child.kill('SIGTERM')
  assert.deepEqual([await a.exit, await b.exit], [EXIT.ok, EXIT.ok])
})

test('of several that start at once on the same data one serves', async () => {
  const dir = await folder()
  await writeFile(join(dir, 'server.lock'), JSON.stringify({ pid: 999_999_999, startMark: '1', url: null }))
  const servers = Array.from({ length: 3 }, () => start([], { ONUS_DATA_DIR: dir }))
  const first = await Promise.any(
    servers.map(async (server) => {
      await server.has(SERVES)
      return server
    }),
  )
  const others = servers.filter((server) => server !== first)
  assert.deepEqual(await Promise.all(others.map(({ exit }) => exit)), [EXIT.held, EXIT.held])
  first.child.kill('SIGTERM')
  assert.equal(await first.exit, EXIT.ok)
})

test('data below a folder that the database account may not enter goes where it may', async (context) => {
  if (process.getuid?.() !== 0) return context.skip('only root starts the database under another account')
  const { makeDataDir } = await import('../postgres/data-place.ts')
  const { accountFor } = await import('../postgres/binaries.ts')
  const home = await folder()
  const fallback = await folder()
  const asked = join(home, 'private', 'data')
  // mkdtemp makes folders of mode 0700, as homes are.
  const got = await makeDataDir(asked, accountFor(0), join(fallback, 'onus'))
  assert.ok(!got.startsWith(resolve(home)))
  assert.equal(await makeDataDir(asked, accountFor(0), join(fallback, 'onus')), got, 'the same question finds it again')
  assert.equal(await makeDataDir(asked, null, fallback), resolve(asked))
})
