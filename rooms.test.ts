/** The dependency rule between packages and the purity of core, as one table. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(fileURLToPath(import.meta.url))

/** Room → the other rooms it may import. Tests may also import what they test with (last column). */
const MAY_IMPORT: Record<string, { rooms: string[]; tests: string[] }> = {
  core: { rooms: [], tests: [] },
  connectors: { rooms: ['core'], tests: [] },
  cli: { rooms: ['core', 'connectors'], tests: ['server'] },
  server: { rooms: ['core', 'connectors'], tests: ['cli'] },
  console: { rooms: ['core'], tests: ['server', 'connectors'] },
}

/** What core may use besides itself: the schema library, a hash; all pure, all run in a browser. */
const CORE_LIBRARIES = ['zod', '@noble/hashes', '#sha256']
/** The one file that knows it runs on Node: the same pure function, faster (`imports` of core's package.json). */
const FOR_NODE: Record<string, string> = { 'packages/core/src/platform/sha256.node.ts': 'node:crypto' }

/** Time, randomness, environment and network enter core as arguments (so a call of an argument named `fetch` is fine). */
const IMPURE = [/\bDate\.now\(/, /\bnew Date\(\)/, /\bMath\.random\(/, /\bprocess\./, /\bglobalThis\b/, /\bsetTimeout\(/, /\bperformance\./, /\bcrypto\./]

const sources = Object.keys(MAY_IMPORT).flatMap((room) => filesBelow(join(ROOT, 'packages', room)).map((file) => ({ room, file })))

test('every package may import only the rooms below it', () => {
  const wrong: string[] = []
  for (const { room, file } of sources) {
    for (const specifier of importsOf(file)) {
      const target = roomOf(specifier, file)
      if (target === null || target === room) continue
      const rule = MAY_IMPORT[room]
      const isTest = isTestFile(file)
      if (rule?.rooms.includes(target) || (isTest && rule?.tests.includes(target))) continue
      wrong.push(`${relative(ROOT, file)} imports ${specifier}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('core is pure: no I/O, clock, randomness, environment or network, and only pure libraries', () => {
  const wrong: string[] = []
  for (const { room, file } of sources) {
    if (room !== 'core' || isTestFile(file)) continue
    const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')
    for (const pattern of IMPURE) if (pattern.test(code)) wrong.push(`${relative(ROOT, file)} uses ${pattern.source}`)
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith('.') || CORE_LIBRARIES.some((name) => specifier === name || specifier.startsWith(`${name}/`))) continue
      if (FOR_NODE[relative(ROOT, file)] === specifier) continue
      wrong.push(`${relative(ROOT, file)} imports ${specifier}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('the rule itself sees a violation', () => {
  assert.equal(roomOf('@onus/server/main.ts', join(ROOT, 'packages/core/src/x.ts')), 'server')
  assert.equal(roomOf('../../server/src/main.ts', join(ROOT, 'packages/core/src/x.ts')), 'server')
  assert.ok(IMPURE.some((pattern) => pattern.test('const now = Date.now()')))
})

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ts|tsx)$/.test(entry.name) && !/[\\/](?:node_modules|dist)(?:[\\/]|$)/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name))
}

function isTestFile(file: string): boolean {
  return /\.test\.tsx?$/.test(file) || /[\\/](?:testing|e2e)[\\/]/.test(file)
}

function importsOf(file: string): string[] {
  const code = readFileSync(file, 'utf8')
  return [...code.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+)['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '')
}

function roomOf(specifier: string, file: string): string | null {
  const named = /^@onus\/([a-z]+)/.exec(specifier)?.[1]
  if (named) return named
  if (!specifier.startsWith('.')) return null
  return /[\\/]packages[\\/]([a-z]+)[\\/]/.exec(resolve(dirname(file), specifier))?.[1] ?? null
}
