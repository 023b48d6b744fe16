/** `onus check`: what a manifest gets wrong is named with its line; what scan makes of what it gets right. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { ScanReport } from '@onus/core/report.ts'
import { onus } from './testing/capture.ts'
import { withEstate } from './testing/estate-folder.ts'

const CLUSTER = `
apiVersion: v1
kind: Namespace
metadata: { name: billing, labels: { team: ops } }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: invoice-run, namespace: billing }
---
apiVersion: v1
kind: Secret
metadata:
  name: invoice-run-token
  namespace: billing
  creationTimestamp: "2026-07-01T00:00:00Z"
  annotations: { kubernetes.io/service-account.name: invoice-run }
type: kubernetes.io/service-account-token
`
const API = 'openapi: 3.1.0\ninfo: { title: Invoices, version: "1" }\npaths:\n  /invoices: { get: { operationId: listInvoices, responses: { "200": { description: ok } } } }\n'
const MANIFEST = `version: 1
team: billing
functions:
  - name: monthly-invoicing
services:
  - name: invoicing
    function: monthly-invoicing
identities:
  - name: invoice-run
    namespace: billing
    purpose: Prints and posts the invoices of the month
    revocation: Delete the service account; invoices wait
    credentials:
      - name: invoice-run-token
        expiresAfterDays: 90
        revocation: Delete the secret
apis:
  - name: Invoices
    document: api/invoices.yaml
`
const estate = (manifest: string): Record<string, string> => ({ 'k8s/all.yaml': CLUSTER, 'billing/api/invoices.yaml': API, 'billing/onus.yaml': manifest })

/** What is changed in the manifest, and what is said of it. */
const CASES: [name: string, from: string, to: string, says: string[]][] = [
  ['a manifest that is right', '', '', []],
  ['an identity that nothing shows', 'name: invoice-run\n', 'name: invoice-rnu\n', ['billing/onus.yaml:9: no identity `invoice-rnu` in `billing` in what was scanned; did you mean `invoice-run`? [identity-not-found]']],
  ['an identity in another namespace', 'namespace: billing', 'namespace: checkout', ['billing/onus.yaml:9: no identity `invoice-run` in `checkout` in what was scanned [identity-not-found]']],
  ['an identity of another kind', 'namespace: billing', 'kind: oauth-client', ['billing/onus.yaml:9: no identity `invoice-run` in what was scanned [identity-not-found]']],
  ['a credential that is not there', 'name: invoice-run-token', 'name: invoice-run-tokn', [
    'billing/onus.yaml:13: `invoice-run` has the credential `invoice-run-token`: say when it ends and how it is revoked [credential-not-declared]',
    'billing/onus.yaml:14: `invoice-run` has no credential `invoice-run-tokn`; did you mean `invoice-run-token`? [credential-not-found]',
  ]],
  ['a credential that is older than it may be', 'expiresAfterDays: 90', 'expiresAfterDays: 30', ['billing/onus.yaml:15: `invoice-run-token` is 51 days old and ends after 30: rotate it [credential-too-old]']],
  ['a credential without a way to revoke it', '        revocation: Delete the secret\n', '', ['billing/onus.yaml:14: identities[0].credentials[0].revocation is missing [not-valid]']],
  ['a credential without an end', '        expiresAfterDays: 90\n', '', ['billing/onus.yaml:14: identities[0].credentials[0].expiresAfterDays is missing [not-valid]']],
  ['a function that nobody declares', 'function: monthly-invoicing', 'function: monthly-invoicng', ['billing/onus.yaml:7: `invoicing` serves `monthly-invoicng`, which no manifest and no catalog declares; did you mean `monthly-invoicing`? [function-not-declared]']],
  ['no function at all', MANIFEST.slice(MANIFEST.indexOf('functions:'), MANIFEST.indexOf('identities:')), '', ['billing/onus.yaml:4: which business function does `invoice-run` serve? Name it, or the service that uses it [no-function]']],
  ['a service that nobody declares', '    namespace: billing\n', '    namespace: billing\n    service: invoices\n', ['billing/onus.yaml:11: no service `invoices` is declared [service-not-declared]']],
  ['an API without its document', 'document: api/invoices.yaml', 'document: api/none.yaml', ['billing/onus.yaml:19: `Invoices` points at `api/none.yaml`, where no OpenAPI 3 document with operations was read [api-not-found]']],
  ['a misspelt key', 'revocation: Delete the service', 'revokation: Delete the service', ['billing/onus.yaml:9: identities[0].revocation is missing [not-valid]', 'billing/onus.yaml:12: identities[0].revokation is unknown; did you mean `revocation`? [not-valid]']],
  ['another version', 'version: 1', 'version: 2', ['billing/onus.yaml:1: version must be `1` [not-valid]']],
  ['broken YAML', 'team: billing', 'team: [billing', ['billing/onus.yaml:']],
]
for (const [name, from, to, says] of CASES)
  test(`check: ${name}`, () =>
    withEstate(estate(from === '' ? MANIFEST : MANIFEST.replace(from, to)), async (root) => {
      const { code, stdout, stderr } = await onus(['check', root])
      const said = stdout.split('\n').filter((line) => line !== '')
      for (const line of says) assert.ok(said.some((one) => (line.endsWith(':') ? one.startsWith(line) : one === line)), `${line}\nis not in\n${stdout}`)
      assert.equal(code, says.length === 0 ? 0 : 1, stderr)
      assert.match(stderr, says.length === 0 ? /1 manifest: nothing to mend\./ : /1 manifest: \d+ complaints?\./)
    }))

test('check: two teams that declare the same identity are both told', () =>
  withEstate({ ...estate(MANIFEST), 'ops/onus.yaml': MANIFEST.replace('team: billing', 'team: ops').replace(/apis:[^]*/, '') }, async (root) => {
    const { stdout } = await onus(['check', root])
    assert.match(stdout, /billing\/onus\.yaml:9: `invoice-run` is also declared by `ops`/)
    assert.match(stdout, /ops\/onus\.yaml:9: `invoice-run` is also declared by `billing`/)
  }))

test('check: no manifest is bad usage, and the answer says where to see one', () =>
  withEstate({ 'k8s/all.yaml': CLUSTER }, async (root) => {
    const { code, stderr } = await onus(['check', root])
    assert.equal(code, 2)
    assert.match(stderr, /no onus\.yaml or onus\.yml in/)
  }))

test('check: JSON and SARIF say the same as the table', () =>
  withEstate(estate(MANIFEST.replace('expiresAfterDays: 90', 'expiresAfterDays: 30')), async (root) => {
    const json = JSON.parse((await onus(['check', root, '--format', 'json'])).stdout) as { complaints: { code: string; file: string; line: number }[] }
    assert.deepEqual(json.complaints.map(({ code, file, line }) => [code, file, line]), [['credential-too-old', 'billing/onus.yaml', 15]])
    const sarif = JSON.parse((await onus(['check', root, '--format', 'sarif'])).stdout) as {
      runs: { tool: { driver: { rules: { id: string }[] } }; results: { ruleId: string; ruleIndex: number; locations: { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }[] }[] }[]
    }
    const [run] = sarif.runs
    const [result] = run?.results ?? []
    assert.deepEqual(
      [result?.ruleId, run?.tool.driver.rules[result?.ruleIndex ?? -1]?.id, result?.locations[0]?.physicalLocation],
      ['manifest/credential-too-old', 'manifest/credential-too-old', { artifactLocation: { uri: 'billing/onus.yaml', uriBaseId: 'SRCROOT' }, region: { startLine: 15 } }],
    )
  }))

test('T50 T62: a hostile manifest is refused or harmless', async () => {
  const texts = [
    'a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nversion: 1\n',
    'version: 1\nteam: !!js/function "return 1"\n',
    'version: 1\n__proto__: { team: polluted }\nteam: a\n',
    'version: 1\nteam: "a\\u0007\\u202e"\nidentities:\n  - name: __proto__\n    purpose: abc\n    revocation: abc\n',
    `version: 1\nteam: ${'x'.repeat(100_000)}\n`,
  ]
  for (const text of texts)
    await withEstate(estate(text), async (root) => {
      const { code, stdout, stderr } = await onus(['check', root])
      assert.equal(code, 1, stderr)
      assert.doesNotMatch(stdout.replaceAll('\n', ''), /\p{Cc}|\p{Cf}/u)
      assert.ok(stdout.length < 20_000)
    })
  assert.equal(({} as Record<string, unknown>)['team'], undefined)
})

test('scan: a manifest claims, explains and outranks a tag; it accepts nothing', () =>
  withEstate(estate(MANIFEST), async (root) => {
    const { stdout } = await onus(['scan', root, '--format', 'json'])
    const [identity] = ScanReport.parse(JSON.parse(stdout)).identities
    assert.ok(identity)
    const { claims, state } = identity.accountability
    assert.deepEqual(claims.map(({ via, raw }) => [via, raw]).slice(0, 1), [['manifest', 'billing']])
    assert.notEqual(state, 'accountable')
    assert.equal(identity.purpose, 'Prints and posts the invoices of the month')
    assert.equal(identity.questions.function.answer, 'monthly-invoicing')
    assert.equal(identity.questions.revocation.answer, 'Delete the service account; invoices wait')
    assert.deepEqual(identity.credentials.map(({ name, revocation, file }) => [name, revocation, file]), [['invoice-run-token', 'Delete the secret', 'k8s/all.yaml']])
  }))
