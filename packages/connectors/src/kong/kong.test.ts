import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Observation } from '@onus/core/observation.ts'
import { TextFile } from '../files/text-file.ts'
import type { ReaderResult } from '../reader.ts'
import { sharedData } from '../testing/shared-data.ts'
import { kongReader } from './index.ts'

/** Reads files of one directory as the scan does: only those the reader wants. */
async function readFiles(...files: [path: string, text: string][]): Promise<ReaderResult> {
  return kongReader.read(files.map(([path, text]) => new TextFile(path, text)).filter((file) => kongReader.wantsPath(file.path) && kongReader.wants(file)))
}

async function read(text: string, path = 'kong.yaml'): Promise<ReaderResult> {
  return readFiles([path, text])
}

function of<K extends Observation['type']>(result: ReaderResult, type: K): Extract<Observation, { type: K }>[] {
  return result.observations.filter((one): one is Extract<Observation, { type: K }> => one.type === type)
}

function grantsIn(result: ReaderResult): string[] {
  return of(result, 'grant').map((one) => `${one.identity.path}: ${one.permission} → ${one.resource}`)
}

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
  tags: ["team:fulfilment", internal, owner-dispatch, env=production, extra]
  acls: [{ group: printers }]
  groups: [{ name: gold }]
  keyauth_credentials:
  - key: CANARY-literal-key
  - key: "{vault://env/printer-key}"
  - key: \${{ env "DECK_PRINTER_KEY" }}
    id: 7c1
    ttl: 3600
    created_at: 1700000000
  basicauth_credentials: [{ username: printer, password: CANARY-password }]
- username: tracker
  oauth2_credentials: [{ name: app, client_id: tracker-app, client_secret: CANARY-client }]
  keyauth_credentials: [{ key: CANARY-nested }]
  jwt_secrets: [{ key: CANARY-issuer, algorithm: RS256, rsa_public_key: PEM }]
  hmacauth_credentials: [{ username: tracker-hmac, secret: CANARY-hmac }]
  mtls_auth_credentials: [{ id: 9f, subject_name: tracker@acme.example }]
keyauth_credentials:
- consumer: tracker
  key: CANARY-top
acls:
- consumer: { username: tracker }
  group: couriers
consumer_groups:
- name: silver
  consumers: [{ username: tracker }, elsewhere]
`

test('consumers become identities with their credentials, groups and tags', async () => {
  const result = await read(ESTATE)
  assert.deepEqual(of(result, 'identity').map((one) => [one.name, one.kind, one.isDefined, one.place.line]), [
    ['label-printer', 'api-key', true, 12], ['tracker', 'oauth-client', true, 25], ['elsewhere', 'api-key', false, 39],
  ])
  assert.deepEqual(of(result, 'identity')[0]?.tags, [
    { key: 'custom_id', value: '42', line: 13 }, { key: 'team', value: 'fulfilment', line: 14 }, { key: 'owner', value: 'dispatch', line: 14 },
    { key: 'env', value: 'production', line: 14 }, { key: 'tag', value: 'internal, extra', line: 14 },
  ])
  assert.deepEqual(of(result, 'credential').map((one) => [one.identity.path, one.kind, one.name, one.kept.map(({ kind, name }) => `${kind} ${name}`).join(), one.neverExpires]), [
    ['consumer/label-printer', 'api-key', 'keyauth_credentials 1', 'file kong.yaml', true],
    ['consumer/label-printer', 'api-key', 'keyauth_credentials 2', 'secret-manager env/printer-key', true],
    ['consumer/label-printer', 'api-key', '7c1', 'unknown environment variable DECK_PRINTER_KEY', undefined],
    ['consumer/label-printer', 'password', 'printer', 'file kong.yaml', undefined],
    ['consumer/tracker', 'api-key', 'keyauth_credentials 1', 'file kong.yaml', true],
    ['consumer/tracker', 'jwt-key', 'jwt_secrets 1', '', undefined],
    ['consumer/tracker', 'hmac-key', 'tracker-hmac', 'file kong.yaml', undefined],
    ['consumer/tracker', 'client-secret', 'tracker-app', 'file kong.yaml', undefined],
    ['consumer/tracker', 'certificate', 'tracker@acme.example', '', undefined],
    ['consumer/tracker', 'api-key', 'keyauth_credentials 2', 'file kong.yaml', true],
  ])
  assert.deepEqual(grantsIn(result), [
    'consumer/label-printer: acl group printers → route labels',
    'consumer/label-printer: consumer group gold → gateway',
    'consumer/tracker: acl group couriers → service parcels, route labels',
    'consumer/tracker: consumer group silver → gateway',
    'consumer/elsewhere: consumer group silver → gateway',
  ])
})

test('a key with a lifetime expires when its making is known', async () => {
  const timed = of(await read(ESTATE), 'credential').find((one) => one.name === '7c1')
  assert.deepEqual([timed?.createdAt?.raw, timed?.expiresAt?.raw], ['1700000000', '2023-11-14T23:13:20.000Z'])
  const odd = await read('_format_version: "3.0"\nconsumers: [{ username: a, keyauth_credentials: [{ ttl: 5 }, { ttl: x, created_at: y }, { ttl: 1e300, created_at: 1 }] }]')
  assert.deepEqual(of(odd, 'credential').map((one) => one.expiresAt), [undefined, undefined, undefined])
})

test('what a group may call, wherever the plugin stands', async () => {
  const consumer = 'consumers: [{ username: a, acls: [{ group: g }], groups: [{ name: g }] }]\n'
  const cases: [name: string, plugins: string, want: [acl: string, group: string]][] = [
    ['at the top, for a route', '- { name: acl, route: labels, config: { allow: [g] } }', ['route labels', 'gateway']],
    ['at the top, for a service', '- { name: acl, service: { name: parcels }, config: { allow: [g] } }', ['service parcels', 'gateway']],
    ['for everything', '- { name: acl, config: { allow: [g] } }', ['all services', 'gateway']],
    ['for consumer groups too', '- { name: acl, config: { allow: [g], include_consumer_groups: true } }', ['all services', 'all services']],
    ['switched off', '- { name: acl, enabled: false, config: { allow: [g] } }', ['gateway', 'gateway']],
    ['another plugin', '- { name: rate-limiting, config: { allow: [g] } }', ['gateway', 'gateway']],
    ['a list that is none', '- { name: acl, config: { allow: g } }', ['gateway', 'gateway']],
  ]
  for (const [name, plugins, [acl, group]] of cases) {
    const want = [`consumer/a: acl group g → ${acl}`, `consumer/a: consumer group g → ${group}`]
    assert.deepEqual(grantsIn(await read(`_format_version: "3.0"\n${consumer}plugins:\n${plugins}\n`)), want, name)
    const apart = await readFiles(['kong/consumers.yaml', `_format_version: "3.0"\n${consumer}`], ['kong/plugins.yaml', `_format_version: "3.0"\nplugins:\n${plugins}\n`])
    assert.deepEqual(grantsIn(apart), want, `${name}, in another file of the directory`)
  }
})

test('equal names in another workspace, control plane or environment are other consumers', async () => {
  const consumers = '_format_version: "3.0"\nconsumers: [{ username: a }]\n'
  const cases: [path: string, text: string, realm: string][] = [
    ['kong.yaml', consumers, ''],
    ['kong.yaml', `${consumers}_workspace: default\n`, ''],
    ['kong.yaml', `${consumers}_workspace: payments\n`, 'payments'],
    ['kong.yaml', `${consumers}_konnect: { control_plane_name: eu }\n`, 'eu'],
    ['gateways/prod/kong.yaml', consumers, 'gateways/prod'],
    ['gateways/dev/kong.yaml', `${consumers}_workspace: payments\n`, 'gateways/dev payments'],
  ]
  for (const [path, text, realm] of cases) assert.equal(of(await read(text, path), 'identity')[0]?.ref.realm, realm, `${path} ${text}`)
})

test('a consumer is found by its username, its custom id or its id, and what the file is tagged with is its tag too', async () => {
  const result = await read('_format_version: "3.0"\n_info: { select_tags: ["team:dispatch"] }\nconsumers: [{ id: u1, custom_id: c1, username: a }]\nacls: [{ consumer: { id: u1 }, group: x }, { consumer: c1, group: y }]\n')
  assert.deepEqual(of(result, 'identity').map((one) => [one.name, one.tags.map(({ key, value, line }) => `${line} ${key}=${value}`)]), [['a', ['3 custom_id=c1', '2 team=dispatch']]])
  assert.deepEqual(grantsIn(result), ['consumer/a: acl group x → gateway', 'consumer/a: acl group y → gateway'])
})

test('T52: no key, secret or password is in what the reader says', async () => {
  assert.doesNotMatch(JSON.stringify(await read(ESTATE)), /CANARY/)
  const broken = await read(`${ESTATE}\nbroken: "CANARY\n`)
  assert.equal(broken.unread.length, 1)
  assert.doesNotMatch(JSON.stringify(broken), /CANARY/)
})

test('the Ingress Controller names the secrets of a consumer, not their values', async () => {
  const consumer = 'apiVersion: configuration.konghq.com/v1\nkind: KongConsumer\nmetadata: { name: c, namespace: shop, labels: { team: checkout } }\nusername: web\ncredentials: [web-key, web-jwt, web-group]\nconsumerGroups: [gold]\n'
  const secret = (name: string, kind: string): string => `apiVersion: v1\nkind: Secret\nmetadata: { name: ${name}, namespace: shop, creationTimestamp: "2025-01-02T03:04:05Z", labels: { konghq.com/credential: ${kind} } }\nstringData: { key: CANARY, group: CANARY }\n`
  const result = await readFiles(['clusters/prod/c.yaml', consumer], ['clusters/prod/s.yaml', `${secret('web-jwt', 'jwt')}---\n${secret('web-group', 'acl')}`])
  assert.deepEqual(of(result, 'identity').map((one) => [one.ref, one.scope?.name, one.tags[0]?.value, one.nativeRef]), [
    [{ system: 'kong', realm: 'clusters/prod', path: 'consumer/shop/web' }, 'shop', 'checkout', 'KongConsumer shop/c'],
  ])
  assert.deepEqual(of(result, 'credential').map((one) => [one.kind, one.name, one.kept, one.createdAt?.raw, one.place.line]), [
    ['api-key', 'web-key', [{ kind: 'kubernetes-secret', name: 'shop/web-key' }], undefined, 5],
    ['jwt-key', 'web-jwt', [{ kind: 'kubernetes-secret', name: 'shop/web-jwt' }], '2025-01-02T03:04:05Z', 5],
  ])
  assert.deepEqual(grantsIn(result), ['consumer/shop/web: consumer group gold → gateway'])
  assert.doesNotMatch(JSON.stringify(result), /CANARY/)
  assert.match((await read('apiVersion: configuration.konghq.com/v1\nkind: KongConsumer\nmetadata: { name: c }\n')).unread[0]?.reason ?? '', /without username/)
})

test('files that only look like Kong are left alone, and broken ones are said', async () => {
  for (const text of ['consumers: 3', 'consumers: [a, b]', 'kind: Deployment\nconsumers: [{ username: x }]\napiVersion: v1', 'x: 1', 'consumers:\n- name: kafka-group\n  topic: x\n']) {
    assert.deepEqual(await read(text), { observations: [], unread: [] }, text)
  }
  assert.equal((await read('_format_version: "3.0"\nconsumers: [')).unread.length, 1)
  assert.match((await read('_format_version: "3.0"\nconsumers: [{ tags: [x] }]')).unread[0]?.reason ?? '', /without username/)
  assert.equal(of(await read('{"_format_version":"3.0","consumers":[{"username":"a"}]}', 'kong.json'), 'identity').length, 1)
  assert.equal(of(await read('consumer_groups: [{ name: g, consumers: [{ username: a }] }]'), 'identity').length, 1)
})

test('no content makes it throw, and no secret of any list is kept', async () => {
  const lists = ['keyauth_credentials', 'basicauth_credentials', 'jwt_secrets', 'hmacauth_credentials', 'oauth2_credentials', 'mtls_auth_credentials', 'acls', 'groups', 'consumer_groups', 'plugins', 'services', 'tags', '_info']
  const any = fc.jsonValue({ maxDepth: 4 })
  await fc.assert(fc.asyncProperty(fc.constantFrom(...lists), any, fc.constantFrom('key', 'secret', 'password', 'client_secret'), async (list, value, field) => {
    const credential = { ...(typeof value === 'object' ? value : {}), [field]: 'CANARY', consumer: 'x' }
    const text = JSON.stringify({ _format_version: '3.0', consumers: [{ username: 'x', [list]: value }, { username: 'y', [list]: [credential] }, value], [list]: [credential, value] })
    assert.doesNotMatch(JSON.stringify(await read(text, 'kong.json')), /CANARY/)
  }), { numRuns: 400 })
})

const real = sharedData('gateways/kong')

test('real declarative files are read without noise', { skip: real ? false : 'no shared data beside this checkout' }, async () => {
  let consumers = 0
  for (const name of readdirSync(real ?? '')) {
    const text = readFileSync(join(real ?? '', name), 'utf8')
    const result = await read(text, name)
    assert.deepEqual(result.unread, [], name)
    const defined = of(result, 'identity').filter((one) => one.isDefined)
    // A consumer's entry, told by the layout of these files: one level below a `consumers` key at the margin.
    const section = /^consumers:\n((?:[ -].*\n?|\s*\n|#.*\n)*)/m.exec(text)?.[1] ?? ''
    const indentation = /^ *-/.exec(section)?.[0] ?? '-'
    assert.equal(defined.length, section.split('\n').filter((line) => line.startsWith(`${indentation} `)).length, name)
    consumers += defined.length
    // A literal secret is no longer than a line; none of those in the file may be in what was said.
    for (const [, secret] of text.matchAll(/^\s*-?\s*(?:key|secret|password|client_secret): (\S{6,})$/gm)) {
      const said = JSON.stringify(of(result, 'credential').map((one) => [one.name, one.kept.map(({ name: where }) => where).filter((where) => where !== name)]))
      if (!secret?.includes('vault://')) assert.ok(!said.includes(secret ?? ''), name)
    }
  }
  assert.ok(consumers >= 50, `${consumers} consumers`)
})
