/**
 * `npm run gen` writes the reference pages that follow from the code; `npm run gen -- --check` writes nothing and
 * exits 1 when a page differs from what the code says.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { referencePages } from './reference.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const isCheck = process.argv.includes('--check')

let differing = 0
for (const [path, text] of referencePages(ROOT)) {
  const file = join(ROOT, path)
  if (readOrEmpty(file) === text) continue
  differing += 1
  process.stdout.write(`${isCheck ? 'differs' : 'wrote'} ${path}\n`)
  if (isCheck) continue
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
if (isCheck && differing > 0) {
  process.stderr.write('Run npm run gen and commit what it wrote.\n')
  process.exit(1)
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
