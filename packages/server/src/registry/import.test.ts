import { test } from 'node:test'
import assert from 'node:assert/strict'
import type pg from 'pg'
import type { ScanReport } from '@onus/core/report.ts'
import { Refused } from '../http/refused.ts'
import { connect, testDatabases } from '../testing/database.ts'
import { finding, identity, report, scope, team } from '../testing/reports.ts'
import { findingsDigest } from './columns.ts'
import type { Standing } from './columns.ts'
import { importReport } from './import.ts'
import { memoryReport } from './report-source.ts'

const databases = await testDatabases()
const fresh = async (): Promise<pg.Client> => connect(await databases.fresh())
let clock = Date.parse('2026-04-01T00:00:00Z')
const run = (client: pg.Client, given: ScanReport, source: string | null = null) =>
  importReport(client, memoryReport(given), { source, at: new Date((clock += 3_600_000)) }, () => {})
const counts = ({ appeared, changed, unchanged, vanished, returned }: Awaited<ReturnType<typeof run>>) => ({
  appeared,
  changed,
  unchanged,
  vanished,
  returned,
})
const none = { appeared: 0, changed: 0, unchanged: 0, vanished: 0, returned: 0 }
async function all<T>(client: pg.Client, text: string, values: unknown[] = []): Promise<T[]> {
  return (await client.query(text, values)).rows as T[]
}

test('a re-import replaces what was observed and tells apart what came, changed, went and returned', async () => {
  const client = await fresh()
  const ledger = identity({ name: 'ledger', team: 'billing' })
  const poster = identity({ name: 'poster' })
  const teams = [team('billing')]
  const steps: [string, ScanReport, object][] = [
    ['the first import', report({ identities: [ledger, poster], teams }), { ...none, appeared: 2 }],
    ['the same again', report({ identities: [ledger, poster], teams }), { ...none, unchanged: 2 }],
    [
      'a team is named',
      report({ identities: [ledger, identity({ name: 'poster', team: 'billing' })], teams }),
      { ...none, changed: 1, unchanged: 1 },
    ],
    ['one is gone', report({ identities: [ledger], teams }), { ...none, unchanged: 1, vanished: 1 }],
    ['still gone', report({ identities: [ledger], teams }), { ...none, unchanged: 1 }],
    ['it is back', report({ identities: [ledger, poster], teams }), { ...none, unchanged: 1, returned: 1 }],
  ]
  for (const [name, given, want] of steps) assert.deepEqual(counts(await run(client, given)), want, name)
  const versions = await all<{ open: boolean }>(
    client,
    'select valid_to is null as open from identity_version where identity_id = $1 order by valid_from',
    [poster.id],
  )
  assert.deepEqual(
    versions.map(({ open }) => open),
    [false, false, true],
  )
})

test('a definition that only moved to another line makes no version, but its evidence is renewed', async () => {
  const client = await fresh()
  await run(client, report({ identities: [identity({ name: 'ledger', line: 7 })] }))
  const result = await run(client, report({ identities: [identity({ name: 'ledger', line: 90 })] }))
  assert.deepEqual(counts(result), { ...none, unchanged: 1 })
  const versions = await all<{ line: number }>(
    client,
    "select (document->'source'->>'line')::int as line from identity_version",
  )
  assert.deepEqual(versions, [{ line: 90 }])
  assert.deepEqual(await all(client, 'select line from identity'), [{ line: 90 }])
})

test('only a complete reading of the same paths may say that something vanished', async () => {
  const ledger = identity({ name: 'ledger' })
  const bucket = identity({ name: 'bucket', system: 'aws' })
  const cases: [string, ScanReport, number, RegExp | null][] = [
    ['complete', report({ identities: [] }), 2, null],
    [
      'a file of a reader that yields this system was not read',
      report({ identities: [], isComplete: false }),
      1,
      /kubernetes.*1 thing could not be read/,
    ],
    [
      'a reader that yields no identities missed something',
      report({ identities: [], reader: 'codeowners', isComplete: false }),
      2,
      null,
    ],
    [
      'an unknown reader missed something',
      report({ identities: [], reader: 'mainframe', isComplete: false }),
      0,
      /1 thing could not be read \(mainframe\)/,
    ],
    ['another path', report({ identities: [], path: '/estates/other' }), 0, /does not cover `\/estates\/lumen`/],
    ['no file at all', report({ identities: [], files: 0 }), 0, /read no file/],
  ]
  for (const [name, given, vanished, note] of cases) {
    const client = await fresh()
    await run(client, report({ identities: [ledger, bucket] }), 'lumen')
    const result = await run(client, given, 'lumen')
    assert.equal(result.vanished, vanished, name)
    if (note) assert.match(result.note ?? '', note, name)
    else assert.equal(result.note, null, name)
  }
})

test('an identity that was not read keeps its findings; one that vanished has none', async () => {
  const ledger = identity({ name: 'ledger' })
  const given = report({ identities: [ledger], findings: [finding(ledger, 'unowned', 'high')] })
  for (const [name, isComplete, want] of [
    ['not read', false, 1],
    ['vanished', true, 0],
  ] as const) {
    const client = await fresh()
    await run(client, given)
    await run(client, report({ isComplete }))
    assert.equal((await all(client, 'select id from finding')).length, want, name)
    assert.deepEqual(await all(client, 'select high, worst from identity'), [{ high: want, worst: want * 3 }], name)
  }
})

test('T95 a name that is used again under another uid is another identity and inherits nothing', async () => {
  const client = await fresh()
  const old = identity({ name: 'ledger', uid: 'AIDA1', team: 'billing', purpose: 'posts invoices', state: 'claimed' })
  const again = identity({ name: 'ledger', uid: 'AIDA2', team: null })
  await run(
    client,
    report({ identities: [old], teams: [team('billing')], findings: [finding(old, 'too-old', 'high')] }),
  )
  const result = await run(client, report({ identities: [again], teams: [team('billing')] }))
  assert.deepEqual(counts(result), { ...none, appeared: 1, vanished: 1 })
  assert.notEqual(old.id, again.id)
  const [row] = await all<Record<string, unknown>>(
    client,
    'select team, state, high, worst from identity where id = $1',
    [again.id],
  )
  assert.deepEqual(row, { team: null, state: 'unowned', high: 0, worst: 0 })
  assert.deepEqual(
    await all(client, "select document->>'purpose' as purpose from identity_version where identity_id = $1", [
      again.id,
    ]),
    [{ purpose: null }],
  )
})

test('an identity that two sources report stays with the first until that one says it vanished', async () => {
  const client = await fresh()
  const mine = identity({ name: 'ledger', team: 'billing' })
  const theirs = identity({ name: 'ledger', team: 'thieves' })
  await run(client, report({ identities: [mine], teams: [team('billing')] }), 'first')
  const stolen = await run(
    client,
    report({ identities: [theirs], teams: [team('thieves')], findings: [finding(theirs, 'x', 'low')] }),
    'second',
  )
  assert.match(stolen.note ?? '', /1 identities are held by another source \(`first`\)/)
  assert.deepEqual(await all(client, 'select team_name from identity'), [{ team_name: 'billing' }])
  assert.deepEqual(await all(client, 'select id from finding'), [])
  await run(client, report({ identities: [] }), 'first')
  const taken = await run(client, report({ identities: [theirs], teams: [team('thieves')] }), 'second')
  assert.equal(taken.returned, 1)
  assert.deepEqual(await all(client, 'select team_name from identity'), [{ team_name: 'thieves' }])
})

test('counts, sums and the digest of findings follow the findings', async () => {
  const client = await fresh()
  const ledger = identity({ name: 'ledger', team: 'billing' })
  const poster = identity({ name: 'poster', environment: null })
  const findings = [
    finding(ledger, 'too-old', 'high'),
    finding(ledger, 'wildcard', 'critical'),
    finding(poster, 'too-old', 'high'),
    finding(poster, 'dormant', 'low', 'unknown'),
  ]
  await run(
    client,
    report({ identities: [ledger, poster], teams: [team('billing')], findings, scopes: [scope('parcels', 'billing')] }),
  )
  assert.deepEqual(
    await all(
      client,
      'select low, medium, high, critical, worst, rules, finding_rank::int from identity where id = $1',
      [ledger.id],
    ),
    [
      {
        low: 0,
        medium: 0,
        high: 1,
        critical: 1,
        worst: 4,
        rules: ['too-old', 'wildcard'],
        finding_rank: 1_001_000_000,
      },
    ],
  )
  const stored = await all<Standing>(client, 'select id, severity, team from finding where identity_id = $1', [
    ledger.id,
  ])
  assert.deepEqual(await all(client, 'select findings_digest from identity_version where identity_id = $1 and valid_to is null', [ledger.id]), [
    { findings_digest: findingsDigest(stored) },
  ])
  assert.deepEqual(
    await all(client, 'select rule, fail, unknown from rule_count order by rule, fail, team nulls last'),
    [
      { rule: 'dormant', fail: 0, unknown: 1 },
      { rule: 'too-old', fail: 1, unknown: 0 },
      { rule: 'too-old', fail: 1, unknown: 0 },
      { rule: 'wildcard', fail: 1, unknown: 0 },
    ],
  )
  assert.deepEqual(
    await all(
      client,
      "select environment, identities from tally where grain = 'environment' order by environment nulls last",
    ),
    [
      { environment: 'production', identities: 1 },
      { environment: null, identities: 1 },
    ],
  )
  // One finding goes, the other stays as it was.
  await run(client, report({ identities: [ledger, poster], teams: [team('billing')], findings: findings.slice(0, 1) }))
  assert.deepEqual(await all(client, 'select high, critical, rules from identity order by name'), [
    { high: 1, critical: 0, rules: ['too-old'] },
    { high: 0, critical: 0, rules: [] },
  ])
})

test('a finding that a report has twice is stored and counted once, read again or not', async () => {
  const client = await fresh()
  const ledger = identity({ name: 'ledger', team: 'billing' })
  const old = finding(ledger, 'too-old', 'high')
  const wild = finding(ledger, 'wildcard', 'critical')
  const steps = [
    [old, old],
    [old, wild, old],
    [wild, wild],
  ]
  for (const findings of steps) {
    await run(client, report({ identities: [ledger], teams: [team('billing')], findings }))
    const once = [...new Set(findings.map(({ id }) => id))].sort()
    assert.deepEqual(await all(client, 'select id from finding order by id'), once.map((id) => ({ id })))
    const [{ high, critical } = { high: -1, critical: -1 }] = await all<{ high: number; critical: number }>(
      client,
      'select high, critical from identity',
    )
    assert.deepEqual([high, critical], [Number(findings.includes(old)), Number(findings.includes(wild))])
  }
})

test('T98 an unknown field is left out and told; an unknown word in a known field is refused by name', async () => {
  const client = await fresh()
  const given = report({ identities: [identity({ name: 'ledger' })] })
  const extended = {
    ...given,
    mood: 'fine',
    identities: [{ ...given.identities[0], aura: 'blue' }],
  } as unknown as ScanReport
  const result = await run(client, extended)
  assert.match(result.note ?? '', /2 unknown fields were left out: `mood` \(1\), `identities\[\]\.aura` \(1\)\./)
  assert.deepEqual(await all(client, "select document->'aura' as aura from identity_version"), [{ aura: null }])
  const odd = { ...given, identities: [{ ...given.identities[0], kind: 'robot' }] } as unknown as ScanReport
  await assert.rejects(
    run(client, odd),
    (error) =>
      error instanceof Refused && error.code === 'invalid-report' && error.errors[0]?.field === 'identities[0].kind',
  )
  assert.equal((await all(client, 'select id from import')).length, 1)
})

test('a report that fails in the middle changes nothing', async () => {
  const client = await fresh()
  const ledger = identity({ name: 'ledger' })
  await run(client, report({ identities: [ledger] }))
  const before = await all(client, 'select * from identity')
  const broken = report({
    identities: [identity({ name: 'other' }), { ...ledger, name: 5 } as unknown as typeof ledger],
  })
  await assert.rejects(run(client, broken), Refused)
  assert.deepEqual(await all(client, 'select * from identity'), before)
  assert.equal((await all(client, 'select id from identity_version')).length, 1)
})

test('hostile text is stored as text', async () => {
  const client = await fresh()
  const names = [
    "'; drop table identity; --",
    '<img src=x onerror=alert(1)>',
    'a\tb\nc\\d',
    'nul\u0000byte',
    '\ud800lone',
    '__proto__',
    'x'.repeat(5_000),
  ]
  await run(
    client,
    report({ identities: names.map((name) => identity({ name, tags: { ['__proto__']: 'x', constructor: 'y' } })) }),
  )
  const rows = await all<{ name: string }>(
    client,
    `select document->>'name' as name from identity_version
      where document::text not like '%\\u0000%' and document::text not like '%\\ud800%'`,
  )
  assert.deepEqual(rows.map(({ name }) => name).sort(), names.filter((name) => !/[\0\ud800]/.test(name)).sort())
  assert.equal((await all(client, 'select id from identity')).length, names.length)
})

test('the path names the source, unless it means another folder on every machine', async () => {
  const client = await fresh()
  assert.equal(
    (await run(client, report({ path: '/estates/a' }))).sourceId,
    (await run(client, report({ path: '/estates/a' }), '/estates/a')).sourceId,
  )
  await assert.rejects(
    run(client, report({ path: '.' })),
    (error) => error instanceof Refused && error.code === 'source-name-needed',
  )
  assert.ok(await run(client, report({ path: '.' }), 'lumen'))
})
