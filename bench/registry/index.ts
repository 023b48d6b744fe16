/**
 * The registry at full size: a million identities with two million credentials. ONUS_BENCH_IDENTITIES makes it smaller.
 * It needs about 12 GB below the temporary folder and, on two idle cores, some twenty minutes, most of them for loading.
 * ONUS_BENCH_DATA=FOLDER keeps what was loaded there for the next run; what a run imports is taken out again.
 * ONUS_BENCH_READS=1 ends after the first questions.
 */
import { openAsBlob } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { IdentitySort } from '@onus/core/contract/routes.ts'
import { readConfig } from '@onus/server/config.ts'
import { createLink, signIn } from '@onus/server/sessions/index.ts'
import { makeDataDir } from '@onus/server/postgres/data-place.ts'
import { accountFor } from '@onus/server/postgres/binaries.ts'
import { startServer } from '@onus/server/start/server.ts'
import type { Running } from '@onus/server/start/server.ts'
import { TEAMS, benchIdentity, searches, teamId } from './estate.ts'
import { SOURCE, load } from './load.ts'
import { writeReport } from './report.ts'
import type { Address } from '@onus/server/db/database.ts'
import pg from 'pg'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const IDENTITIES = Number(process.env['ONUS_BENCH_IDENTITIES'] ?? 1_000_000)
const IMPORTED = Math.min(100_000, IDENTITIES)
const QUERIES = 60
const P95_TARGET_MS = 200
const LONG_TARGET_MS = 60_000

type Line = { what: string; measured: string; target: string; isMet: boolean }

const SORTS = IdentitySort.options

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** What the console asks for, by screen; `n` varies the values. */
const QUESTIONS: Record<string, (n: number) => string> = {
  overview: () => '/v1/overview',
  'list, every order': (n) => `/v1/identities?sort=${SORTS[n % SORTS.length]}&order=${n % 2 ? 'asc' : 'desc'}`,
  'filter by one field': (n) =>
    `/v1/identities?${
      [
        'state=split',
        `team=${teamId((n * 37) % TEAMS)}`,
        'team=none',
        'kind=agent',
        'environment=test',
        'environment=none',
        `namespace=ledger-${n * 31}`,
        'rule=never-rotated',
        'severity=critical',
        'presence=vanished',
        'rule=admin-or-wildcard',
      ][n % 11]
    }`,
  'filter by several, other order': (n) =>
    `/v1/identities?${
      [
        'state=unowned&environment=production&sort=findings&order=desc',
        `team=${teamId((n * 41) % TEAMS)}&sort=rotated`,
        'kind=api-key&severity=high&sort=rotated',
        'environment=none&kind=agent&state=split',
        `team=${teamId((n * 43) % TEAMS)}&state=split&sort=findings&order=desc`,
        'rule=too-old&environment=test&sort=team',
        'presence=all&kind=third-party&sort=namespace',
      ][n % 7]
    }`,
  search: (n) => `/v1/identities?q=${encodeURIComponent(searches(n))}`,
  'search and filter': (n) =>
    `/v1/identities?q=${encodeURIComponent(searches(n))}&state=unowned&sort=findings&order=desc`,
  'one identity': (n) => `/v1/identities/${benchIdentity((n * 7_919) % IDENTITIES).id}`,
  timeline: (n) => `/v1/identities/${benchIdentity((n * 7_919) % IDENTITIES).id}/timeline`,
  findings: (n) =>
    `/v1/findings?${
      [
        '',
        'rule=too-old',
        `team=${teamId((n * 53) % TEAMS)}`,
        'severity=critical',
        'environment=test',
        `q=${searches(2 + 4 * n)}`,
      ][n % 6]
    }`,
  teams: (n) => `/v1/teams?q=${['', 'ledger', 'sync'][n % 3]}`,
  rules: () => '/v1/rules',
}

async function ask(url: string, cookie: string, path: string): Promise<{ ms: number; nextCursor: string | null }> {
  const from = performance.now()
  const answer = await fetch(url + path, { headers: { cookie } })
  const body = (await answer.json()) as { nextCursor?: string | null; detail?: string }
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${body.detail}`)
  return { ms: performance.now() - from, nextCursor: body.nextCursor ?? null }
}

const quantile = (sorted: number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

/** `from`: where the values begin, so that a later round asks with others. */
async function measureReads(url: string, cookie: string, from = 0): Promise<Line[]> {
  const lines: Line[] = []
  for (const [what, question] of Object.entries(QUESTIONS)) {
    const times: { ms: number; path: string }[] = []
    for (let n = from; n < from + QUERIES; n += 1)
      times.push({ ...(await ask(url, cookie, question(n))), path: question(n) })
    lines.push(readLine(what, times))
  }
  return [...lines, await measurePaging(url, cookie)]
}

/** Pages far into the list cost what the first one costs. */
async function measurePaging(url: string, cookie: string): Promise<Line> {
  const times: { ms: number; path: string }[] = []
  let cursor: string | null = null
  for (let n = 0; n < QUERIES; n += 1) {
    const path = `/v1/identities?limit=500${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`
    const answer = await ask(url, cookie, path)
    times.push({ ms: answer.ms, path: '/v1/identities?limit=500' })
    cursor = answer.nextCursor
  }
  return readLine('pages of 500', times)
}

function readLine(what: string, times: { ms: number; path: string }[]): Line {
  const sorted = [...times].sort((a, b) => a.ms - b.ms)
  const all = sorted.map(({ ms }) => ms)
  const p95 = quantile(all, 0.95)
  const slowest = sorted.at(-1)
  return {
    what,
    target: `p95 < ${P95_TARGET_MS} ms`,
    isMet: p95 < P95_TARGET_MS,
    measured: [
      `p50 ${quantile(all, 0.5).toFixed()}  p95 ${p95.toFixed()}  max ${slowest?.ms.toFixed()} ms`,
      decodeURIComponent(slowest?.path ?? ''),
    ].join('  '),
  }
}

async function measureImport(
  url: string,
  cookie: string,
  dir: string,
  what: string,
  changed: (n: number) => boolean,
): Promise<Line> {
  const file = join(dir, 'report.json')
  await writeReport(file, { from: IDENTITIES, count: IMPORTED, changed })
  const { size } = await stat(file)
  const from = performance.now()
  const answer = await fetch(`${url}/v1/imports?source=more`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: await openAsBlob(file),
    signal: AbortSignal.timeout(900_000),
  })
  const result = (await answer.json()) as {
    appeared?: number
    changed?: number
    unchanged?: number
    findings?: number
    detail?: string
  }
  if (!answer.ok) throw new Error(result.detail)
  const ms = performance.now() - from
  return {
    what,
    target: `< ${LONG_TARGET_MS / 1_000} s`,
    isMet: ms < LONG_TARGET_MS,
    measured: [
      `${(ms / 1_000).toFixed(1)} s for ${(size / 2 ** 20).toFixed()} MB: ${result.appeared} appeared`,
      `${result.changed} changed, ${result.unchanged} unchanged, ${result.findings} findings`,
    ].join(', '),
  }
}

async function measureRules(running: Running, what: string, asOf: string): Promise<Line> {
  const from = performance.now()
  await running.ctx.jobs.run({ kind: 'rules', asOf })
  const ms = performance.now() - from
  return {
    what,
    target: `< ${LONG_TARGET_MS / 1_000} s`,
    isMet: ms < LONG_TARGET_MS,
    measured: `${(ms / 1_000).toFixed(1)} s`,
  }
}

function table(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(({ what }) => what.length))
  return lines
    .map(
      ({ what, measured, target, isMet }) =>
        `${isMet ? 'ok  ' : 'MISS'}  ${what.padEnd(width)}  ${target.padEnd(14)}  ${measured}`,
    )
    .join('\n')
}

async function loadOnce(address: Address): Promise<void> {
  const client = new pg.Client(address)
  await client.connect()
  const { rows } = await client.query<{ count: number }>('select count(*)::int as count from source where id = $1', [SOURCE])
  await client.end()
  if (rows[0]?.count) return
  const from = performance.now()
  const totals = await load(address, IDENTITIES, (done) => {
    if (done % 100_000 === 0) process.stderr.write(`loaded ${done} of ${IDENTITIES} identities\n`)
  })
  say(
    `${totals.identities} identities, ${totals.credentials} credentials, ${totals.findings} findings ` +
      `loaded in ${((performance.now() - from) / 1_000).toFixed()} s`,
  )
}

/** What the run imported, so that the next one finds the registry as it was loaded. */
async function takeOut(address: Address): Promise<void> {
  const client = new pg.Client(address)
  await client.connect()
  for (const table of ['finding', 'identity_version', 'identity', 'tally', 'rule_count', 'team', 'import', 'source'])
    await client.query(`delete from ${table} where ${table === 'source' ? 'id' : 'source_id'} <> $1`, [SOURCE])
  await client.query('vacuum analyze')
  await client.end()
}

export async function run(): Promise<void> {
  const kept = process.env['ONUS_BENCH_DATA']
  const dir = await mkdtemp(join(tmpdir(), 'onus-bench-'))
  const dataDir = await makeDataDir(kept ?? dir, accountFor(process.getuid?.()))
  const reading = readConfig({ ONUS_DATA_DIR: dataDir }, ROOT)
  if (!reading.ok) throw new Error('the bench has no configuration')
  let running: Running | null = null
  try {
    running = await startServer({
      config: { ...reading.config, logLevel: 'error' },
      root: ROOT,
      dist: join(dir, 'no-console'),
    })
    const { ctx, url } = running
    await loadOnce(ctx.address)
    const { secret } = await signIn(ctx.db, await createLink(ctx.db, ctx.clock()), ctx.clock())
    const cookie = `onus_session=${secret}`
    say(`right after a start, when pages still come from the disk:\n${table(await measureReads(url, cookie))}`)
    const lines = await measureReads(url, cookie, QUERIES)
    say(`then, with other values:\n${table(lines)}`)
    if (process.env['ONUS_BENCH_READS'] === '1') {
      if (lines.some(({ isMet }) => !isMet)) process.exitCode = 1
      return
    }
    const long: Line[] = []
    const add = async (measured: Promise<Line>): Promise<void> => {
      long.push(await measured)
      say(table(long.slice(-1)))
    }
    await add(measureImport(url, cookie, dir, `import of ${IMPORTED} identities`, () => false))
    await add(measureImport(url, cookie, dir, 'the same again, one in a hundred changed', (n) => n % 100 === 0))
    await add(measureRules(running, `all rules over ${IDENTITIES + IMPORTED} identities, next day`, '2026-03-02T00:00:00.000Z'))
    const after = await measureReads(url, cookie)
    say(`after import and re-run:\n${table(after)}`)
    if (kept !== undefined) await takeOut(ctx.address)
    if ([...lines, ...long, ...after].some(({ isMet }) => !isMet)) process.exitCode = 1
  } finally {
    await running?.stop()
    await rm(dir, { recursive: true, force: true })
  }
}
