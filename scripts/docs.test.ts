/** The documentation is true: links lead somewhere, shown output is what the command prints, shown files are valid. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { readConventions } from '@onus/connectors/conventions-file/index.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const pages = [
  ...readdirSync(ROOT).map((name) => join(ROOT, name)),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => join(ROOT, 'docs', name)),
  join(ROOT, 'examples/lumen-parcel/README.md'),
].filter((path) => path.endsWith('.md'))

/** As GitHub makes anchors of headings. */
function anchorsOf(path: string): Set<string> {
  const headings = readFileSync(path, 'utf8').match(/^#+ .*$/gm) ?? []
  return new Set(
    headings.map((line) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N} -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** `packages/console/e2e/screenshots.ts` makes the pictures of the console; until then their links lead nowhere. */
const hasPictures = existsSync(join(ROOT, 'docs/images'))

for (const page of pages) {
  test(`links of ${relative(ROOT, page)} lead somewhere`, () => {
    const text = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```/gm, '')
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target) || (!hasPictures && target.startsWith('docs/images/'))) continue
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      assert.ok(existsSync(file), `${target} does not exist`)
      if (anchor !== undefined) assert.ok(anchorsOf(file).has(anchor), `${target}: no such heading`)
    }
  })
}

/** `$ npm run onus -- ARGUMENTS` and, below it, pieces of its output; a line "…" stands for what is left out. */
type Session = { page: string; args: string[]; pieces: string[] }

const sessions: Session[] = pages.flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/^```console\n\$ npm run onus -- (.*)\n([\s\S]*?)^```/gm)].map(
    ([, args = '', output = '']) => ({
      page: relative(ROOT, page),
      args: args.split(' '),
      pieces: output.split(/^…\n/m).filter((piece) => piece !== ''),
    }),
  ),
)

const printed = new Map<string, string>()

function print(args: readonly string[]): string {
  const key = args.join(' ')
  const known = printed.get(key)
  if (known !== undefined) return known
  const { stdout, status, stderr } = spawnSync(process.execPath, [join(ROOT, 'packages/cli/src/main.ts'), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', COLUMNS: '80' },
  })
  assert.equal(status, 0, stderr)
  printed.set(key, stdout)
  return stdout
}

test('the output that pages show is what the command prints', () => {
  assert.ok(sessions.length > 0)
  for (const { page, args, pieces } of sessions) {
    let rest = print(args)
    for (const piece of pieces) {
      const at = rest.indexOf(piece)
      assert.ok(at >= 0, `${page} shows what \`onus ${args.join(' ')}\` does not print:\n${piece}`)
      rest = rest.slice(at + piece.length)
    }
  }
})

test('the conventions file that the how-to shows is valid', () => {
  const text = readFileSync(join(ROOT, 'docs/how-to/write-a-conventions-file.md'), 'utf8')
  const shown = /^ {3}```yaml\n([\s\S]*?)^ {3}```/m.exec(text)?.[1]?.replace(/^ {3}/gm, '') ?? ''
  const read = readConventions(shown, 'onus.conventions.yaml')
  assert.ok('conventions' in read, JSON.stringify(read))
  assert.deepEqual(read.conventions.teamAliases, { 'the beetles': 'payments' })
})
