/** The built-in conventions on a real estate, against what its owners say about each namespace. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { DEFAULT_CONVENTIONS, interpret, readOwner, type Meaning } from '@onus/core/conventions.ts'
import { environmentOfPath, readEnvironment } from '@onus/core/environment.ts'
import { mapAt } from '../ci/scalars.ts'
import { readYaml } from '../files/yaml.ts'
import { sharedData } from '../testing/shared-data.ts'

type Truth = {
  distinct_owner_strings: number
  ownership: Record<
    string,
    {
      owner: string | null
      team: string | null
      slack: string | null
      source: string | null
      production: string | null
    }
  >
}
type Namespace = {
  name: string
  directory: string
  annotations: Record<string, unknown>
  meant: { meaning: Meaning; key: string; value: string }[]
}

const estate = sharedData('estates/moj-cloud-platform')
const skip = estate ? false : 'no shared data beside this checkout'

function namespacesIn(root: string): Namespace[] {
  return globSync('repo/**/*.{yaml,yml}', { cwd: root })
    .sort()
    .flatMap((file) => {
      return readYaml(readFileSync(join(root, file), 'utf8')).documents.flatMap(({ value }) => {
        const metadata = mapAt(value, 'metadata')
        if (mapAt({ value }, 'value')['kind'] !== 'Namespace') return []
        const annotations = { ...mapAt(metadata, 'labels'), ...mapAt(metadata, 'annotations') }
        const tags = Object.entries(annotations).map(([key, text], i) => ({ key, value: String(text), line: i + 1 }))
        return [
          {
            name: String(metadata['name']),
            directory: file.slice(0, file.lastIndexOf('/')),
            annotations,
            meant: interpret(tags, DEFAULT_CONVENTIONS),
          },
        ]
      })
    })
}

function truthOf(root: string): Truth {
  return JSON.parse(readFileSync(join(root, 'truth.json'), 'utf8')) as Truth // the shape is that of the file
}

test('every namespace means what its truth says, without a conventions file', { skip }, () => {
  assert.ok(estate)
  const { ownership } = truthOf(estate)
  const namespaces = namespacesIn(estate)
  assert.deepEqual(namespaces.map(({ name }) => name).sort(), Object.keys(ownership).sort())
  for (const { name, meant } of namespaces) {
    const valuesOf = (meaning: Meaning): string[] =>
      meant.filter((one) => one.meaning === meaning).map(({ value }) => value)
    const one = (value: string | null | undefined): string[] => (value === null || value === undefined ? [] : [value])
    const truth = ownership[name]
    assert.deepEqual(valuesOf('owner'), one(truth?.owner), `${name} owner`)
    assert.deepEqual(valuesOf('team'), one(truth?.team), `${name} team`)
    assert.deepEqual(valuesOf('source-code'), one(truth?.source), `${name} source`)
    assert.deepEqual(valuesOf('production'), one(truth?.production), `${name} production`)
    assert.ok(valuesOf('contact').includes(truth?.slack ?? ''), `${name} contact`)
  }
})

test('every owner is read as a team with a label, and none of the shared mailboxes as a person', { skip }, () => {
  assert.ok(estate)
  const truth = truthOf(estate)
  const owners = [...new Set(Object.values(truth.ownership).flatMap(({ owner }) => owner ?? []))]
  assert.equal(owners.length, truth.distinct_owner_strings)
  for (const raw of owners) {
    const owner = readOwner(raw)
    assert.equal(owner.isPersonLike, false, raw)
    assert.ok(owner.label !== null && raw.startsWith(owner.label), raw)
    assert.equal(owner.addresses.length, raw.includes('@') ? 1 : 0, raw)
    assert.deepEqual(owner.channels, [], raw)
  }
})

test(
  'stated environments are understood, and names guess no other side of production than the flag states',
  { skip },
  () => {
    assert.ok(estate)
    for (const { name, directory, meant } of namespacesIn(estate)) {
      const stated = meant.find(({ meaning }) => meaning === 'environment')?.value ?? ''
      assert.notEqual(readEnvironment(stated, DEFAULT_CONVENTIONS).environment, null, `${name}: ${stated}`)
      const flag = meant.find(({ meaning }) => meaning === 'production')?.value === 'true'
      const guess = environmentOfPath(`${directory}/main.tf`, DEFAULT_CONVENTIONS)
      if (guess && guess.confidence !== 'low') assert.equal(guess.isProduction, flag, `${name}: ${guess.environment}`)
    }
  },
)
