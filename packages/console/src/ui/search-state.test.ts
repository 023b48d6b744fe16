import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { searchToText, textToSearch, validSearch } from './search-state.ts'
import { IdentitiesSearch } from '../screens/identities/search.ts'
import { instantOf } from '../screens/as-of-search.ts'

test('what does not fit counts as not there, and the rest is kept', () => {
  const cases: [name: string, address: string, want: Record<string, unknown>][] = [
    ['valid filters', '?state=split&environment=production&sort=findings&order=desc', { state: 'split', environment: 'production', sort: 'findings', order: 'desc' }],
    ['a state that does not exist', '?state=fine&q=a', { q: 'a' }],
    ['an unknown key', '?colour=red&q=a', { q: 'a' }],
    ['an empty value', '?q=&team=none', { team: 'none' }],
    ['a search longer than the API takes', `?q=${'x'.repeat(201)}`, {}],
    ['a number stays the text it is', '?q=2024', { q: '2024' }],
    ['a date', '?asOf=2026-11-01', { asOf: '2026-11-01' }],
    ['a date that is none', '?asOf=yesterday', {}],
    ['an object typed by hand', '?q[$ne]=1&rule={"a":1}', { rule: '{"a":1}' }],
  ]
  for (const [name, address, want] of cases) {
    const got = validSearch(IdentitiesSearch, textToSearch(address))
    assert.deepEqual(JSON.parse(JSON.stringify(got)), want, name)
  }
})

test('an address read and written again is the same address', () => {
  const search = validSearch({ q: z.string(), order: z.enum(['asc', 'desc']) }, { q: 'a b&c=d #é', order: 'desc' })
  assert.deepEqual(textToSearch(searchToText(search)), search)
  assert.equal(searchToText({ q: undefined, order: '' }), '')
})

test('a date asks for the end of that day', () => {
  assert.deepEqual(instantOf('2026-11-01'), { asOf: '2026-11-01T23:59:59.999Z' })
  assert.deepEqual(instantOf('2026-11-01T10:00:00Z'), { asOf: '2026-11-01T10:00:00Z' })
  assert.deepEqual(instantOf(undefined), {})
})
