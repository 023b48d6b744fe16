import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { walk, MAX_FILE_BYTES, type FoundFile, type Walked, type WalkReader } from './walk.ts'

const YAML: WalkReader = { wantsPath: (path) => path.endsWith('.yaml') }
const EXPORTS: WalkReader = { wantsPath: (path) => path.endsWith('.json'), maxBytes: 4 * MAX_FILE_BYTES }

type Tree = Record<string, string | { link: string } | { bytes: number }>

async function withTree(tree: Tree, use: (root: string) => Promise<void>): Promise<void> {
  const base = mkdtempSync(join(tmpdir(), 'onus-walk-'))
  const root = join(base, 'estate')
  mkdirSync(root)
  try {
    for (const [path, content] of Object.entries(tree)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      if (typeof content === 'string') writeFileSync(join(root, path), content)
      else if ('link' in content) symlinkSync(content.link, join(root, path))
      else {
        writeFileSync(join(root, path), '')
        truncateSync(join(root, path), content.bytes) // sparse: takes no room
      }
    }
    await use(root)
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}

async function walkAll(root: string, prefix = ''): Promise<{ found: FoundFile[]; walked: Walked }> {
  const found: FoundFile[] = []
  const walked = await walk({ root, prefix, readers: [YAML, EXPORTS], onFile: (file) => void found.push(file) })
  return { found, walked }
}

const CASES: [name: string, tree: Tree, want: { files: string[]; unread: [file: string, reason: RegExp][] }][] = [
  [
    'files come in the order of their names, whatever the order on disk',
    { 'b.yaml': '', 'a/z.yaml': '', 'a.yaml': '' },
    { files: ['a/z.yaml', 'a.yaml', 'b.yaml'], unread: [] },
  ],
  [
    'what tools keep is not read',
    { 'node_modules/x/a.yaml': '', '.git/a.yaml': '', 'vendor/a.yaml': '', '.terraform/a.yaml': '', 'a.yaml': '' },
    { files: ['a.yaml'], unread: [] },
  ],
  [
    'a file that is named like a skipped directory is read as any other',
    { 'charts/vendor/a.yaml': '', 'charts/vendor.yaml': '' },
    { files: ['charts/vendor.yaml'], unread: [] },
  ],
  [
    'a link to a directory above itself is a loop',
    { 'a/a.yaml': '', 'a/b/up': { link: '../..' } },
    { files: ['a/a.yaml'], unread: [['a/b/up', /loop/]] },
  ],
  [
    'two links that lead to each other’s directory are a loop, met once each',
    { 'a/a.yaml': '', 'a/to-b': { link: '../b' }, 'b/to-a': { link: '../a' }, 'b/b.yaml': '' },
    {
      files: ['a/a.yaml', 'a/to-b/b.yaml', 'b/b.yaml', 'b/to-a/a.yaml'],
      unread: [
        ['a/to-b/to-a', /loop/],
        ['b/to-a/to-b', /loop/],
      ],
    },
  ],
  [
    'a link to itself is a loop',
    { 'self.yaml': { link: 'self.yaml' } },
    { files: [], unread: [['self.yaml', /leads to itself/]] },
  ],
  [
    'a link out of the root is not followed',
    { etc: { link: '/etc' }, 'hosts.yaml': { link: '/etc/hosts' } },
    {
      files: [],
      unread: [
        ['etc', /out of the scanned directory/],
        ['hosts.yaml', /out of the scanned directory/],
      ],
    },
  ],
  [
    'a link out of the root that nobody would read is no news',
    { 'README.md': { link: '/etc/hosts' } },
    { files: [], unread: [] },
  ],
  [
    'a sibling whose name starts like the root is outside',
    {
      '../estate-secrets/b.yaml': '',
      x: { link: '../estate-secrets' },
      'y.yaml': { link: '../estate/a.yaml' },
      'a.yaml': '',
    },
    { files: ['a.yaml', 'y.yaml'], unread: [['x', /out of/]] },
  ],
  [
    'a shared file is read where the link puts it',
    { 'common/base.yaml': 'a: 1', 'prod/base.yaml': { link: '../common/base.yaml' } },
    { files: ['common/base.yaml', 'prod/base.yaml'], unread: [] },
  ],
  [
    'a link into what is skipped is said',
    { '.git/a.yaml': '', 'a.yaml': { link: '.git/a.yaml' } },
    { files: [], unread: [['a.yaml', /skipped/]] },
  ],
  [
    'a link to nothing is said when it should be a file of interest',
    { 'a.yaml': { link: 'gone.yaml' }, '.#lock': { link: 'me@host.1' } },
    { files: [], unread: [['a.yaml', /not there/]] },
  ],
  [
    'a huge file is one line',
    { 'a.yaml': { bytes: 200 * 1024 * 1024 } },
    { files: [], unread: [['a.yaml', /200 MB is more than the limit of 32 MB/]] },
  ],
  [
    'an export may be larger where its reader says so',
    { 'a.json': { bytes: 100 * 1024 * 1024 }, 'b.json': { bytes: 200 * 1024 * 1024 } },
    { files: ['a.json'], unread: [['b.json', /more than the limit of 128 MB/]] },
  ],
  [
    'a compressed file of interest is said, any other not',
    { 'a.yaml.gz': 'x', 'logs.gz': 'x' },
    { files: [], unread: [['a.yaml.gz', /unpack/]] },
  ],
  [
    'a name with control characters is told escaped',
    { 'a\u001b[31m\n.yaml': '' },
    { files: [], unread: [['a\\u001b[31m\\u000a.yaml', /control characters/]] },
  ],
  [
    'HTML in a name is only a name',
    { '<img src=x onerror=alert(1)>.yaml': '' },
    { files: ['<img src=x onerror=alert(1)>.yaml'], unread: [] },
  ],
]

for (const [name, tree, want] of CASES) {
  test(`walk: ${name}`, () =>
    withTree(tree, async (root) => {
      const { found, walked } = await walkAll(root)
      assert.deepEqual(
        found.map((file) => file.path),
        want.files,
      )
      assert.deepEqual(
        walked.unread.entries.map((entry) => entry.file),
        want.unread.map(([file]) => file),
      )
      for (const [index, [, reason]] of want.unread.entries())
        assert.match(walked.unread.entries[index]?.reason ?? '', reason)
    }))
}

test('walk: doubling chains of links stay bounded', () =>
  withTree(
    Object.fromEntries(
      Array.from({ length: 24 }, (_, i) => [
        [`d${i}/x`, { link: `../d${i + 1}` }],
        [`d${i}/y`, { link: `../d${i + 1}` }],
        [`d${i}/a.yaml`, ''],
      ]).flat(),
    ),
    async (root) => {
      const { found, walked } = await walkAll(root)
      assert.ok(found.length < 24 * 16, `${found.length} files`)
      assert.ok(walked.unread.entries.some((entry) => /links inside each other/.test(entry.reason)))
    },
  ))

test('walk: pipes, sockets and devices are never opened', () =>
  withTree({ 'a.yaml': '' }, async (root) => {
    execFileSync('mkfifo', [join(root, 'pipe.yaml')])
    const server = createServer().listen(join(root, 'socket.yaml'))
    try {
      await new Promise((resolve) => server.once('listening', resolve))
      const { found, walked } = await walkAll(root)
      assert.deepEqual(
        found.map((file) => file.path),
        ['a.yaml'],
      )
      assert.deepEqual(
        walked.unread.entries.map((entry) => `${entry.file} ${entry.reason}`),
        ['pipe.yaml named pipe: not opened', 'socket.yaml socket: not opened'],
      )
    } finally {
      server.close()
    }
  }))

test('walk: a name that is not UTF-8 is told, and its neighbours are read', () =>
  withTree({ 'a.yaml': '' }, async (root) => {
    writeFileSync(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9]), Buffer.from('.yaml')]), '')
    const { found, walked } = await walkAll(root)
    assert.deepEqual(
      found.map((file) => file.path),
      ['a.yaml'],
    )
    assert.match(walked.unread.entries[0]?.reason ?? '', /not UTF-8/)
  }))

test('walk: a root may be one file, and a prefix goes before every path', () =>
  withTree({ 'a.yaml': '', 'b.yaml': '' }, async (root) => {
    assert.deepEqual(
      (await walkAll(join(root, 'b.yaml'))).found.map((file) => file.path),
      ['b.yaml'],
    )
    assert.deepEqual(
      (await walkAll(root, 'one/')).found.map((file) => file.path),
      ['one/a.yaml', 'one/b.yaml'],
    )
  }))

test('walk: work trees below the root are told', () =>
  withTree({ 'x/.git/HEAD': '', '.git/HEAD': '', 'y/.git': 'gitdir: ../x/.git' }, async (root) => {
    assert.deepEqual((await walkAll(root)).walked.workTrees, ['', 'x', 'y'])
  }))

test('walk: stops when asked to', () =>
  withTree({ 'a/a.yaml': '', 'b/b.yaml': '' }, async (root) => {
    const controller = new AbortController()
    const walking = walk({
      root,
      prefix: '',
      readers: [YAML],
      signal: controller.signal,
      onFile: () => controller.abort(new Error('enough')),
    })
    await assert.rejects(walking, /enough/)
  }))
