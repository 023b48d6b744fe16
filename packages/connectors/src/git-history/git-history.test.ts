import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { readGitHistory, repositoryName, type GitHistory } from './index.ts'

const hasGit = spawnSync('git', ['--version']).status === 0
let base = ''
before(() => {
  base = mkdtempSync(join(tmpdir(), 'onus-git-'))
})
after(() => rmSync(base, { recursive: true, force: true }))

function git(
  directory: string,
  args: string[],
  who = { name: 'Ada Example', email: 'ada@lumen.example', at: '2026-01-01T10:00:00Z' },
): string {
  return execFileSync('git', args, {
    cwd: directory,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: who.name,
      GIT_AUTHOR_EMAIL: who.email,
      GIT_AUTHOR_DATE: who.at,
      GIT_COMMITTER_NAME: who.name,
      GIT_COMMITTER_EMAIL: who.email,
      GIT_COMMITTER_DATE: who.at,
    },
  })
}

function commit(directory: string, files: Record<string, string>, name: string, day: number): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  git(directory, ['add', '-A'])
  git(directory, ['commit', '-q', '-m', 'change'], {
    name,
    email: `${name.toLowerCase()}@lumen.example`,
    at: `2026-01-${String(day).padStart(2, '0')}T10:00:00Z`,
  })
}

function repository(name: string): string {
  const directory = join(base, name)
  mkdirSync(directory, { recursive: true })
  git(directory, ['init', '-q', '-b', 'main'])
  return directory
}

function history(root: string, workTrees: string[] = [], prefix = ''): Promise<GitHistory> {
  return readGitHistory({ root, workTrees, prefix, isTaken: (path) => path.endsWith('.yaml') })
}

function said(found: GitHistory): string[] {
  return found.observations
    .map((one) => `${one.file}: ${one.created?.author ?? '?'} → ${one.changed.author} ${one.changed.at.slice(0, 10)}`)
    .sort()
}

describe('git history', { skip: hasGit ? false : 'no git on this machine' }, () => {
  test('who made and who last changed each file that a reader took', async () => {
    const directory = repository('plain')
    commit(directory, { 'a/x.yaml': '1', 'b.yaml': '1', 'notes.md': '1' }, 'Ada', 1)
    commit(directory, { 'a/x.yaml': '2' }, 'Bea', 2)
    commit(directory, { 'new\tline \u00fc.yaml': '1' }, 'Cleo', 3)
    assert.deepEqual(said(await history(directory, [''])), [
      'a/x.yaml: Ada → Bea 2026-01-02',
      'b.yaml: Ada → Ada 2026-01-01',
      'new\tline \u00fc.yaml: Cleo → Cleo 2026-01-03',
    ])
  })

  test('a root inside a work tree, and a work tree below the root', async () => {
    const outer = repository('outer')
    commit(outer, { 'estate/a.yaml': '1', 'other/b.yaml': '1' }, 'Ada', 1)
    const inner = join(outer, 'estate', 'clone')
    mkdirSync(inner)
    git(inner, ['init', '-q'])
    commit(inner, { 'c.yaml': '1' }, 'Bea', 2)
    git(inner, ['remote', 'add', 'origin', 'https://user:hunter2@git.lumen.example/parcels/clone.git'])
    const found = await history(join(outer, 'estate'), ['clone'], 'estate/')
    assert.deepEqual(said(found), ['estate/a.yaml: Ada → Ada 2026-01-01', 'estate/clone/c.yaml: Bea → Bea 2026-01-02'])
    assert.deepEqual([...found.names], [['estate/clone', 'parcels/clone']])
  })

  test('a shallow clone says so and invents no creator', async () => {
    const directory = repository('deep')
    commit(directory, { 'a.yaml': '1' }, 'Ada', 1)
    commit(directory, { 'b.yaml': '1' }, 'Bea', 2)
    commit(directory, { 'c.yaml': '1' }, 'Cleo', 3)
    git(base, ['clone', '-q', '--depth', '2', `file://${directory}`, 'shallow'])
    const found = await history(join(base, 'shallow'), [''])
    assert.deepEqual(said(found), [
      'a.yaml: ? → Bea 2026-01-02',
      'b.yaml: ? → Bea 2026-01-02',
      'c.yaml: Cleo → Cleo 2026-01-03',
    ])
    assert.match(found.blind.join(), /shallow/)
  })

  test('no work tree, an empty repository and a broken one are nothing, not an error', async () => {
    const plain = join(base, 'no-repository')
    mkdirSync(join(plain, 'broken', '.git'), { recursive: true })
    for (const root of [plain, repository('empty')]) {
      const found = await history(root, root === plain ? ['broken'] : [''])
      assert.deepEqual(found.observations, [])
    }
  })

  test('nothing that a repository configures is run', async () => {
    const directory = repository('hostile')
    commit(directory, { 'a.yaml': '1', '.gitattributes': '*.yaml diff=evil filter=evil\n' }, 'Ada', 1)
    commit(directory, { 'a.yaml': '2' }, 'Ada', 2)
    const mark = join(base, 'executed')
    const evil = join(base, 'evil.sh')
    writeFileSync(evil, `#!/bin/sh\necho "$0 $@" >> ${mark}\ncat\n`)
    chmodSync(evil, 0o755)
    const config: [string, string][] = [
      ['core.fsmonitor', evil],
      ['core.pager', evil],
      ['core.editor', evil],
      ['core.sshCommand', evil],
      ['core.askPass', evil],
      ['core.gitProxy', evil],
      ['log.showSignature', 'true'],
      ['gpg.program', evil],
      ['gpg.ssh.program', evil],
      ['diff.external', evil],
      ['diff.evil.command', evil],
      ['diff.evil.textconv', evil],
      ['filter.evil.clean', evil],
      ['filter.evil.smudge', evil],
      ['pager.log', evil],
      ['alias.log', `!${evil}`],
      ['alias.rev-parse', `!${evil}`],
      ['credential.helper', evil],
      ['uploadpack.packObjectsHook', evil],
      ['core.alternateRefsCommand', evil],
      ['trace2.eventTarget', mark],
    ]
    for (const [key, value] of config) git(directory, ['config', key, value])
    writeFileSync(join(directory, '.git', 'hooks', 'post-checkout'), `#!/bin/sh\n${evil} hook\n`)
    assert.deepEqual(said(await history(directory, [''])), ['a.yaml: Ada → Ada 2026-01-02'])
    assert.equal(existsSync(mark), false, 'something of the repository was executed')
  })

  test('a partial clone does not fetch what it lacks', async () => {
    const origin = repository('origin')
    commit(origin, { 'a.yaml': '1' }, 'Ada', 1)
    git(origin, ['config', 'uploadpack.allowFilter', 'true'])
    git(base, ['clone', '-q', '--no-checkout', '--filter=tree:0', `file://${origin}`, 'partial'])
    const partial = join(base, 'partial')
    const mark = join(base, 'fetched')
    git(partial, ['config', 'remote.origin.uploadpack', `touch ${mark}; git-upload-pack`])
    await history(partial, [''])
    assert.equal(existsSync(mark), false, 'git went to the remote')
  })
})

const ADDRESSES: [name: string, address: string, want: string | null][] = [
  ['https with a password', 'https://ci:s3cret@git.lumen.example/parcels/tracking.git', 'parcels/tracking'],
  ['ssh in the short form', 'git@git.lumen.example:parcels/tracking.git', 'parcels/tracking'],
  ['ssh as a URL, with a group', 'ssh://git@git.lumen.example:2222/parcels/core/tracking', 'parcels/core/tracking'],
  ['a query that may hold a token', 'https://git.lumen.example/parcels/tracking?token=abc', 'parcels/tracking'],
  ['a path of this machine tells nothing', '/srv/git/tracking.git', null],
  ['a password in an odd place', 'https://git.lumen.example/user:pass@parcels/x', null],
]
for (const [name, address, want] of ADDRESSES)
  test(`repository name: ${name}`, () => assert.equal(repositoryName(address), want))
