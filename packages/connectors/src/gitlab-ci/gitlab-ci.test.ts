import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Observation } from '@onus/core/observation.ts'
import { READER_TAGS } from '@onus/core/reader-tags.ts'
import { TextFile } from '../files/text-file.ts'
import { includesOf, localFiles } from './includes.ts'
import { gitlabCiReader } from './index.ts'
import { isCredentialName, variablesReadIn, variablesSetIn } from './variables.ts'

const PATH = 'parcels/.gitlab-ci.yml'

async function read(...files: [path: string, ...lines: string[]][]) {
  return gitlabCiReader.read(files.map(([path, ...lines]) => new TextFile(path, lines.join('\n'))))
}

function tagsOf(observations: readonly Observation[]): Record<string, string> {
  return Object.fromEntries(
    observations.filter((one) => one.type === 'identity').flatMap((one) => one.tags.map((tag) => [tag.key, tag.value])),
  )
}

function credentialsOf(observations: readonly Observation[]): [kind: string, name: string, kept: string[]][] {
  return observations
    .filter((one) => one.type === 'credential')
    .map((one) => [one.kind, one.name, one.kept.map((kept) => `${kept.kind} ${kept.name}`)])
}

test('a name is a credential when a word of it says so', () => {
  const cases: [name: string, want: boolean][] = [
    ['DEPLOY_TOKEN', true],
    ['REGISTRY_PASSWORD', true],
    ['SSH_PRIVATE_KEY', true],
    ['NPM_API_KEY', true],
    ['AWS_ACCESS_KEY_ID', true],
    ['KUBECONFIG', true],
    ['DOCKER_AUTH_CONFIG', true],
    ['GITLAB_PAT', true],
    ['sonar_token', true],
    ['TOKEN_URL', false],
    ['SECRET_NAME', false],
    ['CACHE_KEY', false],
    ['PUBLIC_KEY', false],
    ['PATH', false],
    ['PWD', false],
    ['CI_JOB_TOKEN', false],
    ['CI_REGISTRY_PASSWORD', false],
    ['COMPASS_MODE', false],
    ['KEYBOARD', false],
    ['KEY', false],
  ]
  for (const [name, want] of cases) assert.equal(isCredentialName(name), want, name)
})

test('variables are found where shells read and set them', () => {
  assert.deepEqual(variablesReadIn('a $A ${B} ${C:-x} %D% $env:E 100% done'), ['A', 'B', 'C', 'D', 'E'])
  assert.deepEqual(variablesSetIn('export A=$(x); B="1"\nC=$C run'), ['A', 'B'])
})

test('includes are read in every form, and only a commit fixes one', () => {
  const include = [
    'ci/a.yml',
    'https://x.example/b.yml',
    { local: '/ci/*.yml' },
    { project: 'lumen/ci', file: ['/c.yml', '/d.yml'], ref: 'main' },
    { project: 'lumen/ci', file: 'e.yml', ref: 'a'.repeat(40) },
    { component: '$CI_SERVER_FQDN/lumen/scan@~latest' },
    { template: 'Jobs/SAST.gitlab-ci.yml' },
    { remote: 'https://x.example/f.yml', integrity: 'sha256-x' },
    7,
    { other: 1 },
  ]
  assert.deepEqual(
    includesOf({ include }).map((one) => (one.kind === 'local' ? one.path : `${one.what} ${one.isPinned}`)),
    [
      'ci/a.yml',
      'https://x.example/b.yml false',
      '/ci/*.yml',
      'lumen/ci:/c.yml@main false',
      'lumen/ci:/d.yml@main false',
      `lumen/ci:e.yml@${'a'.repeat(40)} true`,
      '$CI_SERVER_FQDN/lumen/scan@~latest false',
      'template Jobs/SAST.gitlab-ci.yml true',
      'https://x.example/f.yml true',
    ],
  )
  const paths = ['p/ci/a.yml', 'p/ci/deep/b.yml', 'ci/a.yml', 'p/ci/a+yml']
  const cases: [include: string, want: string[]][] = [
    ['/ci/a.yml', ['p/ci/a.yml']],
    ['./ci/a.yml', ['p/ci/a.yml']],
    ['ci/*.yml', ['p/ci/a.yml']],
    ['ci/**/*.yml', ['p/ci/a.yml', 'p/ci/deep/b.yml']],
    ['ci/**.yml', ['p/ci/a.yml', 'p/ci/deep/b.yml']],
    ['*****/*', []],
    ['../ci/a.yml', []],
  ]
  for (const [path, want] of cases) assert.deepEqual(localFiles(path, 'p', paths), want, path)
})

test('a pipeline is one identity with everything that its local includes add', async () => {
  const { observations, unread } = await read(
    [PATH, 'include:', '  - local: /ci/deploy.yml', 'build:', '  script:', '    - docker login -p $REGISTRY_PASSWORD'],
    [
      'parcels/ci/deploy.yml',
      'include: /.gitlab-ci.yml',
      'ship:',
      '  environment: { name: production }',
      '  script: |',
      '    set -e',
      '    curl -H "PRIVATE-TOKEN: ${SHIP_TOKEN}"',
    ],
    ['parcels/ci/unused.yml', 'x:', '  script: echo $UNUSED_TOKEN'],
  )
  assert.deepEqual(unread, [])
  const identities = observations.filter((one) => one.type === 'identity')
  assert.deepEqual(
    identities.map(({ ref, name, kind }) => [ref.system, ref.realm, ref.path, name, kind]),
    [['gitlab', 'parcels', 'pipeline', 'parcels', 'ci-workload']],
  )
  const credentials = observations.filter((one) => one.type === 'credential')
  assert.deepEqual(credentials.map(({ name, place }) => [name, place.file, place.line]), [
    ['REGISTRY_PASSWORD', PATH, 5],
    ['SHIP_TOKEN', 'parcels/ci/deploy.yml', 6],
  ])
  assert.equal(tagsOf(observations)['environment'], 'production')
})

test('credentials of a pipeline by where they are kept', async () => {
  const secret = 'A1b2'.repeat(10)
  const cases: [name: string, lines: string[], want: [string, string, string[]][]][] = [
    [
      'a variable of the project',
      ['a:', '  script: [deploy $DEPLOY_TOKEN]'],
      [['ci-secret', 'DEPLOY_TOKEN', ['gitlab-variable DEPLOY_TOKEN']]],
    ],
    [
      'both halves of a stored AWS key',
      ['a:', '  script: ["aws configure set k $AWS_ACCESS_KEY_ID", "aws configure set s $AWS_SECRET_ACCESS_KEY"]'],
      [
        [
          'access-key',
          'AWS_SECRET_ACCESS_KEY',
          ['gitlab-variable AWS_SECRET_ACCESS_KEY', 'gitlab-variable AWS_ACCESS_KEY_ID'],
        ],
      ],
    ],
    [
      'a key written into the file',
      [
        'variables:',
        `  AWS_ACCESS_KEY_ID: AKIA${'ABCD'.repeat(4)}`,
        `  AWS_SECRET_ACCESS_KEY: { value: ${secret}, description: x }`,
        'a: { script: [deploy $AWS_SECRET_ACCESS_KEY] }',
      ],
      [['access-key', 'AWS_SECRET_ACCESS_KEY', [`file ${PATH}`]]],
    ],
    [
      'a stand-in for tests',
      ['variables: { POSTGRES_PASSWORD: postgres }', 'a: { script: [psql $POSTGRES_PASSWORD] }'],
      [],
    ],
    ['what a script fetches itself', ['a:', '  script:', '    - TOKEN=$(vault read x)', '    - deploy $TOKEN'], []],
    [
      'a kept variable handed on',
      ['variables: { TOKEN: $ROBOT_TOKEN }', 'a: { script: [deploy $TOKEN] }'],
      [['ci-secret', 'ROBOT_TOKEN', ['gitlab-variable ROBOT_TOKEN']]],
    ],
    [
      'a secret of Vault',
      ['a:', '  secrets:', '    DB_PASSWORD: { vault: prod/db/password@ops }', '  script: [psql $DB_PASSWORD]'],
      [['ci-secret', 'DB_PASSWORD', ['secret-manager prod/db/password@ops']]],
    ],
    [
      "a secret of a cloud's store",
      ['a:', '  secrets: { DB_PASSWORD: { gcp_secret_manager: { name: db } } }', '  script: x'],
      [['ci-secret', 'DB_PASSWORD', ['secret-manager db']]],
    ],
    [
      'an identity token',
      ['a:', '  id_tokens: { VAULT_TOKEN: { aud: https://vault.example } }', '  script: [vault login $VAULT_TOKEN]'],
      [['federated', 'VAULT_TOKEN', []]],
    ],
    ["the job's own token", ['a:', '  script: [curl $CI_JOB_TOKEN]'], []],
  ]
  for (const [name, lines, want] of cases) {
    const { observations } = await read([PATH, ...lines])
    assert.deepEqual(credentialsOf(observations), want, name)
    assert.ok(!JSON.stringify(observations).includes(secret) && !JSON.stringify(observations).includes('AKIA'), name)
  }
})

test('what a pipeline reaches becomes tags and grants', async () => {
  const { observations } = await read([
    PATH,
    'include: [{ project: lumen/ci, file: x.yml }]',
    'variables: { AWS_ROLE_ARN: "arn:aws:iam::111122223333:role/ship" }',
    'a:',
    '  id_tokens: { T: { aud: [one, two] } }',
    '  script: [aws sts assume-role-with-web-identity, curl $CI_JOB_TOKEN, "deploy $GCP_SA_KEY"]',
  ])
  const tags = tagsOf(observations)
  const want: Record<string, string> = {
    [READER_TAGS.oidc]: 'true',
    [READER_TAGS.usesJobToken]: 'true',
    [READER_TAGS.cloudFederation]: 'aws',
    [READER_TAGS.staticCloudKeys]: 'google',
    [READER_TAGS.staticCloudKeysOidc]: 'google: available and asked for already',
    [READER_TAGS.calls]: 'lumen/ci:x.yml@HEAD',
    [READER_TAGS.unpinnedActions]: 'lumen/ci:x.yml@HEAD',
  }
  assert.deepEqual(tags, want)
  assert.deepEqual(observations.filter((one) => one.type === 'grant').map((one) => one.permission), [
    'proves itself to one', 'proves itself to two', 'assumes arn:aws:iam::111122223333:role/ship',
  ])
})

test('a reference tag of GitLab is read like the rest', async () => {
  const { observations, unread } = await read([
    PATH,
    '.setup: { script: [login $ROBOT_TOKEN] }',
    'a:',
    '  script:',
    '    - !reference [.setup, script]',
  ])
  assert.deepEqual(unread, [])
  assert.deepEqual(credentialsOf(observations).map(([, name]) => name), ['ROBOT_TOKEN'])
})

test('what is missing or broken is said once, without its text', async () => {
  const cases: [name: string, lines: string[], line: number][] = [
    ['an include that was not read', ['x: 1', 'include: [gone.yml]'], 2],
    ['a file that is not YAML', ['a: [canary-7f3a'], 1],
  ]
  for (const [name, lines, line] of cases) {
    const { unread } = await read([PATH, ...lines])
    assert.equal(unread.length, 1, name)
    assert.ok((unread[0]?.line ?? 0) >= line && !JSON.stringify(unread).includes('canary'), name)
  }
})

test('only files that may belong to a pipeline are taken', () => {
  const cases: [path: string, text: string, want: boolean][] = [
    ['.gitlab-ci.yml', 'stages: []', true],
    ['.gitlab/ci/build.yml', 'a:\n  script: x', true],
    ['ci/build.yaml', 'a:\n  extends: b', true],
    ['ci/values.yml', 'replicas: 2', false],
    ['ci/pod.yml', 'apiVersion: v1\nvariables: x', false],
    ['charts/values.yml', 'script: x', false],
    ['.gitlab-ci.md', 'script: x', false],
  ]
  for (const [path, text, want] of cases)
    assert.equal(gitlabCiReader.wantsPath(path) && gitlabCiReader.wants(new TextFile(path, text)), want, path)
})

test('no shape of jobs makes the reader throw', () => {
  fc.assert(
    fc.property(fc.object({ maxDepth: 4 }), (job) => {
      gitlabCiReader.read([
        new TextFile(
          PATH,
          JSON.stringify({
            include: job,
            variables: job,
            a: job,
            b: { id_tokens: job, secrets: { x: job }, environment: job, script: [job] },
          }),
        ),
      ])
    }),
    { numRuns: 200 },
  )
})
