import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { rulesOf } from './rules.ts'

const TEXT = readFileSync(new URL('../../../../server/src/powers/powers.cedar', import.meta.url), 'utf8')

test('every rule that comes with the server is there once, with who it is about and its whole text', () => {
  const rules = rulesOf(TEXT)
  assert.equal(rules.length, TEXT.match(/^(?:permit|forbid) \(/gm)?.length)
  assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length)
  for (const { id, who, text } of rules) {
    assert.match(id, /^[a-z-]+$/)
    assert.notEqual(who, '', id)
    assert.match(text, /;$/, id)
    assert.ok(TEXT.includes(text), id)
  }
  assert.equal(rules.find(({ id }) => id === 'nobody-decides-on-their-own-change')?.effect, 'forbid')
  assert.equal(rules.find(({ id }) => id === 'decide-as-sponsor')?.effect, 'permit')
})

test('a quotation mark within an annotation is read, and no text is no rule', () => {
  assert.deepEqual(rulesOf('@id("a")\n@who("the \\"owner\\"")\npermit (principal, action, resource);').map(({ who }) => who), ['the "owner"'])
  assert.deepEqual(rulesOf(''), [])
})
