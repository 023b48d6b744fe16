import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { gunzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import type { ApiObserved } from '@onus/core/observation.ts'
import { TextFile } from '../files/text-file.ts'
import type { ReaderResult } from '../reader.ts'
import { sharedData } from '../testing/shared-data.ts'
import { openapiReader } from './index.ts'

const read = (text: string, path = 'api.yaml'): ReaderResult => {
  const file = new TextFile(path, text)
  return openapiReader.wants(file) ? (openapiReader.read([file]) as ReaderResult) : { observations: [], unread: [] }
}
const apiOf = (text: string): ApiObserved => {
  const [api] = read(text).observations
  assert.ok(api?.type === 'api')
  return api
}

const PARCELS = `openapi: 3.1.0
info: { title: Parcels, version: "2.1", x-owner: fulfilment }
security: [{ oauth: [parcels.read] }]
components:
  securitySchemes:
    oauth: { type: oauth2, flows: {} }
    key: { type: apiKey, in: header, name: X-Key }
    basic: { type: http, scheme: Basic }
  pathItems:
    label: { get: { operationId: getLabel, security: [{ key: [] }, { oauth: [], basic: [] }] } }
    circle: { $ref: '#/components/pathItems/circle' }
paths:
  /parcels:
    get: { operationId: listParcels }
    post: { security: [] }
    parameters: []
  /parcels/{id}/label: { $ref: '#/components/pathItems/label' }
  /health:
    get: { operationId: health, security: [{}] }
  /circle: { $ref: '#/components/pathItems/circle' }
  /elsewhere: { $ref: 'other.yaml#/x' }
`

test('operations carry the security that holds for them', () => {
  const api = apiOf(PARCELS)
  assert.deepEqual([api.name, api.version, api.owner], ['Parcels', '2.1', 'fulfilment'])
  assert.deepEqual(api.securitySchemes, [{ name: 'oauth', kind: 'oauth2' }, { name: 'key', kind: 'apiKey in header' }, { name: 'basic', kind: 'http basic' }])
  assert.deepEqual(api.operations.map((one) => [one.id, one.security, one.line]), [
    ['listParcels', ['oauth'], 14], ['POST /parcels', [], 15], ['getLabel', ['key', 'oauth+basic'], 17], ['health', ['none'], 19],
  ])
})

test('who owns an API, the most direct statement first', () => {
  const cases: [info: string, want: string | undefined][] = [
    ['{ title: x, x-team: a, contact: { name: b, email: c@acme.example } }', 'a'],
    ['{ title: x, contact: { name: b, email: c@acme.example } }', 'b'],
    ['{ title: x, contact: { email: c@acme.example } }', 'c@acme.example'],
    ['{ title: x, contact: { url: https://acme.example } }', undefined],
  ]
  for (const [info, want] of cases) assert.equal(apiOf(`openapi: 3.0.3\ninfo: ${info}\npaths: {}\n`).owner, want, info)
})

test('references in a circle, through path items of each other, end', () => {
  const api = apiOf("openapi: 3.1.0\ninfo: { title: x }\npaths:\n  /a: { $ref: '#/paths/~1b' }\n  /b: { $ref: '#/paths/~1a' }\n  /c: { $ref: '#/paths/~1d' }\n  /d: { get: {} }\n")
  assert.deepEqual(api.operations.map((one) => `${one.line} ${one.id}`), ['6 GET /c', '7 GET /d'])
})

test('what is no OpenAPI 3 document is left alone, and a broken one is said', () => {
  for (const text of ['swagger: "2.0"\npaths: {}', 'openapi: 3.0.1\ninfo: { title: x }', 'text about openapi']) assert.deepEqual(read(text).observations, [], text)
  assert.equal(read('openapi: 3.0.0\npaths: {').unread.length, 1)
})

test('no content makes it throw', () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (paths, components) => {
    const { observations } = read(JSON.stringify({ openapi: '3.0.0', info: paths, paths: { '/x': paths, '/y': { get: paths } }, components, security: paths }), 'api.json')
    assert.equal(observations.length, 1)
  }))
})

const real = sharedData('openapi/github-identity-subset.openapi.json.gz')
test('a large real document is read whole', { skip: real ? false : 'no shared data beside this checkout' }, () => {
  const text = gunzipSync(readFileSync(real ?? '')).toString('utf8')
  const wanted = Object.values((JSON.parse(text) as { paths: Record<string, Record<string, { operationId?: string }>> }).paths)
    .flatMap((item) => Object.values(item).flatMap((operation) => operation.operationId ?? []))
  assert.deepEqual(apiOf(text).operations.map((one) => one.id).sort(), wanted.sort())
})
