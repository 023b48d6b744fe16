import { test } from 'node:test'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { forgiveBody, forgivePatch } from './forgive.ts'
import { ScimError, equalIn, matches, patched, readFilter, readResource, readShown } from './schema.ts'

const ADA = { id: 'per_1', userName: 'Ada@lumen.example', displayName: 'Ada', active: true, externalId: 'E1', emails: [{ value: 'ada@lumen.example', type: 'work', primary: true }] }
const TEAM = { id: 'tm_1', displayName: 'Billing', members: [{ value: 'per_1' }, { value: 'per_2' }] }
/** Pieces that filters and paths are made of, put together anyhow. */
const words = fc.constantFrom('userName', 'active', 'emails', 'members', 'meta.created', 'type', 'value', 'eq', 'ne', 'co', 'sw', 'pr', 'gt', 'and', 'or', 'not', '(', ')', '[', ']', '"x"', '"', '\\', 'true', 'null', '1.5', '.', ' ', ':', '__proto__', 'constructor', 'urn:ietf:params:scim:schemas:core:2.0:User:userName')
const soup = fc.oneof(fc.array(words, { maxLength: 25 }).map((parts) => parts.join(' ')), fc.array(words, { maxLength: 25 }).map((parts) => parts.join('')), fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 30 }))
const anything = fc.anything({ maxDepth: 3, withNullPrototype: true })

/** Every refusal is one that a client understands; anything else would be told as a bug. */
async function onlyRefuses(work: () => unknown): Promise<void> {
  try {
    await work()
  } catch (error) {
    assert.ok(error instanceof ScimError, String((error as Error).stack))
    assert.ok(error.status >= 400 && error.status < 500)
  }
}

test('no filter makes the server fail', async () => {
  await fc.assert(fc.asyncProperty(soup, (text) => onlyRefuses(() => {
    const filter = readFilter(text)
    equalIn(filter, 'username')
    matches(filter, ADA)
    matches(filter, TEAM)
  })), { numRuns: 3_000 })
})

test('no list of attributes makes the server fail', async () => {
  await fc.assert(fc.asyncProperty(soup, soup, (attributes, excludedAttributes) => onlyRefuses(() => readShown({ attributes, excludedAttributes }))), { numRuns: 500 })
})

test('no body and no PATCH makes the server fail, or makes a person something else than a person', async () => {
  const operation = fc.record({ op: fc.oneof(fc.constantFrom('add', 'remove', 'replace', 'Replace'), anything), path: fc.oneof(soup, anything), value: fc.oneof(soup, anything) }, { requiredKeys: [] })
  await fc.assert(fc.asyncProperty(fc.array(operation, { maxLength: 4 }), (Operations) => onlyRefuses(async () => {
    const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }
    const person = await patched('Users', ADA, forgivePatch('Users', body))
    assert.deepEqual([person.id, typeof person.userName, typeof (person.active ?? true)], ['per_1', 'string', 'boolean'])
    const team = await patched('Groups', TEAM, forgivePatch('Groups', body))
    assert.ok((team.members ?? []).every(({ value }) => /^[\w-]{1,64}$/.test(value ?? '')))
  })), { numRuns: 3_000 })
  await fc.assert(fc.asyncProperty(anything, (extra) => onlyRefuses(() => readResource('Users', forgiveBody({ schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName: 'x', ...(extra as object) })))), { numRuns: 1_000 })
  await fc.assert(fc.asyncProperty(anything, (body) => onlyRefuses(() => readResource('Groups', forgiveBody(body)))), { numRuns: 1_000 })
  assert.equal(({} as { polluted?: number }).polluted, undefined)
})

test('the longest filter that is read is read at once', () => {
  const shapes = ['userName eq "x" and ', '((((((', 'a.b.c.d.', '[', '"x" ', 'not ', 'emails[type eq "x" or ', 'x eq ', '1.', '\\"']
  const start = process.threadCpuUsage()
  for (const shape of shapes) {
    try {
      matches(readFilter(shape.repeat(Math.floor(1_000 / shape.length))), ADA)
    } catch (error) {
      assert.ok(error instanceof ScimError, shape)
    }
  }
  const used = process.threadCpuUsage(start)
  // Not a time: a multiplying filter would take minutes of computing, whatever the machine.
  assert.ok(used.user + used.system < 20_000_000)
})
