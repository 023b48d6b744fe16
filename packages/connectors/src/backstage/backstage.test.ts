import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import type { Observation } from '@onus/core/observation.ts'
import { TextFile } from '../files/text-file.ts'
import type { ReaderResult } from '../reader.ts'
import { sharedData } from '../testing/shared-data.ts'
import { catalogReader } from './index.ts'

const read = async (text: string, path = 'catalog-info.yaml'): Promise<ReaderResult> => {
  const file = new TextFile(path, text)
  assert.ok(catalogReader.wantsPath(path) && catalogReader.wants(file), 'the reader takes the file')
  return await catalogReader.read([file])
}
const entity = (kind: string, name: string, rest: string): string =>
  `apiVersion: backstage.io/v1alpha1\nkind: ${kind}\nmetadata:\n  name: ${name}\n${rest}`
const place = (line: number, file = 'catalog-info.yaml'): { file: string; line: number } => ({ file, line })

test('Backstage entities become services, functions, APIs, teams and people', async () => {
  const table: [name: string, text: string, want: Observation][] = [
    [
      'a component with all its links',
      entity(
        'Component',
        'ledger',
        `  annotations:
    github.com/project-slug: acme/ledger
    backstage.io/kubernetes-id: ledger-api
    backstage.io/kubernetes-namespace: ledger-prod
spec:
  type: service
  owner: group:default/payments
  system: invoicing
  lifecycle: production
`,
      ),
      {
        type: 'service',
        name: 'ledger',
        place: place(4),
        owner: 'group:default/payments',
        function: 'invoicing',
        repository: 'https://github.com/acme/ledger',
        lifecycle: 'production',
        kubernetes: { id: 'ledger-api', namespace: 'ledger-prod' },
      },
    ],
    [
      'a component with next to nothing',
      entity('Component', 'web', 'spec: {}\n'),
      { type: 'service', name: 'web', place: place(4) },
    ],
    [
      'a component whose source is a location inside of a repository',
      entity(
        'Component',
        'web',
        `  annotations:
    backstage.io/source-location: url:https://git.example/acme/mono/tree/main/web/
spec: { owner: web }
`,
      ),
      { type: 'service', name: 'web', place: place(4), owner: 'web', repository: 'https://git.example/acme/mono' },
    ],
    [
      'a component in a namespace of its own',
      entity(
        'Component',
        'till',
        `  namespace: retail
spec: { owner: shops, system: checkout }
`,
      ),
      { type: 'service', name: 'till', place: place(4), owner: 'group:retail/shops', function: 'retail/checkout' },
    ],
    [
      'a component owned by a person',
      entity('Component', 'web', 'spec: { owner: "user:jane" }\n'),
      { type: 'service', name: 'web', place: place(4), owner: 'user:jane' },
    ],
    [
      'a system',
      entity(
        'System',
        'invoicing',
        '  description: Bills customers every month\nspec: { owner: payments, domain: money }\n',
      ),
      {
        type: 'function',
        name: 'invoicing',
        place: place(4),
        owner: 'payments',
        description: 'Bills customers every month',
      },
    ],
    [
      'a domain',
      entity('Domain', 'money', '  title: All about money\nspec: { owner: finance }\n'),
      { type: 'function', name: 'money', place: place(4), owner: 'finance', description: 'All about money' },
    ],
    [
      'an API',
      entity('API', 'ledger-api', 'spec: { type: openapi, owner: payments, definition: "openapi: 3.0.0" }\n'),
      {
        type: 'api',
        name: 'ledger-api',
        operations: [],
        securitySchemes: [],
        isEntry: true,
        place: place(4),
        owner: 'payments',
      },
    ],
    [
      'an API whose document is a file',
      entity('API', 'ledger-api', 'spec: { definition: { $text: ./apis/../ledger.openapi.yaml } }\n'),
      {
        type: 'api',
        name: 'ledger-api',
        operations: [],
        securitySchemes: [],
        isEntry: true,
        definedIn: 'ledger.openapi.yaml',
        place: place(4),
      },
    ],
    [
      'an API whose document is elsewhere',
      entity('API', 'ledger-api', 'spec: { definition: { $text: "https://git.example/ledger.openapi.yaml" } }\n'),
      { type: 'api', name: 'ledger-api', operations: [], securitySchemes: [], isEntry: true, place: place(4) },
    ],
    [
      'an API with its document inside',
      entity(
        'API',
        'ledger-api',
        `spec:
  definition: |
    openapi: 3.0.0
    info: { title: Ledger, version: "2" }
    paths:
      /entries: { get: { operationId: listEntries, security: [{ oauth: [] }] } }
    components: { securitySchemes: { oauth: { type: oauth2 } } }
`,
      ),
      {
        type: 'api',
        name: 'ledger-api',
        version: '2',
        operations: [{ id: 'listEntries', method: 'GET', path: '/entries', security: ['oauth'], line: 4 }],
        securitySchemes: [{ name: 'oauth', kind: 'oauth2' }],
        isEntry: true,
        place: place(4),
      },
    ],
    [
      'a group',
      entity(
        'Group',
        'payments',
        `spec:
  type: team
  profile: { displayName: Payments Team, email: payments@corp.example }
  members: [jane, "user:default/bob"]
  children: []
`,
      ),
      {
        type: 'team',
        name: 'payments',
        via: 'backstage',
        place: place(4),
        contacts: ['payments@corp.example'],
        members: ['jane', 'bob'],
        displayName: 'Payments Team',
      },
    ],
    [
      'a platform group',
      entity('Group', 'cloud', 'spec: { type: platform-team }\n'),
      { type: 'team', name: 'cloud', via: 'backstage', place: place(4), contacts: [], members: [], kind: 'platform' },
    ],
    [
      'a security group in a namespace',
      entity('Group', 'guard', '  namespace: corp\nspec: { type: Security }\n'),
      {
        type: 'team',
        name: 'corp/guard',
        via: 'backstage',
        place: place(4),
        contacts: [],
        members: [],
        kind: 'security',
      },
    ],
    [
      'a user',
      entity(
        'User',
        'jane',
        'spec: { profile: { email: jane.doe@corp.example }, memberOf: [payments, "group:corp/guard"] }\n',
      ),
      {
        type: 'person',
        name: 'jane',
        place: place(4),
        teams: ['payments', 'corp/guard'],
        email: 'jane.doe@corp.example',
      },
    ],
  ]
  for (const [name, text, want] of table) {
    const { observations, unread } = await read(text)
    assert.deepEqual(observations, [want], name)
    assert.deepEqual(unread, [], name)
  }
})

test('what is left out on purpose takes one line a file; what is broken takes one each', async () => {
  const text = [
    entity('Resource', 'db', 'spec: { type: database, owner: payments }\n'),
    entity('Resource', 'bucket', 'spec: {}\n'),
    entity('Component', '${{ values.name | dump }}', 'spec: { owner: user:guest }\n'),
    entity('Component', 'x', 'spec: { owner: "${{ values.owner }}" }\n'),
    entity('Location', 'all', 'spec: { targets: [./a.yaml] }\n'),
    entity('Gizmo', 'g', 'spec: {}\n'),
    'apiVersion: backstage.io/v1alpha1\nkind: Component\nspec: {}\n',
    entity('Component', 'good', 'spec: { owner: payments }\n'),
  ].join('---\n')
  const { observations, unread } = await read(text)
  assert.deepEqual(
    observations.map((one) => one.type === 'service' && one.name),
    ['good'],
  )
  assert.deepEqual(unread.map(({ reason }) => reason).sort(), [
    '2 catalog resources, not read',
    'a catalog entity of a kind that is not known',
    'a catalog entity without a name',
    'a template',
  ])
  for (const { line } of unread) assert.ok(line >= 1)
})

test('a broken document does not hide the others', async () => {
  const { observations, unread } = await read(
    `${entity('Component', 'a', 'spec: {}\n')}---\n: [\n---\n${entity('Component', 'b', 'spec: {}\n')}`,
  )
  assert.deepEqual(
    observations.map((one) => one.type === 'service' && [one.name, one.place.line]),
    [
      ['a', 4],
      ['b', 12],
    ],
  )
  assert.equal(unread.length, 1)
})

test('files that only mention a catalog are not taken', () => {
  const table: [path: string, text: string][] = [
    ['deployment.yaml', 'apiVersion: apps/v1\nmetadata:\n  annotations:\n    backstage.io/kubernetes-id: ledger\n'],
    ['compose.yaml', 'version: 3\nservices: {}\n'],
    ['notes.yaml', '# see backstage.io/docs\na: 1\n'],
  ]
  for (const [path, text] of table) assert.equal(catalogReader.wants(new TextFile(path, text)), false, path)
  assert.equal(catalogReader.wantsPath('catalog-info.md'), false)
})

test('hostile names stay plain text within bounds, and a repository link carries no credentials', async () => {
  const long = 'n'.repeat(5_000)
  const {
    observations: [service],
  } = await read(
    entity(
      'Component',
      JSON.stringify(`<b>\u0007\u202e${long}`),
      `  annotations:
    backstage.io/source-location: url:https://bot:EXAMPLE-NOT-A-SECRET@git.example/acme/x?token=EXAMPLE
spec: { owner: "__proto__", system: constructor }
`,
    ),
  )
  assert.ok(service?.type === 'service')
  assert.equal(service.name.length, 300)
  assert.match(service.name, /^<b> n+$/)
  assert.equal(service.repository, 'https://git.example/acme/x')
  assert.equal(service.owner, '__proto__')
  const {
    observations: [script],
  } = await read(entity('Component', 'x', '  annotations: { backstage.io/view-url: "javascript:alert(1)" }\n'))
  assert.deepEqual(script, { type: 'service', name: 'x', place: place(4) })
})

test('no entity, however odd, breaks the reader', async () => {
  const odd = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.array(fc.string()),
    fc.dictionary(fc.string(), fc.string()),
  )
  const kind = fc.constantFrom('Component', 'System', 'API', 'Group', 'User', 'Resource', 'Template')
  const made = fc.record({
    apiVersion: fc.constant('backstage.io/v1alpha1'),
    kind: fc.oneof(kind, odd),
    metadata: fc.oneof(odd, fc.record({ name: odd, namespace: odd, annotations: odd })),
    spec: fc.oneof(odd, fc.record({ owner: odd, system: odd, type: odd, profile: odd, members: odd, memberOf: odd })),
  })
  await fc.assert(
    fc.asyncProperty(made, async (value) => {
      const { observations, unread } = await read(`  ${JSON.stringify(value, null, 1)}`)
      for (const { file, line } of unread) assert.deepEqual([file, line >= 1], ['catalog-info.yaml', true])
      assert.ok(observations.length <= 1)
    }),
    { numRuns: 500 },
  )
})

const catalogs = sharedData('catalogs')
test(
  'published catalog files are read whole',
  { skip: catalogs ? false : 'no shared data beside this checkout' },
  async () => {
    assert.ok(catalogs)
    const table: [path: string, observed: string[], unread: string[]][] = [
      [
        'backstage-create-app/entities.yaml',
        ['function examples', 'service example-website', 'api example-grpc-api'],
        [],
      ],
      ['backstage-create-app/org.yaml', ['person guest', 'team guests'], []],
      ['backstage-create-app/template-catalog-info.yaml', [], ['a template']],
      ['JupiterOne+graph-okta/cortex.yaml', ['service @jupiterone/graph-okta'], []],
      ['JupiterOne+graph-github/cortex.yaml', ['service @jupiterone/graph-github'], []],
    ]
    const all: Observation[] = []
    for (const [path, observed, reasons] of table) {
      const { observations, unread } = await read(readFileSync(join(catalogs, path), 'utf8'), path)
      assert.deepEqual(
        observations.map((one) => `${one.type} ${'name' in one ? one.name : ''}`),
        observed,
        path,
      )
      assert.deepEqual(
        unread.map(({ reason }) => reason),
        reasons,
        path,
      )
      all.push(...observations)
    }
    const service = (name: string): Observation | undefined =>
      all.find((one) => one.type === 'service' && one.name === name)
    assert.deepEqual(service('example-website'), {
      type: 'service',
      name: 'example-website',
      place: { file: 'backstage-create-app/entities.yaml', line: 14 },
      owner: 'guests',
      function: 'examples',
      lifecycle: 'experimental',
    })
    const okta = service('@jupiterone/graph-okta')
    assert.ok(okta?.type === 'service')
    assert.deepEqual(
      [okta.owner, okta.repository],
      ['JupiterOne/integrations', 'https://github.com/JupiterOne/graph-okta'],
    )
    const person = all.find((one) => one.type === 'person')
    assert.deepEqual(person?.type === 'person' && person.teams, ['guests'])
  },
)
