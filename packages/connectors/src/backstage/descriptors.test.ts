import assert from 'node:assert/strict'
import test from 'node:test'
import type { Observation } from '@onus/core/observation.ts'
import { TextFile } from '../files/text-file.ts'
import type { ReaderResult } from '../reader.ts'
import { catalogReader } from './index.ts'

const read = async (text: string, path = 'catalog-info.yaml'): Promise<ReaderResult> => {
  const file = new TextFile(path, text)
  assert.ok(catalogReader.wantsPath(path) && catalogReader.wants(file), 'the reader takes the file')
  return await catalogReader.read([file])
}
const place = (line: number, file = 'catalog-info.yaml'): { file: string; line: number } => ({ file, line })

test('descriptors of other catalogs become services, functions and teams', async () => {
  const cortex = (rest: string): string => `openapi: 3.0.1\ninfo:\n  title: The Ledger\n  x-cortex-tag: ledger\n${rest}`
  const table: [name: string, file: string, text: string, want: Observation[]][] = [
    [
      'Cortex',
      'cortex.yaml',
      cortex(`  x-cortex-git: { github: { repository: acme/ledger } }
  x-cortex-owners: [{ type: group, name: acme/payments }, { type: email, email: pay@corp.example }]
  x-cortex-domain-parents: [{ tag: invoicing }]
`),
      [
        {
          type: 'service',
          name: 'ledger',
          place: place(4, 'cortex.yaml'),
          owner: 'acme/payments, pay@corp.example',
          function: 'invoicing',
          repository: 'https://github.com/acme/ledger',
        },
      ],
    ],
    [
      'a Cortex domain',
      'cortex.yaml',
      cortex('  x-cortex-type: domain\n  description: Money\n'),
      [{ type: 'function', name: 'ledger', place: place(4, 'cortex.yaml'), description: 'Money' }],
    ],
    [
      'a Cortex team',
      'cortex.yaml',
      cortex('  x-cortex-type: team\n  x-cortex-team: { members: [{ name: Jane, email: jane@corp.example }] }\n'),
      [
        {
          type: 'team',
          name: 'ledger',
          via: 'backstage',
          place: place(4, 'cortex.yaml'),
          contacts: [],
          members: ['jane@corp.example'],
          displayName: 'The Ledger',
        },
      ],
    ],
    [
      'OpsLevel',
      'svc/opslevel.yml',
      `version: 1
service:
  name: Ledger
  owner: payments
  system: invoicing
  lifecycle: beta
  repositories: [{ name: acme/ledger, provider: github }]
`,
      [
        {
          type: 'service',
          name: 'Ledger',
          place: place(3, 'svc/opslevel.yml'),
          owner: 'payments',
          function: 'invoicing',
          repository: 'https://github.com/acme/ledger',
          lifecycle: 'beta',
        },
      ],
    ],
    [
      'an OpsLevel list',
      'opslevel.yaml',
      'version: 1\nservices:\n  - name: a\n    owner: x\n  - name: b\n',
      [
        { type: 'service', name: 'a', place: place(3, 'opslevel.yaml'), owner: 'x' },
        { type: 'service', name: 'b', place: place(5, 'opslevel.yaml') },
      ],
    ],
    [
      'Datadog version 2',
      'service.datadog.yaml',
      `schema-version: v2.2
dd-service: ledger
team: payments
application: invoicing
links: [{ type: doc, url: https://wiki.example/x }, { type: repo, url: https://git.example/acme/ledger.git }]
---
schema-version: v2
dd-service: till
repos: [{ name: code, provider: github, url: https://git.example/acme/till }]
`,
      [
        {
          type: 'service',
          name: 'ledger',
          place: place(2, 'service.datadog.yaml'),
          owner: 'payments',
          function: 'invoicing',
          repository: 'https://git.example/acme/ledger',
        },
        {
          type: 'service',
          name: 'till',
          place: place(8, 'service.datadog.yaml'),
          repository: 'https://git.example/acme/till',
        },
      ],
    ],
    [
      'Datadog version 3',
      'entity.datadog.yaml',
      `apiVersion: v3
kind: service
metadata: { name: ledger, owner: payments }
spec: { lifecycle: production, componentOf: ["system:invoicing"] }
---
apiVersion: v3
kind: system
metadata: { name: invoicing, owner: finance }
`,
      [
        {
          type: 'service',
          name: 'ledger',
          place: place(3, 'entity.datadog.yaml'),
          owner: 'payments',
          function: 'invoicing',
          lifecycle: 'production',
        },
        { type: 'function', name: 'invoicing', place: place(8, 'entity.datadog.yaml'), owner: 'finance' },
      ],
    ],
  ]
  for (const [name, file, text, want] of table)
    assert.deepEqual(await read(text, file), { observations: want, unread: [] }, name)
})
