import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const DIST = fileURLToPath(new URL('../dist/', import.meta.url))
const BUDGET_KB = 300

/** The scripts that must arrive before anything shows: those of the page, and what they import outright. */
function initialScripts(): Set<string> {
  const page = readFileSync(join(DIST, 'index.html'), 'utf8')
  const queue = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1] ?? '')
  const found = new Set<string>()
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue
    found.add(name)
    const code = readFileSync(join(DIST, name), 'utf8')
    for (const match of code.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) queue.push(`assets/${match[1]}`)
  }
  return found
}

test(`the first script and what it needs stay below ${BUDGET_KB} kB compressed`, () => {
  const scripts = initialScripts()
  assert.ok(scripts.size > 1, 'the imports of the first script were found')
  const bytes = [...scripts].reduce((sum, name) => sum + gzipSync(readFileSync(join(DIST, name))).byteLength, 0)
  assert.ok(bytes < BUDGET_KB * 1_000, `${Math.round(bytes / 1_000)} kB in ${[...scripts].join(', ')}`)
})

test('the page holds no inline script, style or handler, and nothing comes from elsewhere', () => {
  const page = readFileSync(join(DIST, 'index.html'), 'utf8')
  assert.doesNotMatch(page, /<script(?![^>]*\bsrc=)|<style|\son\w+=|javascript:/i)
  const files = readdirSync(join(DIST, 'assets'))
  for (const name of files.filter((file) => file.endsWith('.css'))) {
    assert.doesNotMatch(readFileSync(join(DIST, 'assets', name), 'utf8'), /url\(\s*['"]?(?:https?:)?\/\//, name)
  }
  assert.doesNotMatch(page, /(?:src|href)="(?:https?:)?\/\//)
})
