import { test } from 'node:test'
import assert from 'node:assert/strict'
import { allowedHosts, checkHost, checkOrigin } from './guard.ts'
import { Refused } from './refused.ts'

const local = allowedHosts('127.0.0.1', null)
const behindProxy = allowedHosts('0.0.0.0', 'https://onus.lumen.example')

test('the server answers under its own names only', () => {
  const cases: [string, (name: string) => boolean, string | undefined, boolean][] = [
    ['the address', local, '127.0.0.1:4400', true],
    ['localhost', local, 'LocalHost:4400', true],
    ['IPv6', local, '[::1]:4400', true],
    ['a name that points here (DNS rebinding)', local, 'evil.example:4400', false],
    ['a name that begins like ours', local, '127.0.0.1.evil.example', false],
    ['a user part that looks like ours', local, '127.0.0.1@evil.example', false],
    ['no name', local, undefined, false],
    ['rubbish', local, 'a b', false],
    ['the public name', behindProxy, 'onus.lumen.example', true],
    ['another public name', behindProxy, 'other.lumen.example', false],
  ]
  for (const [name, isAllowed, header, want] of cases) {
    if (want) assert.doesNotThrow(() => checkHost(header, isAllowed), name)
    else
      assert.throws(
        () => checkHost(header, isAllowed),
        (error) => error instanceof Refused && error.code === 'foreign-host',
        name,
      )
  }
})

test('a write from a page of another site is refused', () => {
  const host = '127.0.0.1:4400'
  const cases: [string, Parameters<typeof checkOrigin>[0], boolean][] = [
    ['our own page', { host, origin: 'http://127.0.0.1:4400', fetchSite: 'same-origin' }, true],
    ['a program', { host }, true],
    ['another site', { host, origin: 'https://evil.example', fetchSite: 'cross-site' }, false],
    ['another site in a browser without fetch metadata', { host, origin: 'https://evil.example' }, false],
    ['another port of this machine', { host, origin: 'http://127.0.0.1:8080' }, false],
    ['a sandboxed page', { host, origin: 'null' }, false],
    ['a sibling site', { host, fetchSite: 'same-site' }, false],
  ]
  for (const [name, headers, want] of cases) {
    if (want) assert.doesNotThrow(() => checkOrigin(headers, local), name)
    else
      assert.throws(
        () => checkOrigin(headers, local),
        (error) => error instanceof Refused && error.code === 'foreign-origin',
        name,
      )
  }
  assert.doesNotThrow(() => checkOrigin({ host: '10.0.0.5:4400', origin: 'https://onus.lumen.example' }, behindProxy))
})
