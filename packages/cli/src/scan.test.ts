import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { ScanReport } from '@onus/core/report.ts'
import { onus } from './testing/capture.ts'
import { SMALL_ESTATE, withEstate } from './testing/estate-folder.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

test('scan: exit codes say what happened', () =>
  withEstate({ ...SMALL_ESTATE, 'empty/readme.md': '' }, async (root) => {
    const cases: [name: string, args: string[], code: number, stderr: RegExp][] = [
      ['findings do not fail a scan that was not asked to', [root], 0, /^$/],
      ['findings at or above the floor do', [root, '--fail-on', 'high', '--format', 'json'], 1, /^$/],
      ['a path that is not there', [join(root, 'gone')], 2, /no such file or directory: .*gone/],
      ['one of two paths that is not there', [root, join(root, 'gone')], 2, /no such file or directory: .*gone/],
      ['nothing of interest', [join(root, 'empty')], 2, /nothing to read in .*empty: of 1 file none/],
      ['no path', [], 2, /missing required argument 'path'/],
      [
        'a severity that does not exist',
        [root, '--fail-on', 'hihg'],
        2,
        /Allowed choices are low, medium, high, critical/,
      ],
      ['a misspelt option', [root, '--formatt', 'json'], 2, /Did you mean --format\?/],
      ['a date that could be read in two ways', [root, '--as-of', '03/04/2026'], 2, /takes a date such as 2026-08-21/],
      ['a day that does not exist', [root, '--as-of', '2026-02-30'], 2, /takes a date such as/],
      [
        'a place for the report that is not there',
        [root, '--out', join(root, 'no/such/report.json')],
        2,
        /cannot write into/,
      ],
      ['a report where a directory is', [root, '--out', join(root, 'empty')], 3, /cannot write .*EISDIR/],
    ]
    for (const [name, args, code, stderr] of cases) {
      const done = await onus(['scan', ...args])
      assert.equal(done.code, code, `${name}: ${done.stderr}`)
      assert.match(done.stderr, stderr, name)
    }
  }))

test('scan: a floor above every finding passes', () =>
  withEstate({ 'a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n' }, async (root) => {
    assert.equal((await onus(['scan', root, '--fail-on', 'critical'])).code, 0)
  }))

test('scan: JSON is the contract, the same on every scan, with the day it was asked for', () =>
  withEstate(SMALL_ESTATE, async (root) => {
    const args = ['scan', root, '--as-of', '2026-03-01', '--format', 'json']
    const [first, second] = [await onus(args), await onus(args)]
    const report = ScanReport.parse(JSON.parse(first.stdout))
    assert.equal(first.stdout, second.stdout)
    assert.equal(report.asOf, '2026-03-01T00:00:00.000Z')
    assert.deepEqual(
      report.identities.map((one) => `${one.name} ${one.accountability.state} ${one.source.file}`),
      ['robot unowned cloud/user.tf', 'ledger-sync split ledger/namespace.yaml'],
    )
    assert.deepEqual(
      report.sources.map(({ reader, files }) => [reader, files]),
      [
        ['files', 3],
        ['kubernetes', 1],
        ['terraform', 1],
      ],
    )
    assert.equal(report.summary.files, 3)
  }))

test('scan: the table tells who answers, what is wrong and what to do next, at any width', () =>
  withEstate(SMALL_ESTATE, async (root) => {
    for (const columns of [60, 100]) {
      const { stdout } = await onus(['scan', root], { columns })
      assert.match(stdout, /2 machine identities as of 2026-08-21/)
      assert.match(stdout, /split +1 +50 %/)
      assert.match(stdout, /unowned +1 +50 %/)
      assert.match(stdout, /(?:critical|high) +1 {2}It holds admin/)
      assert.match(stdout, /≠ (?:billing|Dispatch)/)
      assert.match(stdout, /What could not be judged: \d+ times/)
      assert.match(stdout, /onus scan /)
      for (const line of stdout.split('\n')) assert.ok(line.length <= columns, `${columns}: ${line}`)
      assert.doesNotMatch(stdout, /\u001b/)
    }
  }))

test('scan: colours and progress on a terminal only, and not against NO_COLOR or --no-color', () =>
  withEstate(SMALL_ESTATE, async (root) => {
    const terminal = await onus(['scan', root], { isTerminal: true })
    assert.match(terminal.stdout, /\u001b\[31m/)
    assert.match(terminal.stderr, /\r\u001b\[2K/)
    assert.equal(terminal.stderr.replaceAll(/\r\u001b\[2K[^\r]*/g, ''), '', 'the progress line is gone at the end')
    for (const quiet of [
      await onus(['scan', root, '--no-color', '--quiet'], { isTerminal: true }),
      await onus(['scan', root, '--quiet'], { isTerminal: true, env: { NO_COLOR: '1' } }),
    ]) {
      assert.doesNotMatch(quiet.stdout + quiet.stderr, /\u001b/)
    }
  }))

test('scan: several paths keep their files apart', () =>
  withEstate(
    {
      'one/estate/a.yaml': SMALL_ESTATE['ledger/namespace.yaml'],
      'two/estate/a.yaml': SMALL_ESTATE['ledger/namespace.yaml'],
    },
    async (root) => {
      const { stdout } = await onus(['scan', join(root, 'one/estate'), join(root, 'two/estate'), '--format', 'json'])
      const report = ScanReport.parse(JSON.parse(stdout))
      const files = report.identities.flatMap((one) => [one.source.file, ...one.source.also.map((place) => place.file)])
      assert.deepEqual([...new Set(files)].sort(), ['one/estate/a.yaml', 'two/estate/a.yaml'])
      assert.deepEqual(
        report.sources.filter((source) => source.reader === 'kubernetes').map((source) => source.files),
        [1, 1],
      )
    },
  ))

test('scan: --out replaces a report whole, follows a link, knows the format by the name', () =>
  withEstate(SMALL_ESTATE, async (root) => {
    const real = join(root, 'notes.json')
    writeFileSync(real, 'old')
    symlinkSync(real, join(root, 'link.json'))
    const json = await onus(['scan', root, '--out', join(root, 'link.json')])
    assert.equal(json.stdout, '')
    assert.match(json.stderr, /^Wrote .*link\.json \(json\): 2 machine identities, \d+ findings\.\n$/)
    ScanReport.parse(JSON.parse(readFileSync(real, 'utf8')))
    await onus(['scan', root, '--out', join(root, 'r.html')])
    assert.match(readFileSync(join(root, 'r.html'), 'utf8'), /^<!doctype html>/)
    await onus(['scan', root, '--out', join(root, 'r.sarif')])
    assert.match(readFileSync(join(root, 'r.sarif'), 'utf8'), /"version": "2\.1\.0"/)
    assert.equal((await onus(['scan', root, '--out', '/dev/null'])).code, 0)
    assert.ok(existsSync('/dev/null'))
    assert.deepEqual(
      readdirSync(root).filter((name) => name.endsWith('.part')),
      [],
    )
  }))

test('scan: conventions are taken from the scanned directory, and that is said', () =>
  withEstate(
    { ...SMALL_ESTATE, 'onus.conventions.yaml': 'version: 1\nignore: [lumen.example/owner]\n' },
    async (root) => {
      const done = await onus(['scan', root, '--format', 'json'])
      assert.match(done.stderr, /Using the conventions in .*onus\.conventions\.yaml/)
      assert.equal(
        ScanReport.parse(JSON.parse(done.stdout)).identities.find((one) => one.name === 'ledger-sync')?.accountability
          .state,
        'claimed',
      )
      writeFileSync(join(root, 'bad.yaml'), 'version: 1\nkeyz: {}\n')
      const bad = await onus(['scan', root, '--conventions', join(root, 'bad.yaml')])
      assert.equal(bad.code, 2)
      assert.match(bad.stderr, /bad\.yaml:2 keyz/)
      assert.match(
        (await onus(['scan', root, '--conventions', join(root, 'gone.yaml')])).stderr,
        /cannot read the conventions file .*ENOENT/,
      )
    },
  ))

test('conventions suggest prints a file that scan takes', () =>
  withEstate(SMALL_ESTATE, async (root) => {
    const suggested = await onus(['conventions', 'suggest', root])
    assert.equal(suggested.code, 0)
    assert.match(suggested.stdout, /lumen\.example\/team-name/)
    writeFileSync(join(root, 'onus.conventions.yaml'), suggested.stdout)
    assert.equal((await onus(['scan', root])).code, 0)
  }))

test('rules, readers and schema print what they are asked for', async () => {
  const rules = JSON.parse((await onus(['rules', '--json'])).stdout) as { rules: { id: string; fix: string }[] }
  assert.ok(rules.rules.length > 20 && rules.rules.every((rule) => rule.fix !== ''))
  assert.match((await onus(['rules'])).stdout, /unowned/)
  assert.match((await onus(['readers'])).stdout, /kubernetes\n {4}cannot see/)
  assert.equal((JSON.parse((await onus(['schema'])).stdout) as { title: string }).title, 'Onus scan report')
  const help = await onus(['--help'])
  assert.equal(help.code, 0)
  assert.match(help.stdout, /Examples:[\s\S]*Exit codes:/)
  const nothing = await onus([])
  assert.deepEqual([nothing.code, nothing.stdout], [2, ''])
})

async function withServer(
  answer: (request: IncomingMessage, body: string) => { status: number; body: string; location?: string },
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server: Server = createServer((request, response) => {
    let body = ''
    request
      .setEncoding('utf8')
      .on('data', (chunk: string) => (body += chunk))
      .on('end', () => {
        const { status, body: text, location } = answer(request, body)
        response.writeHead(status, { 'content-type': 'application/json', ...(location ? { location } : {}) }).end(text)
      })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) // it listens on TCP, so it has a port
  } finally {
    server.close()
  }
}

const IMPORTED = {
  importId: 'i',
  sourceId: 's',
  identities: 2,
  credentials: 1,
  appeared: 2,
  changed: 0,
  unchanged: 0,
  vanished: 0,
  returned: 0,
  findings: 9,
  note: null,
}

test('push: the report goes to the server with the token, and its answer is told', () =>
  withEstate(SMALL_ESTATE, async (root) => {
    const seen: { path: string | undefined; token: string | undefined; body: string }[] = []
    await withServer(
      (request, body) => {
        seen.push({ path: request.url, token: request.headers.authorization, body })
        return { status: 201, body: JSON.stringify(IMPORTED) }
      },
      async (url) => {
        const done = await onus(['scan', root, '--push', url, '--source', 'estate', '--format', 'json'], {
          env: { ONUS_TOKEN: 'onus_made_up' },
        })
        assert.equal(done.code, 0, done.stderr)
        assert.match(done.stderr, /Imported: 2 new, 0 changed/)
        assert.deepEqual(
          seen.map(({ path, token }) => [path, token]),
          [['/v1/imports?source=estate', 'Bearer onus_made_up']],
        )
        assert.equal(ScanReport.parse(JSON.parse(seen[0]?.body ?? '')).identities.length, 2)
        assert.doesNotMatch(done.stdout + done.stderr, /onus_made_up/)
      },
    )
  }))

test('push: a refusal, a redirect and silence are told with what to do', () =>
  withEstate(SMALL_ESTATE, async (root) => {
    const problem = {
      type: 'about:blank',
      title: 'No',
      status: 403,
      code: 'forbidden',
      detail: 'This token may not import.\u001b[2J',
    }
    const env = { env: { ONUS_TOKEN: 'onus_made_up', OTHER: 'x' } }
    await withServer(
      () => ({ status: 403, body: JSON.stringify(problem) }),
      async (url) => {
        const done = await onus(['scan', root, '--push', url], env)
        assert.equal(done.code, 3)
        assert.match(done.stderr, /refused the report: This token may not import\.\\u\{1b\}/)
        assert.match(
          (await onus(['scan', root, '--push', url])).stderr,
          /needs a token of the server in the environment variable ONUS_TOKEN/,
        )
        assert.match((await onus(['scan', root, '--push', url, '--token-env', 'NONE'], env)).stderr, /variable NONE/)
      },
    )
    let followed = 0
    await withServer(
      () => ({ status: 201, body: String((followed += 1)) }),
      async (other) => {
        await withServer(
          () => ({ status: 307, body: '', location: `${other}/v1/imports` }),
          async (url) => {
            assert.equal((await onus(['scan', root, '--push', url], env)).code, 3)
          },
        )
      },
    )
    assert.equal(followed, 0, 'the token went where the server pointed')
    let closed = ''
    await withServer(
      () => ({ status: 500, body: '' }),
      async (url) => void (closed = url),
    )
    assert.match(
      (await onus(['scan', root, '--push', closed], env)).stderr,
      /no answer from 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/,
    )
    for (const [url, said] of [
      ['http://onus.lumen.example', /needs https/],
      ['nonsense', /takes the address of a server/],
      ['https://me:pass@onus.lumen.example', /leave user and password out/],
    ] as const) {
      const done = await onus(['scan', root, '--push', url], env)
      assert.equal(done.code, 2)
      assert.match(done.stderr, said)
    }
  }))

test('a reader that goes away is no error, and an interruption ends everything with 130', () =>
  withEstate(SMALL_ESTATE, async (root) => {
    const piped = spawn(
      'bash',
      ['-c', `"$0" "$1" scan "$2" --format json | head -c 10; echo " \${PIPESTATUS[0]}"`, process.execPath, MAIN, root],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let out = ''
    piped.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    piped.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()))
    await once(piped, 'close')
    assert.match(out, / 0\n$/)
    const controller = new AbortController()
    const scanning = onus(['scan', root], { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('SIGINT')), 150)
    const done = await scanning
    assert.deepEqual([done.code, done.stdout], [130, ''])
  }))
