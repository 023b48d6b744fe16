/** T73: SIGTERM while people work. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { CompiledQuery } from 'kysely'
import { estate, grant, propose } from '../changes/testing/estate.ts'
import { testDatabases } from '../testing/database.ts'
import { databaseDoor } from './testing/database-door.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
const ROUNDS = 2
const PEOPLE = 24
/** As long as service managers wait before they kill. */
const MOST_MS = 10_000

const connection = await (await testDatabases()).fresh()
const it = await estate(connection)
// Onus reaches a database of one's own over the network; the one of a test listens in a folder.
const door = await databaseDoor(connection)
const folder = await mkdtemp(join(tmpdir(), 'onus-stop-'))
after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

async function start() {
  const { host, port, user, password, database } = door.connection
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    env: {
      PATH: process.env['PATH'],
      ONUS_DATA_DIR: folder,
      ONUS_MASTER_KEY_FILE: join(it.ctx.config.dataDir, 'master.key'),
      DATABASE_URL: `postgresql://${user}:${password}@${host}:${port}/${database}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  after(() => void child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += String(chunk)))
  const exit = once(child, 'exit')
  for (;;) {
    const url = /Onus serves (\S+)/.exec(said)?.[1]
    if (url !== undefined) return { child, url, exit }
    if (child.exitCode !== null) throw new Error(said)
    await sleep(50)
  }
}

test(`T73 SIGTERM under load, ${ROUNDS} times: what was taken is answered and kept, what comes is refused, and it ends in ten seconds`, async (t) => {
  // A process goes by the clock of the machine.
  await it.turn(new Date().toISOString())
  const people = await Promise.all(Array.from({ length: PEOPLE }, (_, n) => it.join(`load-${n}`, it.payments, `load-${n}@pay.example`)))
  const { id } = await propose(it.ada, grant(it, it.worker, { resource: 'under load' }))
  for (let round = 0; round < ROUNDS; round += 1) {
    const { child, url, exit } = await start()
    const answered: string[] = []
    const refused: string[] = []
    const broken: string[] = []
    let isAsked = false
    const work = people.map(async ({ cookie }, n) => {
      let isLast = false
      for (let turn = 0; ; turn += 1) {
        const text = `round ${round} person ${n} turn ${turn}`
        const answer = await fetch(`${url}/v1/changes/${id}/comments`, { method: 'POST', headers: { cookie, 'content-type': 'application/json' }, body: JSON.stringify({ text }) }).catch((error: unknown) => error as Error)
        if (answer instanceof Error) {
          // Nobody listens any more; or, of a connection that had to be made anew because the last one was to be closed, the
          // system turns away who stood in line as the door was shut: nothing was taken. Anything else was taken and dropped.
          const code = ((answer.cause as { code?: string } | undefined)?.code) ?? answer.message
          if (code !== 'ECONNREFUSED' && !(code === 'ECONNRESET' && isLast)) broken.push(code)
          return
        }
        isLast = answer.headers.get('connection') === 'close'
        const body = (await answer.json()) as { code?: string }
        if (answer.status === 200) answered.push(text)
        else refused.push(`${answer.status} ${body.code} ${answer.headers.get('retry-after')}`)
        if (answer.status !== 200 && !isAsked) return
        // As it is asked to; whoever knocks at once may be in line when the door is shut.
        if (answer.status === 503) await sleep(Number(answer.headers.get('retry-after')) * 1_000)
      }
    })
    while (answered.length < PEOPLE * 2) await sleep(5)
    isAsked = true
    const from = performance.now()
    child.kill('SIGTERM')
    const [code] = (await exit) as [number | null]
    const ms = performance.now() - from
    await Promise.all(work)
    assert.equal(code, 0)
    assert.ok(ms < MOST_MS, `it took ${ms.toFixed()} ms`)
    assert.deepEqual([...new Set(refused)], refused.length > 0 ? ['503 stopping 2'] : [])
    assert.deepEqual(broken, [], 'nothing was taken and dropped')
    const { rows } = await it.ctx.db.tx((tx) => tx.executeQuery<{ value: string }>(CompiledQuery.raw(`select value from ledger_personal where slot = 'text' and value like $1`, [`round ${round} %`])))
    assert.deepEqual(rows.map(({ value }) => value).toSorted(), answered.toSorted(), 'each that was answered is kept, and no other')
    t.diagnostic(`round ${round}: ${answered.length} answered, ${refused.length} refused, ended after ${ms.toFixed()} ms`)
  }
})
