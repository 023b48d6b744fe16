import { after, test } from 'node:test'
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testApp } from '../testing/app.ts'
import { testDatabases } from '../testing/database.ts'

const dist = await mkdtemp(join(tmpdir(), 'onus-dist-'))
after(() => rm(dist, { recursive: true, force: true }))
await mkdir(join(dist, 'assets'))
await writeFile(join(dist, 'index.html'), '<!doctype html><title>Onus</title>')
await writeFile(join(dist, 'assets', 'app-1a2b.js'), 'export {}')
const { url } = await testApp(await (await testDatabases()).fresh(), { dist })

test('addresses of screens are the page, files are themselves, and the rest is not there', async () => {
  const cases: [string, string, number, RegExp, string | null][] = [
    ['the start', '/', 200, /text\/html/, 'no-cache'],
    ['a screen', '/identities?q=x', 200, /text\/html/, 'no-cache'],
    ['the sign-in page', '/sign-in', 200, /text\/html/, 'no-cache'],
    ['an asset', '/assets/app-1a2b.js', 200, /javascript/, 'public, max-age=31536000, immutable'],
    ['an asset of another version', '/assets/app-0000.js', 404, /problem\+json/, 'no-store'],
    ['a route that is none', '/v1/nothing', 404, /problem\+json/, 'no-store'],
    ['out of the folder', '/assets/..%2f..%2fpackage.json', 404, /problem\+json/, 'no-store'],
    ['out of the folder, packed twice', '/%252e%252e/package.json', 404, /problem\+json/, 'no-store'],
  ]
  for (const [name, path, status, type, cache] of cases) {
    const answer = await fetch(url + path)
    assert.equal(answer.status, status, name)
    assert.match(answer.headers.get('content-type') ?? '', type, name)
    assert.equal(answer.headers.get('cache-control'), cache, name)
    assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'/, name)
  }
})
