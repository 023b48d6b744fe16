import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import type { Observation } from '@onus/core/observation.ts'
import { TextFile } from '../files/text-file.ts'
import type { ReaderResult } from '../reader.ts'
import { sharedData } from '../testing/shared-data.ts'
import { kongReader } from './index.ts'

const read = (text: string, path = 'kong.yaml'): ReaderResult => {
  const file = new TextFile(path, text)
  return kongReader.wants(file) ? (kongReader.read([file]) as ReaderResult) : { observations: [], unread: [] }
}
const of = <K extends Observation['type']>(result: ReaderResult, type: K): Extract<Observation, { type: K }>[] =>
  result.observations.filter((one): one is Extract<Observation, { type: K }> => one.type === type)

const ESTATE = `
_format_version: "3.0"
services:
- name: parcels
  plugins:
  - name: acl
    config: { allow: [couriers] }
  routes:
  - name: labels
    plugins: [{ name: acl, config: { allow: [couriers, printers] } }]
consumers:
- username: label-printer
  custom_id: "42"
  tags: ["team:fulfilment", internal]
  acls: [{ group: printers }]
  groups: [{ name: gold }]
  keyauth_credentials:
  - key: CANARY-literal-key
  - key: "{vault://env/printer-key}"
  - key: \${{ env "DECK_PRINTER_KEY" }}
    id: 7c1
    ttl: 3600
  basicauth_credentials: [{ username: printer, password: CANARY-password }]
- username: tracker
  oauth2_credentials: [{ name: app, client_id: tracker-app, client_secret: CANARY-client }]
keyauth_credentials:
- consumer: tracker
  key: CANARY-top
acls:
- consumer: { username: tracker }
  group: couriers
consumer_groups:
- name: silver
  consumers: [{ username: tracker }]
`

test('consumers become identities with their credentials, groups and tags', () => {
  const result = read(ESTATE)
  assert.deepEqual(of(result, 'identity').map((one) => [one.name, one.kind, one.place.line]), [['label-printer', 'api-key', 12], ['tracker', 'oauth-client', 24]])
  assert.deepEqual(of(result, 'identity')[0]?.tags.map(({ key, value }) => [key, value]), [['custom_id', '42'], ['team', 'fulfilment'], ['tag', 'internal']])
  assert.deepEqual(of(result, 'credential').map((one) => [one.identity.path, one.kind, one.name, one.kept[0]?.kind, one.neverExpires]), [
    ['consumer/label-printer', 'api-key', 'keyauth_credentials 1', 'file', true],
    ['consumer/label-printer', 'api-key', 'keyauth_credentials 2', 'secret-manager', true],
    ['consumer/label-printer', 'api-key', '7c1', 'unknown', undefined],
    ['consumer/label-printer', 'password', 'printer', 'file', undefined],
    ['consumer/tracker', 'client-secret', 'tracker-app', 'file', undefined],
    ['consumer/tracker', 'api-key', 'keyauth_credentials 1', 'file', true],
  ])
  assert.deepEqual(of(result, 'grant').map((one) => [one.identity.path, one.permission, one.resource]), [
    ['consumer/label-printer', 'acl group printers', 'route labels'],
    ['consumer/label-printer', 'consumer group gold', 'gateway'],
    ['consumer/tracker', 'acl group couriers', 'service parcels, route labels'],
    ['consumer/tracker', 'consumer group silver', 'gateway'],
  ])
})

test('T52: no key, secret or password is in what the reader says', () => {
  assert.doesNotMatch(JSON.stringify(read(ESTATE)), /CANARY/)
})

test('the Ingress Controller names the secrets of a consumer, not their values', () => {
  const result = read('apiVersion: configuration.konghq.com/v1\nkind: KongConsumer\nmetadata: { name: c, namespace: shop, labels: { team: checkout } }\nusername: web\ncredentials: [web-key]\n')
  assert.equal(of(result, 'identity')[0]?.scope?.name, 'shop')
  assert.deepEqual(of(result, 'credential')[0]?.kept, [{ kind: 'kubernetes-secret', name: 'web-key' }])
})

test('files that only look like Kong are left alone, and broken ones are said', () => {
  for (const text of ['consumers: 3', 'consumers: [a, b]', 'kind: Deployment\nconsumers: [{ username: x }]\napiVersion: v1', 'x: 1']) {
    assert.deepEqual(read(text), { observations: [], unread: [] }, text)
  }
  assert.equal(read('_format_version: "3.0"\nconsumers: [').unread.length, 1)
  assert.match(read('_format_version: "3.0"\nconsumers: [{ tags: [x] }]').unread[0]?.reason ?? '', /without username/)
})

test('no content makes it throw', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.constantFrom('consumers', 'acls', 'keyauth_credentials', 'services', 'consumer_groups'), (value, field) => {
    read(JSON.stringify({ _format_version: '3.0', consumers: [{ username: 'x', [field]: value }], [field]: value }), 'kong.json')
  }))
})

const real = sharedData('gateways/kong')
test('real declarative files are read without noise', { skip: real ? false : 'no shared data beside this checkout' }, () => {
  let consumers = 0
  for (const name of readdirSync(real ?? '')) {
    const text = readFileSync(join(real ?? '', name), 'utf8')
    const result = read(text, name)
    assert.deepEqual(result.unread, [], name)
    // Every entry of a consumers list starts with one of these at the list's indentation.
    if (/^consumers:/m.test(text)) assert.ok(of(result, 'identity').length > 0, `${name} has consumers`)
    consumers += of(result, 'identity').length
  }
  assert.ok(consumers >= 50, `${consumers} consumers`)
})
