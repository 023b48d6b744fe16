/** Longer than other files: the tables of everything that a workflow can reach, one a fact. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Observation } from '@onus/core/observation.ts'
import { READER_TAGS } from '@onus/core/reader-tags.ts'
import { TextFile } from '../files/text-file.ts'
import { secretsIn } from './expressions.ts'
import { githubActionsReader } from './index.ts'

async function read(...files: [path: string, text: string][]) {
  return githubActionsReader.read(files.map(([path, text]) => new TextFile(path, text)))
}

function workflow(...lines: string[]): string {
  return [
    'name: Ship parcels',
    'on: push',
    'jobs:',
    '  ship:',
    '    runs-on: ubuntu-latest',
    ...lines.map((line) => `    ${line}`),
  ].join('\n')
}

function tagsOf(observations: readonly Observation[]): Record<string, string> {
  return Object.fromEntries(
    observations.filter((one) => one.type === 'identity').flatMap((one) => one.tags.map((tag) => [tag.key, tag.value])),
  )
}

const PATH = 'parcels/.github/workflows/ship.yml'

test('only files directly in the workflow folder of a repository are taken', () => {
  const cases: [path: string, want: boolean][] = [
    ['.github/workflows/ci.yml', true],
    ['apps/parcels/.github/workflows/ci.yaml', true],
    ['.github/workflows/shared/ci.yml', false],
    ['.github/actions/build/action.yml', false],
    ['docs/x.github/workflows/ci.yml', false],
    ['.github/workflows/readme.md', false],
  ]
  for (const [path, want] of cases) assert.equal(githubActionsReader.wantsPath(path), want, path)
})

test('expressions are read for secrets and nothing else', () => {
  const cases: [name: string, text: string, want: ReturnType<typeof secretsIn>][] = [
    ['a member', '${{ secrets.DEPLOY_KEY }}', { secrets: ['DEPLOY_KEY'], isAll: false, isJobToken: false }],
    ['an index', "${{ secrets['DEPLOY_KEY'] }}", { secrets: ['DEPLOY_KEY'], isAll: false, isJobToken: false }],
    [
      'two with a default between',
      "${{ secrets.A || secrets.B || 'none' }}",
      { secrets: ['A', 'B'], isAll: false, isJobToken: false },
    ],
    ['all of them at once', '${{ toJSON(secrets) }}', { secrets: [], isAll: true, isJobToken: false }],
    [
      'a computed name may be any of them',
      '${{ secrets[matrix.key] }}',
      { secrets: [], isAll: true, isJobToken: false },
    ],
    [
      'a computed name that starts with a quoted part',
      "${{ secrets[format('A_{0}', matrix.key)] }}",
      { secrets: [], isAll: true, isJobToken: false },
    ],
    [
      'the job token by either name',
      '${{ secrets.github_token }} ${{ github.token }}',
      { secrets: [], isAll: false, isJobToken: true },
    ],
    ['a word in quotes is no secret', "${{ 'secrets.X' }}", { secrets: [], isAll: false, isJobToken: false }],
    [
      'the end sign in quotes ends nothing',
      "${{ format('}}{0}', secrets.A) }}",
      { secrets: ['A'], isAll: false, isJobToken: false },
    ],
    [
      'a member of something else called secrets',
      '${{ needs.secrets.outputs.x }}',
      { secrets: [], isAll: false, isJobToken: false },
    ],
    ['text outside an expression', 'echo secrets.X', { secrets: [], isAll: false, isJobToken: false }],
    ['an expression without an end', '${{ secrets.A', { secrets: ['A'], isAll: false, isJobToken: false }],
  ]
  for (const [name, text, want] of cases) assert.deepEqual(secretsIn(text), want, name)
  assert.deepEqual(secretsIn("secrets.A != ''", true).secrets, ['A'], 'a condition is an expression without its signs')
})

test('what a workflow reaches becomes tags', async () => {
  const cases: [name: string, text: string, key: string, want: string | undefined][] = [
    [
      'identity tokens asked for by the job',
      workflow('permissions:', '  id-token: write', 'steps: []'),
      READER_TAGS.oidc,
      'true',
    ],
    ['identity tokens come with all rights', workflow('permissions: write-all', 'steps: []'), READER_TAGS.oidc, 'true'],
    ['identity tokens refused', workflow('permissions:', '  id-token: none', 'steps: []'), READER_TAGS.oidc, undefined],
    ['nothing said about the token', workflow('steps: []'), READER_TAGS.tokenPermissions, 'not stated'],
    [
      'every right taken from the token',
      workflow('permissions: {}', 'steps: []'),
      READER_TAGS.tokenPermissions,
      undefined,
    ],
    [
      'secrets handed on whole',
      workflow('uses: lumen/flows/.github/workflows/x.yml@v1', 'secrets: inherit'),
      READER_TAGS.inheritsSecrets,
      'true',
    ],
    [
      'calls into another repository',
      workflow('uses: lumen/flows/.github/workflows/x.yml@v1'),
      READER_TAGS.calls,
      'lumen/flows/.github/workflows/x.yml@v1',
    ],
    [
      'a tag can be moved',
      workflow('steps: [{ uses: lumen/pack@v2 }]'),
      READER_TAGS.unpinnedThirdPartyActions,
      'lumen/pack@v2',
    ],
    [
      'a commit cannot',
      workflow(`steps: [{ uses: 'lumen/pack@${'a'.repeat(40)}' }]`),
      READER_TAGS.unpinnedActions,
      undefined,
    ],
    [
      'an image by tag can be moved',
      workflow("steps: [{ uses: 'docker://alpine:3.20' }]"),
      READER_TAGS.unpinnedActions,
      'docker://alpine:3.20',
    ],
    [
      "GitHub's own actions are no third party",
      workflow('steps: [{ uses: actions/checkout@v4 }]'),
      READER_TAGS.unpinnedThirdPartyActions,
      undefined,
    ],
    [
      'an action beside the workflow is its own',
      workflow('steps: [{ uses: ./.github/actions/pack }]'),
      READER_TAGS.unpinnedActions,
      undefined,
    ],
    [
      'events of outsiders',
      workflow('steps: []').replace('on: push', 'on: [push, pull_request_target]'),
      READER_TAGS.outsiderTriggers,
      'pull_request_target',
    ],
    ['one environment', workflow('environment: staging', 'steps: []'), 'environment', 'staging'],
    [
      'an environment with its address',
      workflow('environment: { name: production, url: https://x.example }', 'steps: []'),
      'environment',
      'production',
    ],
    [
      'an environment that is an input',
      workflow('environment: ${{ inputs.where }}', 'steps: []'),
      'environment',
      undefined,
    ],
  ]
  for (const [name, text, key, want] of cases) {
    const { observations, unread } = await read([PATH, text])
    assert.deepEqual(unread, [], name)
    assert.equal(tagsOf(observations)[key], want, name)
  }
})

test('of several environments production counts, and without it none does', async () => {
  const both = (other: string) =>
    `jobs:\n  a: { environment: staging, steps: [] }\n  b: { environment: ${other}, steps: [] }\n`
  assert.equal(tagsOf((await read([PATH, both('eu-production')])).observations)['environment'], 'eu-production')
  const undecided = tagsOf((await read([PATH, both('qa')])).observations)
  assert.equal(undecided['environment'], undefined)
  assert.equal(undecided[READER_TAGS.deploymentEnvironments], 'qa, staging')
})

test('sign-ins to clouds are told apart by what the action is given', async () => {
  const step = (uses: string, ...given: string[]) =>
    workflow('steps:', `  - uses: ${uses}@v1`, '    with:', ...given.map((line) => `      ${line}`))
  const cases: [
    name: string,
    text: string,
    want: { federated: string[]; stored: [kind: string, name: string, kept: string[]][]; clouds: string | undefined },
  ][] = [
    [
      'a role taken with the identity token',
      step('aws-actions/configure-aws-credentials', 'role-to-assume: arn:aws:iam::111122223333:role/ship'),
      {
        federated: ['aws-actions/configure-aws-credentials as arn:aws:iam::111122223333:role/ship'],
        stored: [],
        clouds: undefined,
      },
    ],
    [
      'a role taken with a stored key is a stored key, and its two halves are one',
      step(
        'aws-actions/configure-aws-credentials',
        'role-to-assume: ship',
        'aws-access-key-id: ${{ secrets.SHIP_ID }}',
        'aws-secret-access-key: ${{ secrets.SHIP_KEY }}',
      ),
      { federated: [], stored: [['access-key', 'SHIP_KEY', ['SHIP_ID', 'SHIP_KEY']]], clouds: 'aws' },
    ],
    [
      'a workload identity of Google',
      step(
        'google-github-actions/auth',
        'workload_identity_provider: projects/1/x',
        'service_account: ship@lumen.example',
      ),
      { federated: ['google-github-actions/auth as ship@lumen.example'], stored: [], clouds: undefined },
    ],
    [
      'a key of a Google service account',
      step('google-github-actions/auth', 'credentials_json: ${{ secrets.SHIP }}'),
      { federated: [], stored: [['service-account-key', 'SHIP', ['SHIP']]], clouds: 'google' },
    ],
    [
      'a federated Azure login, though its ids are kept as secrets',
      step('Azure/login', 'client-id: ${{ secrets.AZ_CLIENT }}'),
      {
        federated: ['Azure/login as ${{ secrets.AZ_CLIENT }}'],
        stored: [['ci-secret', 'AZ_CLIENT', ['AZ_CLIENT']]],
        clouds: undefined,
      },
    ],
    [
      'an Azure login with a secret',
      step('azure/login', 'creds: ${{ secrets.SHIP }}'),
      { federated: [], stored: [['client-secret', 'SHIP', ['SHIP']]], clouds: 'azure' },
    ],
    [
      'a vault entered with the identity token',
      step('hashicorp/vault-action', 'method: jwt', 'role: ship'),
      { federated: ['hashicorp/vault-action as ship'], stored: [], clouds: undefined },
    ],
    [
      'a vault entered with a token',
      step('hashicorp/vault-action', 'token: ${{ secrets.VAULT }}'),
      { federated: [], stored: [['ci-secret', 'VAULT', ['VAULT']]], clouds: undefined },
    ],
    [
      'a key in the environment of a step',
      workflow('steps:', '  - run: make', '    env: { AWS_SECRET_ACCESS_KEY: "${{ secrets.SHIP }}" }'),
      { federated: [], stored: [['access-key', 'SHIP', ['SHIP']]], clouds: 'aws' },
    ],
    [
      'a key that only its own name tells',
      workflow('steps:', '  - run: echo ${{ secrets.PROD_GCP_SA_KEY }} > key.json'),
      { federated: [], stored: [['service-account-key', 'PROD_GCP_SA_KEY', ['PROD_GCP_SA_KEY']]], clouds: 'google' },
    ],
    [
      'the name of a secret is no key',
      workflow('steps:', '  - run: echo ${{ secrets.AWS_SECRET_NAME }}'),
      { federated: [], stored: [['ci-secret', 'AWS_SECRET_NAME', ['AWS_SECRET_NAME']]], clouds: undefined },
    ],
  ]
  for (const [name, text, want] of cases) {
    const { observations } = await read([PATH, text])
    const credentials = observations.filter((one) => one.type === 'credential')
    const federated = credentials.filter((one) => one.kind === 'federated').map((one) => one.name)
    const stored = credentials
      .filter((one) => one.kind !== 'federated')
      .map((one) => [one.kind, one.name, one.kept.map((kept) => kept.name).sort()])
    assert.deepEqual({ federated, stored, clouds: tagsOf(observations)[READER_TAGS.staticCloudKeys] }, want, name)
    assert.equal(
      observations.filter((one) => one.type === 'grant' && one.permission.startsWith('assumes ')).length,
      federated.length,
      name,
    )
  }
})

test('a stored key says whether an identity token could replace it', async () => {
  const key = 'env: { AWS_SECRET_ACCESS_KEY: "${{ secrets.SHIP }}" }'
  const answer = async (...lines: string[]) =>
    tagsOf((await read([PATH, workflow(...lines, key, 'steps: []')])).observations)[READER_TAGS.staticCloudKeysOidc]
  assert.equal(await answer(), 'aws: available')
  assert.equal(await answer('permissions: { id-token: write }'), 'aws: available and asked for already')
})

test("the job token's rights are grants with their lines", async () => {
  const { observations } = await read([
    PATH,
    workflow('permissions:', '  contents: write', '  issues: read', '  id-token: write', 'steps: []'),
  ])
  const grants = observations
    .filter((one) => one.type === 'grant')
    .map(({ permission, level, isWildcard, via, place }) => [permission, level, isWildcard, via, place.line])
  assert.deepEqual(grants, [
    ['contents: write', 'write', false, 'permissions of job ship', 7],
    ['issues: read', 'read', false, 'permissions of job ship', 8],
  ])
  const all = await read([PATH, `permissions: write-all\n${workflow('steps: []')}`])
  const [grant] = all.observations.filter((one) => one.type === 'grant')
  assert.deepEqual([grant?.permission, grant?.level, grant?.isWildcard], ['write-all', 'admin', true])
  const reading = await read([PATH, `permissions: read-all\n${workflow('steps: []')}`])
  const [wide] = reading.observations.filter((one) => one.type === 'grant')
  assert.deepEqual([wide?.permission, wide?.level, wide?.isWildcard], ['read-all', 'read', false])
})

test('a secret in a script is found on its own line, and once however often it is used', async () => {
  const { observations } = await read([
    PATH,
    workflow(
      'steps:',
      '  - run: |',
      '      make',
      '      upload ${{ secrets.UPLOAD_TOKEN }}',
      '      again ${{ secrets.upload_token }}',
    ),
  ])
  const credentials = observations.filter((one) => one.type === 'credential')
  assert.deepEqual(credentials.map(({ name, place }) => [name, place.line]), [['UPLOAD_TOKEN', 9]])
})

test('a workflow that is called by its neighbour is used by it, one that does not exist is not invented', async () => {
  const { observations } = await read(
    [PATH, workflow('uses: ./.github/workflows/pack.yml')],
    ['parcels/.github/workflows/pack.yml', workflow('steps: []')],
    ['parcels/.github/workflows/other.yml', workflow('uses: ./.github/workflows/gone.yml')],
  )
  const uses = observations.filter((one) => one.type === 'use')
  assert.deepEqual(
    uses.map(({ identity, by }) => [identity.realm, identity.path, by.name]),
    [['parcels', 'workflow/pack.yml', 'Ship parcels']],
  )
  assert.equal(githubActionsReader.unitOf?.(PATH), 'parcels')
})

test('what cannot be read is said with its line and without its text', async () => {
  const canary = 'canary-7f3a'
  const cases: [name: string, text: string][] = [
    ['no jobs', 'name: jobs come later\n'],
    ['not YAML', `jobs:\n  a: [${canary}\n`],
    ['a list', '- jobs\n'],
  ]
  for (const [name, text] of cases) {
    const { observations, unread } = await read([PATH, text])
    assert.deepEqual(observations, [], name)
    assert.equal(unread.length, 1, name)
    assert.ok(!JSON.stringify(unread).includes(canary), name)
  }
})

test('literal values never leave the reader', async () => {
  const canary = 'canary-7f3a'
  const { observations } = await read([
    PATH,
    workflow(
      `env: { AWS_SECRET_ACCESS_KEY: ${canary}, TOKEN: ${canary} }`,
      'steps:',
      '  - uses: azure/login@v2',
      `    with: { creds: ${canary}, client-id: x }`,
    ),
  ])
  assert.ok(!JSON.stringify(observations).includes(canary))
})

test('a key written into the workflow is told by its form, so a stand-in for tests is none', async () => {
  const key = 'A1b2'.repeat(10)
  const { observations } = await read([
    PATH,
    workflow(`env: { AWS_ACCESS_KEY_ID: AKIA${'ABCD'.repeat(4)}, AWS_SECRET_ACCESS_KEY: ${key} }`, 'steps: []'),
  ])
  const credentials = observations.filter((one) => one.type === 'credential')
  assert.deepEqual(
    credentials.map(({ kind, name, kept }) => [kind, name, kept]),
    [['access-key', 'AWS_SECRET_ACCESS_KEY', [{ kind: 'file', name: PATH }]]],
  )
  assert.ok(!JSON.stringify(observations).includes(key) && !JSON.stringify(observations).includes('AKIA'))
  const standIn = await read([
    PATH,
    workflow('env: { AWS_ACCESS_KEY_ID: test, AWS_SECRET_ACCESS_KEY: test }', 'steps: []'),
  ])
  assert.deepEqual(
    standIn.observations.filter((one) => one.type === 'credential'),
    [],
  )
})

test('no shape of jobs makes the reader throw', () => {
  fc.assert(
    fc.property(fc.object({ maxDepth: 5 }), (jobs) => {
      const file = new TextFile(
        PATH,
        JSON.stringify({
          on: jobs,
          permissions: jobs,
          jobs: { a: jobs, b: { steps: [jobs, { uses: 'azure/login@v1', with: jobs }] } },
        }),
      )
      githubActionsReader.read([file])
    }),
    { numRuns: 200 },
  )
})
