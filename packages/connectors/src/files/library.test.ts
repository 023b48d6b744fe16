import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import type { FileReader } from '../reader.ts'
import { inclusionKey } from './inclusions.ts'
import { Library } from './library.ts'
import { shelvesOf } from './shelves.ts'
import { walk, type FoundFile } from './walk.ts'

const READER: FileReader = {
  name: 'letters',
  blind: [],
  wantsPath: (path) => path.endsWith('.a'),
  wants: () => true,
  includes: { mayName: () => true, of: () => [] },
  read: () => ({ observations: [], unread: [] }),
}

async function libraryOf(t: test.TestContext, files: Record<string, string>): Promise<Library> {
  const root = mkdtempSync(join(tmpdir(), 'onus-library-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const found: FoundFile[] = []
  await walk({ root, prefix: '', readers: [READER], onFile: (file) => void found.push(file) })
  const library = new Library()
  library.add(await shelvesOf(0, found, [READER]))
  return library
}

test('a unit sees the files that its reader wants, and no others', async (t) => {
  const library = await libraryOf(t, { 'x/one.a': '1', 'x/two.a': '2', 'x/three.b': '3', 'x/y/four.a': '4' })
  const surroundings = library.surroundings(0, 0, READER, new Set([inclusionKey(0, 0, 'x')]))
  assert.deepEqual(surroundings.namesIn('x'), ['one.a', 'two.a'])
  assert.deepEqual(surroundings.namesIn('nowhere'), [])
  assert.equal(surroundings.open('x/two.a')?.text, '2')
  assert.equal(surroundings.open('x/y/four.a')?.path, 'x/y/four.a')
  for (const path of ['x/three.b', 'x/none.a', '../one.a', 'x/../x/one.a', ''])
    assert.equal(surroundings.open(path), null, path)
  assert.deepEqual([surroundings.isIncluded('x'), surroundings.isIncluded('x/y')], [true, false])
  assert.deepEqual(library.surroundings(1, 0, READER, new Set()).namesIn('x'), [], 'another root')
})

test('a unit that asks for more than a real one does gets no more, and it is said', async (t) => {
  const large = 'x'.repeat(9 * 1024 * 1024)
  const library = await libraryOf(t, { 'one.a': large, 'two.a': large, 'three.a': 'small' })
  const surroundings = library.surroundings(0, 0, READER, new Set())
  assert.deepEqual([surroundings.open('one.a')?.text.length, surroundings.isCut()], [large.length, false])
  assert.equal(surroundings.open('two.a')?.text.length, large.length)
  assert.deepEqual([surroundings.open('three.a'), surroundings.isCut()], [null, true])
  const next = library.surroundings(0, 0, READER, new Set())
  assert.equal(next.open('three.a')?.text, 'small', 'the next unit starts anew')
})
