import { test } from 'node:test'
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import fc from 'fast-check'
import pg from 'pg'
import { ApiError } from '@onus/core/contract/client.ts'
import { ROUTES } from '@onus/core/contract/routes.ts'
import type { Finding } from '@onus/core/finding.ts'
import { judgeIdentity, judgeScope } from '@onus/core/posture/index.ts'
import type { Identity } from '@onus/core/identity.ts'
import { DEFAULT_CONVENTIONS } from '@onus/core/conventions.ts'
import type { ScanReport } from '@onus/core/report.ts'
import { testApp } from '../testing/app.ts'
import type { TestApp } from '../testing/app.ts'
import { connect, testDatabases } from '../testing/database.ts'
import { credential, finding, identity, report, scope, team, teamId } from '../testing/reports.ts'
import { csvCell } from './csv.ts'
import { importReport } from './import.ts'
import { rejudge, cuts } from './rejudge.ts'
import { memoryReport } from './report-source.ts'

const databases = await testDatabases()

type Registry = TestApp & {
  put(given: ScanReport, at: string, source?: string): Promise<void>
  look: pg.Client
  connection: pg.ClientConfig
}

async function registry(): Promise<Registry> {
  const connection = await databases.fresh()
  const app = await testApp(connection)
  const look = await connect(connection)
  return {
    ...app,
    look,
    connection,
    async put(given, at, source = 'lumen') {
      await importReport(look, memoryReport(given), { source, at: new Date(at) }, () => {})
    },
  }
}

const refusedAs =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof ApiError && error.problem.code === code

test('filters, search and sorting answer what they say', async () => {
  const { client, put } = await registry()
  const ledger = identity({ name: 'Ledger', team: 'billing', state: 'claimed', rotatedAt: '2025-01-01T00:00:00.000Z' })
  const poster = identity({
    name: 'poster',
    namespace: 'mail',
    environment: 'test',
    kind: 'ci-workload',
    rotatedAt: '2024-01-01T00:00:00.000Z',
  })
  const anchor = identity({
    name: 'anchor',
    namespace: null,
    environment: null,
    team: 'ops',
    state: 'split',
    credentials: 0,
  })
  await put(
    report({
      identities: [ledger, poster, anchor],
      teams: [team('billing'), team('ops')],
      findings: [
        finding(ledger, 'too-old', 'high'),
        finding(poster, 'too-old', 'high'),
        finding(poster, 'wildcard', 'critical'),
      ],
    }),
    '2026-03-01T00:00:00Z',
  )
  const all = ['anchor', 'Ledger', 'poster']
  const cases: [string, Parameters<typeof client.listIdentities>[0], string[]][] = [
    ['by name, whatever the case', {}, all],
    ['backwards', { query: { order: 'desc' } }, [...all].reverse()],
    ['one state', { query: { state: 'split' } }, ['anchor']],
    ['one team', { query: { team: teamId('billing') } }, ['Ledger']],
    ['no team', { query: { team: 'none' } }, ['poster']],
    ['one kind', { query: { kind: 'ci-workload' } }, ['poster']],
    ['no environment', { query: { environment: 'none' } }, ['anchor']],
    ['one namespace', { query: { namespace: 'mail' } }, ['poster']],
    ['a failing rule', { query: { rule: 'too-old' } }, ['Ledger', 'poster']],
    ['at least this severe', { query: { severity: 'high' } }, ['Ledger', 'poster']],
    ['the worst only', { query: { severity: 'critical' } }, ['poster']],
    ['every word must match', { query: { q: 'ledger BILLING' } }, ['Ledger']],
    ['a word nobody has', { query: { q: 'ledger mail' } }, []],
    ['a part of a word', { query: { q: 'edge' } }, ['Ledger']],
    ['worst first', { query: { sort: 'findings', order: 'desc' } }, ['poster', 'Ledger', 'anchor']],
    ['oldest rotation first, unknown last', { query: { sort: 'rotated' } }, ['poster', 'Ledger', 'anchor']],
    ['by team, none first', { query: { sort: 'team' } }, ['poster', 'Ledger', 'anchor']],
    ['by state, most urgent first', { query: { sort: 'state' } }, ['poster', 'anchor', 'Ledger']],
    ['vanished', { query: { presence: 'vanished' } }, []],
  ]
  for (const [name, ask, want] of cases) {
    const page = await client.listIdentities(ask)
    assert.deepEqual(
      page.items.map((row) => row.name),
      want,
      name,
    )
    assert.deepEqual([page.total, page.isTotalExact], [want.length, true], name)
  }
})

test('pages in any order, also of what a filter leaves, join to the whole list, each row once', async () => {
  const { client, put } = await registry()
  const many = Array.from({ length: 57 }, (_, n) =>
    identity({
      name: `svc-${n % 7}`,
      namespace: n % 5 ? `ns-${n}` : null,
      team: n % 3 ? `team-${n % 4}` : null,
      rotatedAt: n % 2 ? `2025-0${(n % 9) + 1}-01T00:00:00.000Z` : null,
      uid: String(n),
    }),
  )
  await put(
    report({
      identities: many,
      findings: many.slice(0, 20).map((each, n) => finding(each, 'r', n % 2 ? 'low' : 'high')),
    }),
    '2026-03-01T00:00:00Z',
  )
  const sorts = ['name', 'namespace', 'team', 'state', 'findings', 'rotated', 'firstSeen'] as const
  const filters = [
    { ask: {}, count: 57 },
    { ask: { q: 'svc', severity: 'low' as const }, count: 20 },
    { ask: { rule: 'r', severity: 'high' as const }, count: 10 },
    { ask: { team: teamId('team-1') }, count: many.filter((_, n) => n % 3 && n % 4 === 1).length },
    { ask: { namespace: 'ns-4', q: 'svc' }, count: 1 },
  ]
  for (const { ask, count } of filters) {
    for (const [sort, order] of sorts.flatMap((each) => [[each, 'asc'] as const, [each, 'desc'] as const])) {
      const ids: string[] = []
      let cursor: string | undefined
      do {
        const page = await client.listIdentities({ query: { ...ask, sort, order, limit: 10, ...(cursor ? { cursor } : {}) } })
        ids.push(...page.items.map(({ id }) => id))
        cursor = page.nextCursor ?? undefined
      } while (cursor)
      const whole = await client.listIdentities({ query: { ...ask, sort, order, limit: 500 } })
      assert.deepEqual(
        ids,
        whole.items.map(({ id }) => id),
        `${JSON.stringify(ask)} ${sort} ${order}`,
      )
      assert.equal(new Set(ids).size, count)
      assert.deepEqual([whole.total, whole.isTotalExact], [count, true])
    }
  }
})

test('T79 rows that come and go between two pages neither hide nor repeat one that stayed', async () => {
  const { client, put } = await registry()
  const make = (names: string[]) => report({ identities: names.map((name) => identity({ name })) })
  await put(make(['b', 'd', 'f', 'h', 'j']), '2026-03-01T00:00:00Z')
  const first = await client.listIdentities({ query: { limit: 2 } })
  assert.deepEqual(
    first.items.map(({ name }) => name),
    ['b', 'd'],
  )
  await put(make(['a', 'c', 'e', 'f', 'h', 'j']), '2026-03-02T00:00:00Z')
  const rest = await client.listIdentities({ query: { limit: 10, cursor: first.nextCursor ?? '' } })
  assert.deepEqual(
    rest.items.map(({ name }) => name),
    ['e', 'f', 'h', 'j'],
  )
})

test('a cursor that was changed, or that belongs to another list, is refused', async () => {
  const { client, put } = await registry()
  await put(
    report({ identities: Array.from({ length: 5 }, (_, n) => identity({ name: `n${n}` })) }),
    '2026-03-01T00:00:00Z',
  )
  const { nextCursor } = await client.listIdentities({ query: { limit: 2 } })
  assert.ok(nextCursor)
  await client.listIdentities({ query: { limit: 3, cursor: nextCursor } })
  const [payload = '', mark = ''] = nextCursor.split('.')
  const position = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  const forged = Buffer.from(JSON.stringify({ ...position, after: 'n0' })).toString('base64url')
  for (const cursor of [
    '',
    'x',
    'x.y',
    payload,
    `${payload}.`,
    `${payload}.AAAA`,
    `${forged}.${mark}`,
    `${nextCursor}.x.y`.slice(0, -6) + '.z',
  ]) {
    await assert.rejects(client.listIdentities({ query: { cursor } }), refusedAs('invalid-cursor'), cursor)
  }
  await assert.rejects(
    client.listIdentities({ query: { cursor: nextCursor, order: 'desc' } }),
    refusedAs('invalid-cursor'),
  )
  await assert.rejects(client.listIdentities({ query: { cursor: nextCursor, q: 'n' } }), refusedAs('invalid-cursor'))
  await assert.rejects(client.listFindings({ query: { cursor: nextCursor } }), refusedAs('invalid-cursor'))
})

test('findings page by severity and rule, each once, and are counted', async () => {
  const { client, put } = await registry()
  const many = Array.from({ length: 9 }, (_, n) => identity({ name: `n${n}`, team: n % 2 ? 'billing' : null }))
  const severities = ['low', 'critical', 'high'] as const
  await put(
    report({
      identities: many,
      teams: [team('billing')],
      findings: many.flatMap((each, n) => [
        finding(each, `rule-${n % 2}`, severities[n % 3] ?? 'low'),
        finding(each, 'always', 'medium'),
      ]),
    }),
    '2026-03-01T00:00:00Z',
  )
  const got: string[] = []
  let cursor: string | undefined
  do {
    const page = await client.listFindings({ query: { limit: 4, ...(cursor ? { cursor } : {}) } })
    assert.equal(page.total, 18)
    got.push(
      ...page.items.map(
        ({ severity, rule, id }) => `${['critical', 'high', 'medium', 'low'].indexOf(severity)} ${rule} ${id}`,
      ),
    )
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  const order = got.map((line) => line.slice(0, line.lastIndexOf(' ')))
  assert.deepEqual(order, [...order].sort())
  assert.equal(new Set(got).size, 18)
  const mine = await client.listFindings({ query: { team: teamId('billing'), rule: 'always' } })
  assert.deepEqual([mine.total, mine.items.every(({ teamName }) => teamName === 'billing')], [4, true])
  assert.deepEqual(
    (await client.listFindings({ query: { q: 'n3' } })).items.map(({ identityName }) => identityName),
    ['n3', 'n3'],
  )
})

test('the registry answers as it was at an instant', async () => {
  const { client, put } = await registry()
  const before = identity({ name: 'ledger', team: null })
  const after = identity({ name: 'ledger', team: 'billing' })
  await put(report({ identities: [before] }), '2026-01-01T00:00:00Z')
  await put(
    report({ identities: [after, identity({ name: 'poster' })], teams: [team('billing')] }),
    '2026-02-01T00:00:00Z',
  )
  await put(report({ identities: [after], teams: [team('billing')] }), '2026-03-01T00:00:00Z')
  const cases: [string, string, string[]][] = [
    ['before anything', '2025-12-31T00:00:00Z', []],
    ['after the first import', '2026-01-15T00:00:00Z', ['ledger unowned']],
    ['after the second', '2026-02-15T00:00:00Z', ['ledger claimed', 'poster unowned']],
    ['after one vanished', '2026-03-15T00:00:00Z', ['ledger claimed']],
  ]
  for (const [name, asOf, want] of cases) {
    const page = await client.listIdentities({ query: { asOf } })
    assert.deepEqual(
      page.items.map((row) => `${row.name} ${row.state}`),
      want,
      name,
    )
    assert.equal(page.total, want.length, name)
    assert.ok(ROUTES.listIdentities.reply.safeParse(page).success, name)
    const told = await client.overview({ query: { asOf } })
    assert.equal(told.identities, want.length, name)
  }
  const then = await client.identity({ params: { id: before.id }, query: { asOf: '2026-01-15T00:00:00Z' } })
  assert.equal(then.identity.accountability.state, 'unowned')
  await assert.rejects(
    client.identity({ params: { id: before.id }, query: { asOf: '2025-01-15T00:00:00Z' } }),
    refusedAs('not-found'),
  )
  for (const query of [
    { rule: 'x' },
    { severity: 'low' as const },
    { presence: 'all' as const },
    { sort: 'findings' as const },
  ]) {
    await assert.rejects(
      client.listIdentities({ query: { ...query, asOf: '2026-01-15T00:00:00Z' } }),
      refusedAs('not-historical'),
      JSON.stringify(query),
    )
  }
})

test('a timeline tells in words what changed and when', async () => {
  const { client, put } = await registry()
  const grant = {
    permission: 's3:GetObject',
    resource: 'labels',
    level: 'read' as const,
    isWildcard: false,
    environment: null,
    condition: null,
    via: 'policy',
    file: 'p.tf',
    line: 1,
  }
  const first = identity({ name: 'ledger', rotatedAt: '2025-01-01T00:00:00.000Z' })
  const rotated = credential(first.id, 'key-0', '2026-02-01T00:00:00.000Z')
  const second: Identity = {
    ...identity({ name: 'ledger', team: 'billing', grants: [grant] }),
    credentials: [rotated, credential(first.id, 'key-1', null)],
  }
  await put(report({ identities: [first] }), '2026-01-01T00:00:00Z')
  await put(report({ identities: [second], teams: [team('billing')] }), '2026-02-01T00:00:00Z')
  await put(report({ identities: [] }), '2026-03-01T00:00:00Z')
  await put(report({ identities: [second], teams: [team('billing')] }), '2026-04-01T00:00:00Z')
  const { items } = await client.identityTimeline({ params: { id: first.id } })
  assert.deepEqual(
    items.map(({ at, kind, summary }) => [at.slice(0, 10), kind, summary]),
    [
      ['2026-04-01', 'returned', 'There again, as it was'],
      ['2026-03-01', 'vanished', 'No longer there: a complete reading of its source did not name it'],
      ['2026-02-01', 'changed', 'Changed: accountability, team, claim, rotated (key-0) and 2 more'],
      ['2026-01-01', 'appeared', 'Seen for the first time'],
    ],
  )
  assert.deepEqual(items[2]?.changes, [
    { field: 'accountability', before: 'unowned', after: 'claimed' },
    { field: 'team', before: null, after: 'billing' },
    { field: 'claim', before: null, after: 'billing (lumen.example/team)' },
    { field: 'rotated (key-0)', before: '2025-01-01T00:00:00.000Z', after: '2026-02-01T00:00:00.000Z' },
    { field: 'credential', before: null, after: 'access-key key-1' },
    { field: 'grant', before: null, after: 's3:GetObject on labels' },
  ])
  const one = await client.identityTimeline({ params: { id: first.id }, query: { limit: 3 } })
  const two = await client.identityTimeline({
    params: { id: first.id },
    query: { limit: 3, cursor: one.nextCursor ?? '' },
  })
  assert.deepEqual([...one.items, ...two.items], items)
})

test('the overview adds up', async () => {
  const { client, put } = await registry()
  const ledger = identity({ name: 'ledger', team: 'billing' })
  const poster = identity({ name: 'poster', environment: 'test', credentials: 3 })
  await put(
    report({
      identities: [ledger, poster],
      teams: [team('billing')],
      scopes: [scope('parcels', null)],
      findings: [
        finding(ledger, 'house-rule', 'high'),
        finding(poster, 'house-rule', 'high'),
        finding(poster, 'unowned', 'critical'),
        finding(poster, 'dormant', 'low', 'unknown'),
      ],
    }),
    '2026-03-01T00:00:00Z',
  )
  const told = await client.overview()
  assert.deepEqual([told.identities, told.credentials, told.vanished, told.sources], [2, 4, 0, 1])
  assert.deepEqual([told.byState.claimed, told.byState.unowned], [1, 1])
  assert.deepEqual(
    told.byEnvironment.map(({ environment, byState }) => [environment, byState.claimed + byState.unowned]).sort(),
    [
      ['production', 1],
      ['test', 1],
    ],
  )
  assert.deepEqual(
    told.byTeam.map((row) => [row.team?.name ?? null, row.findings]),
    [
      [null, 2],
      ['billing', 1],
    ],
  )
  assert.deepEqual(
    told.needs.map(({ rule, count, teams }) => [rule, count, teams]),
    [
      ['unowned', 1, 0],
      ['house-rule', 2, 1],
    ],
  )
  assert.deepEqual(
    told.unknowns.map(({ rule, count }) => [rule, count]),
    [['dormant', 1]],
  )
})

test('T58 a cell that a spreadsheet would run is text', () => {
  const cases: [string, string][] = [
    ['=1+1', `"'=1+1"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\t=1', `"'\t=1"`],
    ['  =1', `"'  =1"`],
    ['\r=1', `"'\r=1"`],
    ['＝1', `"'＝1"`],
    ['|calc', `"'|calc"`],
    ['%1', `"'%1"`],
    ['a=b', '"a=b"'],
    ['say "no"', '"say ""no"""'],
    ['two\nlines', '"two\nlines"'],
  ]
  for (const [given, want] of cases) assert.equal(csvCell(given), want, given)
  fc.assert(
    fc.property(fc.string(), (text) => {
      const cell = csvCell(text)
      assert.ok(!/^"\s*[=+\-@]/.test(cell))
      assert.equal(cell.slice(1, -1).replaceAll('""', '').includes('"'), false)
    }),
  )
})

test('T58 the export has a row for each identity that the filter names, in safe cells', async () => {
  const { client, put } = await registry()
  const names = ['=HYPERLINK("https://evil.example")', 'plain', ...Array.from({ length: 700 }, (_, n) => `n${n}`)]
  await put(
    report({
      identities: names.map((name, n) =>
        identity({ name, uid: String(n), environment: n < 2 ? 'production' : 'test' }),
      ),
    }),
    '2026-03-01T00:00:00Z',
  )
  const lines = (await client.exportIdentities()).trimEnd().split('\r\n')
  assert.equal(lines.length, 703)
  assert.ok(lines.some((line) => line.includes(`"'=HYPERLINK(""https://evil.example"")"`)))
  assert.equal(
    (await client.exportIdentities({ query: { environment: 'production' } })).trimEnd().split('\r\n').length,
    3,
  )
})

test('a re-run of the rules stores what a fresh judgement finds, and leaves alone what stands', async () => {
  const { client, put, look, connection } = await registry()
  const old = identity({ name: 'ledger', team: 'billing', rotatedAt: '2026-02-20T00:00:00.000Z', credentials: 2 })
  const given = report({
    identities: [old, identity({ name: 'poster' })],
    teams: [team('billing')],
    scopes: [scope('parcels', null)],
    asOf: '2026-03-01T00:00:00.000Z',
  })
  await put(given, '2026-03-01T00:00:00Z')
  const address = connection as Parameters<typeof rejudge>[0]
  const failing = async (): Promise<string[]> =>
    (await look.query<{ id: string }>('select id from finding where identity_id is not null order by id')).rows.map(
      ({ id }) => id,
    )
  for (const asOf of ['2026-03-01T00:00:00.000Z', '2027-03-01T00:00:00.000Z']) {
    await rejudge(address, new Date(asOf), () => {})
    const estate = {
      asOf: new Date(asOf),
      teams: new Map(given.teams.map((each) => [each.id, each])),
      knowsGroups: true,
      usageCoverage: new Map(),
      limits: DEFAULT_CONVENTIONS.limits,
    }
    const fresh = given.identities.flatMap((each) => judgeIdentity(each, estate))
    const scopes = given.scopes.flatMap((each) => judgeScope(each, estate))
    const want = (verdict: Finding['verdict']) => fresh.filter((each) => each.verdict === verdict)
    assert.deepEqual(
      await failing(),
      want('fail')
        .map(({ id }) => id)
        .sort(),
      asOf,
    )
    const told = await client.overview()
    assert.equal(
      told.unknowns.reduce((sum, { count }) => sum + count, 0),
      want('unknown').length + scopes.filter(({ verdict }) => verdict === 'unknown').length,
      asOf,
    )
    const detail = await client.identity({ params: { id: old.id } })
    const words = new Map(
      want('fail')
        .filter(({ identity: id }) => id === old.id)
        .map(({ id, title, detail: said }) => [id, `${title} ${said}`]),
    )
    assert.deepEqual(new Map(detail.findings.map(({ id, title, detail: said }) => [id, `${title} ${said}`])), words)
    const [row] = (await client.listIdentities({ query: { q: 'ledger' } })).items
    assert.equal(
      Object.values(row?.findings ?? {}).reduce((sum, count) => sum + count, 0),
      words.size,
    )
  }
  const written = async () =>
    (await look.query('select id, xmin from finding where identity_id is not null order by id')).rows
  const before = await written()
  await rejudge(address, new Date('2027-03-02T00:00:00.000Z'), () => {})
  assert.deepEqual(await written(), before, 'nothing is written because a finding is a day older')
})

test('the ranges of a re-run cover every version once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1_000 }),
      fc.integer({ min: 0, max: 1_000 }),
      fc.integer({ min: 1, max: 16 }),
      (from, length, parts) => {
        const ranges = cuts(from, from + length, parts)
        assert.equal(
          ranges.reduce((sum, range) => sum + range.to - range.from, 0),
          length,
        )
        for (const [index, range] of ranges.entries())
          assert.equal(range.from, index === 0 ? from : ranges[index - 1]?.to)
      },
    ),
  )
})

test('the tables are what the code says they are', async () => {
  const { look } = await registry()
  const folder = new URL('../db/', import.meta.url)
  const names = (await readdir(folder)).filter((name) => name.endsWith('tables.ts'))
  const files = names.map((name) => readFile(new URL(name, folder), 'utf8'))
  const text = (await Promise.all(files)).join('\n')
  const { rows } = await look.query<{
    table_name: string
    column_name: string
  }>(`select table_name, column_name from information_schema.columns
    where table_schema = 'public' and table_name <> 'migration'`)
  for (const { table_name: table, column_name: column } of rows)
    assert.match(text, new RegExp(`\\b${column}\\b`), `${table}.${column}`)
})
