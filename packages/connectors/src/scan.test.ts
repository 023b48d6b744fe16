/** Bad input, through the real readers: a clear line for each, bounded memory, nothing executed, nothing lost. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { ScanReport } from '@onus/core/report.ts'
import { prefixesOf } from './roots.ts'
import { scan } from './scan.ts'
import { sharedData } from './testing/shared-data.ts'

const AS_OF = new Date('2026-08-21T00:00:00Z')

async function withFiles<T>(files: Record<string, string | Buffer>, use: (root: string) => Promise<T>): Promise<T> {
  const base = mkdtempSync(join(tmpdir(), 'onus-scan-'))
  const root = join(base, 'estate')
  mkdirSync(root)
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), content)
    }
    return await use(root)
  } finally {
    rmSync(base, { recursive: true, force: true })
  }
}

const account = (name: string): string =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: ${name}, namespace: a }\n`
const BILLION_LAUGHS = `a: &a [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n${'bcdefghi'
  .split('')
  .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)
  .join('\n')}\n`

const BAD: Record<string, string | Buffer> = {
  'good.yaml': account('good'),
  'broken.yaml': `${account('before-the-break')}---\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: "x\n`,
  'broken.tf':
    'resource "aws_iam_user" "good" {\n  name = "tf-good"\n}\nresource "aws_iam_user" "bad" {\n  name = \n}\n',
  'bomb.yaml': `apiVersion: v1\nkind: ServiceAccount\n${BILLION_LAUGHS}`,
  'deep.yaml': `apiVersion: v1\nkind: ServiceAccount\nx: ${'['.repeat(100_000)}\n`,
  'duplicate-keys.yaml':
    'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: first, namespace: a }\nmetadata: { name: second, namespace: a }\n',
  'latin1.yaml': Buffer.concat([
    Buffer.from(`${account('latin')}# caf`),
    Buffer.from([0xe9]),
    Buffer.from(' and more text so that one byte in it is rare\n'),
  ]),
  'utf16.yaml': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(account('utf16'), 'utf16le')]),
  'binary.yaml': Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]),
  'compressed.yaml.gz': Buffer.from([0x1f, 0x8b]),
  'a\u001b[31m.yaml': account('escaped'),
  'same-1.yaml': account('twice'),
  'same-2.yaml': account('twice'),
  'proto.yaml':
    'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: proto, namespace: a, annotations: { __proto__: x, constructor: y } }\n__proto__: { polluted: yes }\n',
}

test('T62 and bad input: each bad file is one clear line, and everything else is read', () =>
  withFiles(BAD, async (root) => {
    truncateSync(join(root, 'good.yaml'), Buffer.byteLength(String(BAD['good.yaml'])))
    writeFileSync(join(root, 'huge.yaml'), '')
    truncateSync(join(root, 'huge.yaml'), 200 * 1024 * 1024)
    symlinkSync('.', join(root, 'loop'))
    symlinkSync('/etc', join(root, 'outside'))
    execFileSync('mkfifo', [join(root, 'pipe.yaml')])
    mkdirSync(join(root, 'directory.yaml'))
    const report = ScanReport.parse(await scan({ paths: [root], asOf: AS_OF }))
    const names = report.identities.map((one) => one.name)
    assert.deepEqual(
      ['good', 'before-the-break', 'tf-good', 'latin', 'utf16', 'proto'].filter((name) => !names.includes(name)),
      [],
      'read in spite of its neighbours',
    )
    assert.equal(names.filter((name) => name === 'twice').length, 1, 'a duplicate is one identity')
    const twice = report.identities.find((one) => one.name === 'twice')
    assert.deepEqual(
      [twice?.source.file, ...(twice?.source.also ?? []).map((place) => place.file)],
      ['same-1.yaml', 'same-2.yaml'],
    )
    const unread = report.sources.flatMap((source) => source.unread)
    const reasons = new Map(unread.map((entry) => [entry.file, entry.reason]))
    const want: [file: string, reason: RegExp][] = [
      ['broken.yaml', /YAML/],
      ['broken.tf', /HCL/],
      ['bomb.yaml', /alias/],
      ['deep.yaml', /deep|nest/],
      ['duplicate-keys.yaml', /unique|duplicate|twice/i],
      ['latin1.yaml', /not UTF-8/],
      ['binary.yaml', /binary/],
      ['compressed.yaml.gz', /unpack/],
      ['a\\u001b[31m.yaml', /control characters/],
      ['huge.yaml', /200 MB is more than the limit of \d+ MB/],
      ['loop', /loop/],
      ['outside', /out of the scanned directory/],
      ['pipe.yaml', /named pipe/],
    ]
    for (const [file, reason] of want) assert.match(reasons.get(file) ?? 'nothing is said', reason, file)
    assert.deepEqual(
      [...reasons.keys()].filter((file) => !want.some(([known]) => known === file)),
      [],
      'nothing else is unread',
    )
    assert.equal(report.summary.unread, unread.length)
    assert.equal(report.sources.find((source) => source.reader === 'files')?.isComplete, false)
    assert.equal((Object.prototype as { polluted?: unknown }).polluted, undefined)
  }))

test('a path that is not there is told, and the others are read', () =>
  withFiles({ 'a.yaml': account('a') }, async (root) => {
    const report = await scan({ paths: [join(root, 'gone'), root], asOf: AS_OF })
    assert.equal(report.identities.length, 1)
    assert.match(report.sources[0]?.unread[0]?.reason ?? '', /no such file or directory/)
  }))

const isRoot = process.getuid?.() === 0

test(
  'an unreadable file and directory are told, their neighbours read',
  { skip: isRoot || process.getuid ? false : 'no users on this system' },
  () =>
    withFiles({ 'a.yaml': account('a'), 'shut.yaml': account('b'), 'shut/c.yaml': account('c') }, async (root) => {
      const script = `import { scan } from ${JSON.stringify(new URL('./scan.ts', import.meta.url).href)}
const report = await scan({ paths: [${JSON.stringify(root)}], asOf: new Date(0) })
process.stdout.write(JSON.stringify({ names: report.identities.map((one) => one.name), unread: report.sources[0].unread.map((one) => one.file + ' ' + one.reason) }))`
      chmodSync(join(root, 'shut.yaml'), 0)
      chmodSync(join(root, 'shut'), 0)
      if (isRoot) for (const path of [dirname(root), root, join(root, 'a.yaml')]) chownSync(path, 65_534, 65_534)
      // The superuser reads everything, so the scan runs as nobody.
      const done = spawnSync(
        process.execPath,
        ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', script],
        {
          encoding: 'utf8',
          cwd: fileURLToPath(new URL('.', import.meta.url)),
          ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
        },
      )
      chmodSync(join(root, 'shut'), 0o700)
      assert.equal(done.status, 0, done.stderr)
      assert.deepEqual(JSON.parse(done.stdout), {
        names: ['a'],
        unread: ['shut directory not readable (EACCES)', 'shut.yaml not readable (EACCES)'],
      })
    }),
)

test('ten thousand broken documents in one file are counted, and a thousand of them listed', () =>
  withFiles(
    {
      'many.yaml': Array.from(
        { length: 10_000 },
        (_, i) => `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: n${i}, name: m }\n`,
      ).join('---\n'),
    },
    async (root) => {
      const report = await scan({ paths: [root], asOf: AS_OF })
      const source = report.sources.find((one) => one.reader === 'kubernetes')
      assert.equal(source?.unreadCount, 10_000)
      assert.equal(source?.unread.length, 1_000)
    },
  ))

test('ten thousand findings in one file: all of them are in the report', () =>
  withFiles(
    { 'many.yaml': Array.from({ length: 10_000 }, (_, i) => account(`account-${i}`)).join('---\n') },
    async (root) => {
      const report = await scan({ paths: [root], asOf: AS_OF })
      assert.equal(report.identities.length, 10_000)
      assert.ok(report.findings.filter((finding) => finding.rule === 'unowned').length >= 10_000)
      assert.equal(new Set(report.findings.map((finding) => finding.id)).size, report.findings.length)
    },
  ))

test('T88: while thousands of files are read and judged, the main thread is never busy for long', () =>
  withFiles(
    Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`d${i % 300}/${i}.yaml`, account(`account-${i}`)])),
    async (root) => {
      await scan({ paths: [join(root, 'd0')], asOf: AS_OF }) // modules are loaded and compiled once
      let longestMs = 0
      const start = process.threadCpuUsage()
      let before = start
      const turns = setInterval(() => {
        const { user, system } = process.threadCpuUsage(before)
        longestMs = Math.max(longestMs, (user + system) / 1_000)
        before = process.threadCpuUsage()
      }, 1)
      const report = await scan({ paths: [root], asOf: AS_OF })
      clearInterval(turns)
      assert.equal(report.identities.length, 3_000)
      // Its own processor time, because how long a busy machine lets it wait is not ours, and a share of it, because
      // how fast the machine is is not ours either. Judged in one go it would be most of it.
      const { user, system } = process.threadCpuUsage(start)
      const totalMs = (user + system) / 1_000
      assert.ok(longestMs < totalMs / 4, `${longestMs} of ${totalMs} ms without a turn`)
    },
  ))

test('a scan that is aborted ends at once, with the reason it was given, and leaves no process', () =>
  withFiles(
    Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`${i}.yaml`, account(`a${i}`)])),
    async (root) => {
      const controller = new AbortController()
      const scanning = scan({
        paths: [root],
        asOf: AS_OF,
        signal: controller.signal,
        onProgress: ({ stage }) => stage === 'reading' && controller.abort(new Error('enough')),
      })
      await assert.rejects(scanning, /enough/)
      await assert.rejects(scan({ paths: [root], asOf: AS_OF, signal: controller.signal }), /enough/)
    },
  ))

test('identity ids are the same in every scan, wherever the estate lies', () =>
  withFiles(
    {
      'one/a.yaml': account('a'),
      'one/m.tf': 'resource "aws_iam_user" "u" {\n  name = "u"\n}\n',
      'two/a.yaml': account('a'),
      'two/m.tf': 'resource "aws_iam_user" "u" {\n  name = "u"\n}\n',
    },
    async (root) => {
      const [one, two] = [
        await scan({ paths: [join(root, 'one')], asOf: AS_OF }),
        await scan({ paths: [join(root, 'two')], asOf: AS_OF }),
      ]
      assert.deepEqual(
        one.identities.map((identity) => identity.id),
        two.identities.map((identity) => identity.id),
      )
    },
  ))

const PREFIXES: [name: string, paths: string[], want: string[]][] = [
  ['one path needs none', ['/srv/estate'], ['']],
  ['different names', ['/srv/infra', '/srv/apps'], ['infra/', 'apps/']],
  ['equal names in different places', ['/srv/prod/estate', '/srv/test/estate'], ['prod/estate/', 'test/estate/']],
  ['the same path twice', ['/srv/a', '/srv/a'], ['1-a/', '2-a/']],
  ['one inside the other', ['/srv/a', '/srv/a/b'], ['a/', 'b/']],
]
for (const [name, paths, want] of PREFIXES)
  test(`several paths: ${name}`, () => assert.deepEqual(prefixesOf(paths), want))

test('a file below two of the paths is read once', () =>
  withFiles({ 'a/a.yaml': account('a'), 'b.yaml': account('b') }, async (root) => {
    const report = await scan({ paths: [root, join(root, 'a')], asOf: AS_OF })
    assert.deepEqual(
      report.identities.map((one) => [one.source.file, one.source.also.length]),
      [
        ['estate/a/a.yaml', 0],
        ['estate/b.yaml', 0],
      ],
    )
  }))

const estate = sharedData('estates/moj-cloud-platform/repo')
test(
  'a real estate: everything is read, and the report keeps its contract',
  { skip: estate ? false : 'no shared data beside this checkout' },
  async () => {
    const report = ScanReport.parse(await scan({ paths: [estate ?? ''], asOf: AS_OF }))
    assert.equal(report.summary.unread, 0)
    assert.equal(report.sources.find((source) => source.reader === 'kubernetes')?.files, 148)
    assert.equal(report.sources.find((source) => source.reader === 'terraform')?.files, 143)
  },
)

test('a module counts where it is called, in whatever directory and whichever process reads it', () => {
  const callers = Array.from({ length: 60 }, (_, i): [string, string] => [
    `teams/t${i}/main.tf`,
    `module "bot" {\n  source = "../../platform/bot"\n  name = "bot-${i}"\n}\n`,
  ])
  const files = {
    ...Object.fromEntries(callers),
    'platform/bot/main.tf': 'variable "name" {}\nresource "aws_iam_user" "this" { name = var.name }\n',
    'live/x/terragrunt.hcl': 'terraform {\n  source = "../../platform/bot"\n}\ninputs = { name = "bot-60" }\n',
  }
  return withFiles(files, async (root) => {
    const report = await scan({ paths: [root], asOf: AS_OF, limits: { workers: 2 } })
    assert.deepEqual(
      report.identities.map((one) => one.name).sort(),
      Array.from({ length: 61 }, (_, i) => `bot-${i}`).sort(),
    )
    const source = report.sources.find((one) => one.reader === 'terraform')
    assert.deepEqual([source?.files, source?.unread], [62, []])
  })
})
