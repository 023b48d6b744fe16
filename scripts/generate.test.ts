import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { DEFAULT_CONVENTIONS } from '@onus/core/conventions.ts'
import { RULES } from '@onus/core/posture/index.ts'
import { referencePages } from './reference.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const pages = new Map(referencePages(ROOT))

test('the reference pages in the repository are what the code says', () => {
  for (const [path, text] of pages)
    assert.equal(readFileSync(join(ROOT, path), 'utf8'), text, `${path}: run npm run gen`)
})

test('the schemas are valid JSON Schema and every definition is used', () => {
  for (const path of ['docs/reference/scan-report.schema.json', 'docs/reference/conventions.schema.json']) {
    const text = pages.get(path) ?? ''
    const schema = JSON.parse(text) as { $schema: string; $defs?: object }
    assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema')
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    assert.ok(ajv.validateSchema(schema), JSON.stringify(ajv.errors))
    for (const name of Object.keys(schema.$defs ?? {}))
      assert.ok(text.includes(`"#/$defs/${name}"`), `${name} is not used`)
  }
})

test('a conventions file may be as short as its version, and refuses keys it does not know', () => {
  const validate = new Ajv2020({ strict: false }).compile(
    JSON.parse(pages.get('docs/reference/conventions.schema.json') ?? ''),
  )
  assert.ok(validate({ version: 1 }))
  assert.ok(validate(DEFAULT_CONVENTIONS))
  assert.ok(!validate({ version: 1, colour: 'blue' }))
})

test('the page of rules describes every rule', () => {
  const page = pages.get('docs/reference/rules.md') ?? ''
  for (const rule of RULES) assert.ok(page.includes(`## ${rule.id}\n\n**${rule.title}.** ${rule.fix}`), rule.id)
})

test('--check exits 1 and names a page that differs, and writes nothing', () => {
  const copy = mkdtempSync(join(tmpdir(), 'onus-gen-'))
  try {
    for (const part of ['docs/reference', 'scripts', 'package.json'])
      cpSync(join(ROOT, part), join(copy, part), { recursive: true })
    for (const part of ['node_modules', 'packages']) symlinkSync(join(ROOT, part), join(copy, part))
    const page = join(copy, 'docs/reference/rules.md')
    writeFileSync(page, 'old\n')
    const check = () =>
      spawnSync(process.execPath, [join(copy, 'scripts/generate.ts'), '--check'], { encoding: 'utf8' })
    const failed = check()
    assert.equal(failed.status, 1, failed.stderr)
    assert.equal(failed.stdout, 'differs docs/reference/rules.md\n')
    assert.equal(readFileSync(page, 'utf8'), 'old\n')
    assert.equal(spawnSync(process.execPath, [join(copy, 'scripts/generate.ts')]).status, 0)
    assert.equal(check().status, 0)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
})
