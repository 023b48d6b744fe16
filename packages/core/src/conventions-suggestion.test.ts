import assert from 'node:assert/strict'
import test from 'node:test'
import { collectTags, findPlatformGroups, suggestConventions, type TagUse } from './conventions-suggestion.ts'
import type { Observation, Tag } from './observation.ts'

const place = { file: 'a.yaml', line: 1 }
const scope = (name: string, record: Record<string, string>): Observation => ({
  type: 'scope',
  ref: { kind: 'kubernetes-namespace', realm: '', name },
  place,
  isDefined: true,
  tags: Object.entries(record).map(([key, value]): Tag => ({ key, value, line: 1 })),
})
const uses = (record: Record<string, [count: number, ...samples: string[]]>): Map<string, TagUse> =>
  new Map(Object.entries(record).map(([key, [count, ...samples]]) => [key, { count, samples }]))

test('tags of scopes and identities are counted by key, with a few of their values', () => {
  const many = Array.from({ length: 30 }, (_, i) => scope(`n${i}`, { team: `t${i % 12}`, note: 'x'.repeat(5_000) }))
  const identity: Observation = {
    type: 'identity',
    ref: { system: 'aws', realm: '', path: 'a' },
    kind: 'cloud-principal',
    name: 'a',
    place,
    nativeRef: 'a',
    isDefined: true,
    tags: [{ key: 'team', value: 't1', line: 1 }],
  }
  const found = collectTags([...many, identity, { type: 'function', name: 'f', place }])
  assert.equal(found.get('team')?.count, 31)
  assert.deepEqual(found.get('team')?.samples, ['t0', 't1', 't2', 't3', 't4', 't5', 't6', 't7'])
  assert.equal(found.get('note')?.count, 30)
  assert.ok((found.get('note')?.samples[0]?.length ?? 0) <= 200)
})

test('groups that administer a cluster or approve every change may run the platform', () => {
  const binding = (namespace: string | null, role: string, group: string): Observation => ({
    type: 'kubernetes-binding',
    realm: '',
    namespace,
    name: 'b',
    role: { kind: 'ClusterRole', name: role },
    place,
    subjects: [
      { kind: 'Group', name: group, namespace: null, line: 1 },
      { kind: 'User', name: 'jane', namespace: null, line: 2 },
    ],
  })
  const rules = [
    { pattern: '*', owners: ['@acme/cloud', '@jane'], line: 1 },
    { pattern: '/payments/', owners: ['@acme/payments'], line: 2 },
  ]
  const groups = findPlatformGroups([
    binding(null, 'cluster-admin', 'github:platform'),
    binding(null, 'view', 'github:auditors'),
    binding('payments', 'admin', 'github:payments'),
    binding(null, 'cluster-admin', 'system:masters'),
    { type: 'codeowners', root: '', file: 'CODEOWNERS', rules },
  ])
  assert.deepEqual(groups, ['@acme/cloud', 'github:platform'])
})

test('a suggestion says what is recognised, what could be meant and what means nothing yet', () => {
  const text = suggestConventions(
    uses({
      'acme.example/team-name': [59, 'payments', '', 'ledger'],
      'acme.example/row-in-ledger': [40, '4711'],
      lumen_team: [9, 'blue'],
      acmeCostCentre: [8, '4711'],
      rare: [2, 'x'],
      'app.kubernetes.io/instance': [99, 'web'],
      env: [20, 'blau', 'prod', 'n/a'],
    }),
    ['@acme/platform'],
  )
  const lines = [
    '#   team: "acme.example/team-name"  # 59 uses: "payments", "ledger"',
    '#   environment: "env"  # 20 uses: "blau", "prod", "n/a"',
    '#  team:',
    '#    - "lumen_team"  # 9 uses: "blue"',
    '#  business-unit:',
    '#    - "acmeCostCentre"  # 8 uses: "4711"',
    '#     - "acme.example/row-in-ledger"  # 40 uses: "4711"',
    '# Understood: "prod"',
    '#  "blau":',
    '#  - "@acme/platform"',
  ]
  for (const line of lines) assert.ok(text.split('\n').includes(line), `${line}\nin\n${text}`)
  for (const word of ['rare', 'app.kubernetes.io', '"n/a":']) assert.equal(text.includes(word), false, word)
})

test('long lists are cut, and say so', () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, i): [string, [number]] => [`unheard-of-${i}`, [5]]))
  const text = suggestConventions(uses(many))
  assert.match(text, /^# and 140 more$/m)
  assert.ok(text.split('\n').length < 120)
})

test('values that could be secrets are not shown', () => {
  // Put together here, so that no scanner takes this file for a leak.
  const secrets = [
    ['AK', 'IAIOSFODNN7EXAMPLE'],
    ['gh', 'p_abcdefghijklmnopqrstuvwxyz0123456789'],
    ['-----BEG', 'IN PRIVATE KEY-----'],
    ['https://bot:hun', 'ter2@git.example/x'],
    ['https://blob.example/x?sig=', 'abc'],
    ['3f2504e0-4f89-41d3', '-9a0c-0305e82c3301'],
    ['d41d8cd98f00b204', 'e9800998ecf8427e'],
    ['my pass', 'word is blue'],
    ['ey', 'JhbGciOiJIUzI1NiJ9.e30.x'],
    ['abc-Q8r5t', '2y7u9i1o3p5a7-x'],
  ].map((parts) => parts.join(''))
  const text = suggestConventions(
    uses({ 'acme.example/note': [9, ...secrets], env: [9, ...secrets], 'db-password': [9, 'hunter2'] }),
  )
  for (const secret of [...secrets, 'hunter2']) assert.equal(text.includes(secret.slice(0, 20)), false, secret)
  const harmless = [
    'payments',
    '2026-03-20',
    'payments@corp.example',
    'https://git.example/acme/payments',
    '123456789012',
    'acme-payments-prod-eu-west-1',
  ]
  const shown = suggestConventions(uses(Object.fromEntries(harmless.map((value, i) => [`unheard-${i}`, [9, value]]))))
  for (const value of harmless) assert.ok(shown.includes(JSON.stringify(value)), value)
})

test('hostile keys and values cannot leave their comment', () => {
  const hostile = [
    'a\nkeys: {team: [evil]}',
    'a\r\nx: 1',
    'a\u2028b: 1',
    'a\u0085b: 1',
    '"\n- b',
    '# x',
    '\u202egnp',
    `${'x'.repeat(400)}: y`,
  ]
  const text = suggestConventions(
    uses({
      ...Object.fromEntries(hostile.map((key): [string, [number]] => [key, [9]])),
      plain: [9, ...hostile.slice(0, 3)],
      env: [9, ...hostile],
      note: [9, ...hostile.slice(3)],
    }),
    hostile,
  )
  for (const line of text.split(/[\n\r\u2028\u0085]/)) {
    assert.match(line, /^(?:#|$|version: 1$|dateOrder: day-month$|\w+:$)/)
    assert.doesNotMatch(line, /\p{Cc}|\p{Cf}/u)
  }
})
