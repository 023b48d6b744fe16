import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp } from '../testing/app.ts'
import { testDatabases } from '../testing/database.ts'
import { addressOf, readNetworks, trusting } from './proxies.ts'

const TRUSTED = trusting(readNetworks('10.0.0.0/8, 2001:db8:1::/48, 192.0.2.7') ?? [])

/** connection, headers, the address that counts */
const CASES: [string, string, Record<string, string | string[]>, string][] = [
  ['a header of somebody who is no proxy is a forgery', '203.0.113.9', { 'x-forwarded-for': '198.51.100.1' }, '203.0.113.9'],
  ['a proxy says who asked it', '10.1.1.1', { 'x-forwarded-for': '198.51.100.1' }, '198.51.100.1'],
  ['what the caller wrote before it does not count', '10.1.1.1', { 'x-forwarded-for': '127.0.0.1, 10.9.9.9, 198.51.100.1' }, '198.51.100.1'],
  ['through several trusted hops', '10.1.1.1', { 'x-forwarded-for': '1.2.3.4, 198.51.100.1, 192.0.2.7, 10.2.2.2' }, '198.51.100.1'],
  ['all hops are trusted: the first of them', '10.1.1.1', { 'x-forwarded-for': '10.3.3.3, 10.2.2.2' }, '10.3.3.3'],
  ['a proxy that says nothing is who asks', '10.1.1.1', {}, '10.1.1.1'],
  ['what is no address ends the walk', '10.1.1.1', { 'x-forwarded-for': '198.51.100.1, unknown, 10.2.2.2' }, '10.2.2.2'],
  ['an empty header', '10.1.1.1', { 'x-forwarded-for': '' }, '10.1.1.1'],
  ['IPv6, in a network of proxies', '2001:db8:1:2::3', { 'x-forwarded-for': '2001:db8:99::1' }, '2001:db8:99::1'],
  ['IPv6 of another network', '2001:db8:2::3', { 'x-forwarded-for': '2001:db8:99::1' }, '2001:db8:2::3'],
  ['an IPv4 proxy over a socket of IPv6', '::ffff:10.1.1.1', { 'x-forwarded-for': '198.51.100.1' }, '198.51.100.1'],
  ['with ports and brackets', '10.1.1.1', { 'x-forwarded-for': '[2001:db8:99::1]:4711, 10.2.2.2:80' }, '2001:db8:99::1'],
  ['Forwarded, RFC 7239', '10.1.1.1', { forwarded: 'for=1.2.3.4, for=198.51.100.1;proto=https;by=10.1.1.1' }, '198.51.100.1'],
  ['Forwarded with IPv6 and a port', '10.1.1.1', { forwarded: 'proto=https; For="[2001:db8:99::1]:4711"' }, '2001:db8:99::1'],
  ['Forwarded that hides the address', '10.1.1.1', { forwarded: 'for=_hidden' }, '10.1.1.1'],
  ['both headers, and one is the caller’s', '10.1.1.1', { 'x-forwarded-for': '127.0.0.1', forwarded: 'for=198.51.100.1' }, '10.1.1.1'],
  ['both headers, of one mind', '10.1.1.1', { 'x-forwarded-for': '198.51.100.1', forwarded: 'for=198.51.100.1' }, '198.51.100.1'],
]
test('the address of a request is the first that nobody trusted vouches for', () => {
  for (const [name, connection, headers, want] of CASES) assert.equal(addressOf(connection, headers, TRUSTED), want, name)
})

test('by default nobody is trusted', () => {
  for (const [name, connection, headers] of CASES) assert.equal(addressOf(connection, headers, trusting([])), connection, name)
})

test('networks are read as they are meant, or not at all', () => {
  assert.deepEqual(readNetworks('10.0.0.0/8,::1'), ['10.0.0.0/8', '::1'])
  for (const text of ['10.0.0.0/33', '10.0.0/8', 'proxy.example.com', '10.0.0.0/8/8', '', '::1/129', '10.0.0.0/x', '10.0.0.0/'])
    assert.equal(readNetworks(text), null, text)
})

test('T54 guesses are counted by who made them: forged headers help nobody, and behind a proxy nobody locks others out', async () => {
  const databases = await testDatabases()
  const guess = async (url: string, from: string): Promise<number> =>
    (await fetch(`${url}/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-forwarded-for': from }, body: '{"token":"guess"}' })).status
  const open = await testApp(await databases.fresh())
  const forged: number[] = []
  for (let n = 0; n < 12; n += 1) forged.push(await guess(open.url, `198.51.100.${n}`))
  assert.ok(forged.includes(429), 'another header is not another place')
  const behind = await testApp(await databases.fresh(), { env: { ONUS_TRUSTED_PROXIES: '127.0.0.0/8, ::1' } })
  const one: number[] = []
  for (let n = 0; n < 12; n += 1) one.push(await guess(behind.url, `127.0.0.9, 198.51.100.1`))
  assert.ok(one.includes(429))
  assert.equal(await guess(behind.url, '198.51.100.2'), 401, 'somebody else may still try')
  assert.equal(await guess(behind.url, '198.51.100.2, 198.51.100.1'), 429, 'and does not become another by saying so')
  assert.match(behind.logged(), /"from":"198\.51\.100\.1"/)
})
