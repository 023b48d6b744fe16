import { test } from 'node:test'
import assert from 'node:assert/strict'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { openapi } from './openapi.ts'
import { ROUTES } from './routes.ts'

type Document = {
  paths: Record<string, Record<string, { operationId: string; parameters: { name: string; in: string }[] }>>
  components: { schemas: Record<string, object> }
}
// The shape is what the assertions below check; a missing part fails them.
const document = openapi('0.0.0') as unknown as Document

test('every route of the table is an operation under its own name, with its path parameters', () => {
  for (const [name, route] of Object.entries(ROUTES)) {
    const operation = document.paths[route.path.replace('*}', '}')]?.[route.method.toLowerCase()]
    assert.equal(operation?.operationId, name)
    const wanted = [...route.path.matchAll(/\{(\w+)\*?\}/g)].map((match) => match[1])
    assert.deepEqual(
      operation?.parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name),
      wanted,
    )
  }
})

test('every reference leads to a schema that exists, and no schema redefines the document around it', () => {
  const text = JSON.stringify(document)
  for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
    assert.ok(document.components.schemas[String(name)], name)
  assert.doesNotMatch(text, /"\$id"|"\$schema"/)
  assert.doesNotMatch(text, /__shared/)
})

test('the schemas compile as JSON Schema 2020-12', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'onus:api', ...document })
  for (const name of Object.keys(document.components.schemas)) {
    assert.doesNotThrow(() => ajv.compile({ $ref: `onus:api#/components/schemas/${name}` }), name)
  }
})
