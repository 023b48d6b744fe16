import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import fc from 'fast-check'
import { Conventions, DEFAULT_CONVENTIONS } from '@onus/core/conventions.ts'
import { suggestConventions } from '@onus/core/conventions-suggestion.ts'
import { readConventions } from './index.ts'
import { nearest } from '../files/nearest.ts'

const problems = (text: string): string[] => {
  const read = readConventions(text, 'onus.conventions.yaml')
  return 'problems' in read ? read.problems.map(({ line, field, reason }) => `${line} ${field}: ${reason}`) : []
}

test('a file that says everything is read as it is written', () => {
  const read = readConventions(
    `version: 1
keys:
  team: [acme.example/kostenstelle]
  environment: [acme.example/stufe]
ignore: [team]
environments: { blau: production, rot: dr, gelb: prod }
platformTeams: [cloud]
securityTeams: [guard]
teamAliases: { Warehouse Wizards: fulfilment }
dateOrder: month-day
limits: { credentialAgeDays: 180 }
`,
    'x',
  )
  assert.deepEqual(read, {
    conventions: {
      version: 1,
      keys: { team: ['acme.example/kostenstelle'], environment: ['acme.example/stufe'] },
      ignore: ['team'],
      environments: { blau: 'production', rot: 'dr', gelb: 'prod' },
      platformTeams: ['cloud'],
      securityTeams: ['guard'],
      teamAliases: { 'Warehouse Wizards': 'fulfilment' },
      dateOrder: 'month-day',
      limits: { credentialAgeDays: 180, certificateAgeDays: 398, dormantDays: 90 },
    },
  })
})

test('the version alone, and sections that hold nothing, are the built-in conventions', () => {
  for (const text of ['version: 1\n', 'version: 1\nkeys:\nignore:\nlimits:\n', '{"version": 1}']) {
    assert.deepEqual(readConventions(text, 'x'), { conventions: DEFAULT_CONVENTIONS }, text)
  }
})

test('every mistake is named with its line, its field and what was probably meant', () => {
  const table: [text: string, want: string[]][] = [
    ['version: 1\nkeys:\n  tem: [a]\n', ['3 keys.tem: is unknown; did you mean `team`?']],
    ['version: 1\nenviroments: {}\n', ['2 enviroments: is unknown; did you mean `environments`?']],
    ['version: 1\nlimits:\n  dormantDay: 3\n', ['3 limits.dormantDay: is unknown; did you mean `dormantDays`?']],
    ['version: 1\nlimits: { dormantDays: 0 }\n', ['2 limits.dormantDays: must be more than 0']],
    ['version: 1\nlimits: { dormantDays: 1.5 }\n', ['2 limits.dormantDays: must be a whole number']],
    ['version: 2\n', ['1 version: must be `1`']],
    ['keys: {}\n', ['1 version: must be `1`']],
    ['version: 1\nkeys: { team: a }\n', ['2 keys.team: must be a list']],
    ['version: 1\nkeys: { team: [1] }\n', ['2 keys.team[0]: must be a text (put it in quotes)']],
    ['version: 1\ndateOrder: mdy\n', ['2 dateOrder: must be `day-month` or `month-day`']],
    ['version: 1\nenvironments: { blau: prodction }\n', ['2 environments.blau: did you mean `production`?']],
    ['version: 1\nteamAliases: [a]\n', ['2 teamAliases: must be a mapping']],
    ['version: 1\n---\nversion: 1\n', ['3 : holds more than one document']],
    ['', ['1 : is empty: write at least `version: 1`']],
    ['[]', ['1 : must be a mapping']],
    [
      'version: 1\nx: 1\nignore: x\n',
      [
        `2 x: is unknown; known are ${Object.keys(Conventions.shape).join(', ')}`,
        '3 ignore: must be a list',
      ],
    ],
  ]
  for (const [text, want] of table) assert.deepEqual(problems(text), want, text)
  assert.match(problems('version: 1\nkeys: { team: [a] }\nkeys: { owner: [b] }\n').join(), /^3 : /, 'equal keys')
})

test('T50, T62: hostile YAML is refused or harmless, and no value is quoted', () => {
  assert.ok(problems('a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nversion: 1\n').length > 0)
  assert.ok(problems('version: !!js/function "return 1"\n').length > 0)
  const read = readConventions(
    'version: 1\n__proto__: { polluted: true }\nkeys: { __proto__: [a] }\nenvironments: { __proto__: live }\n',
    'x',
  )
  assert.ok('problems' in read)
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  assert.equal(
    problems('version: 1\nkeys: { team: [ "EXAMPLE-NOT-A-SECRET }\n').some((one) => one.includes('EXAMPLE')),
    false,
  )
  for (const one of problems('version: 1\n"a\\u0007\\u202eb": 1\n')) assert.doesNotMatch(one, /\p{Cc}|\p{Cf}/u)
})

test('no text makes the reader throw', () => {
  const pieces = fc.array(
    fc.constantFrom(
      'version: 1\n',
      'keys:',
      '\n',
      '  team: ',
      '[a]',
      '{',
      '}',
      ': ',
      '-',
      '"',
      '&a ',
      '*a',
      '|',
      '\t',
      '💥',
    ),
    { maxLength: 20 },
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        pieces.map((parts) => parts.join('')),
      ),
      (text) => {
        const read = readConventions(text, 'x')
        if ('problems' in read) for (const { line } of read.problems) assert.ok(line >= 1)
      },
    ),
    { numRuns: 1_000 },
  )
})

test('the nearest name is one that a slip of the finger explains', () => {
  const table: [word: string, want: string | null][] = [
    ['tem', 'team'],
    ['Team', 'team'],
    ['ownr', 'owner'],
    ['conatct', 'contact'],
    ['zebra', null],
    ['', null],
    ['x'.repeat(10_000), null],
  ]
  for (const [word, want] of table) assert.equal(nearest(word, ['team', 'owner', 'contact', 'environment']), want, word)
})

test('a suggestion is a valid file, as it stands and with every proposal taken up', () => {
  const tags = new Map([
    ['acme.example/kostenstelle', { count: 40, samples: ['4711'] }],
    ['lumen_team', { count: 9, samples: ['a "b" #c'] }],
    ['other-team', { count: 9, samples: ['x: y'] }],
    ['acme-owner', { count: 9, samples: [] }],
    ['env', { count: 20, samples: ['blau', 'prod'] }],
    ['team', { count: 20, samples: ['a'] }],
  ])
  const text = suggestConventions(tags, ['@acme/platform'])
  assert.deepEqual(readConventions(text, 'x'), { conventions: DEFAULT_CONVENTIONS })
  const takenUp = text.replace(/^#( {2}| {4})(?=\S)/gm, '$1').replace('"blau":', '"blau": production')
  assert.deepEqual(readConventions(takenUp, 'x'), {
    conventions: {
      ...DEFAULT_CONVENTIONS,
      keys: { team: ['lumen_team', 'other-team'], owner: ['acme-owner'] },
      environments: { blau: 'production' },
      platformTeams: ['@acme/platform'],
    },
  })
})

test('the example company keeps a valid file', () => {
  const file = new URL('../../../../examples/lumen-parcel/onus.conventions.yaml', import.meta.url)
  assert.ok('conventions' in readConventions(readFileSync(file, 'utf8'), 'onus.conventions.yaml'))
})
