import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { DEFAULT_CONVENTIONS } from '../conventions.ts'
import { Identity } from '../identity.ts'
import type { IdentityObserved, KubernetesBindingObserved, Observation, ScopeObserved, Tag } from '../observation.ts'
import { OwnedScope } from '../owned-scope.ts'
import { reconcile } from './index.ts'

const options = { asOf: new Date('2026-06-01T00:00:00Z'), conventions: DEFAULT_CONVENTIONS }
const tags = (record: Record<string, string>): Tag[] => Object.entries(record).map(([key, value], i) => ({ key, value, line: i + 4 }))

const namespace = (name: string, directory: string, record: Record<string, string> = {}, realm = ''): ScopeObserved => ({
  type: 'scope', ref: { kind: 'kubernetes-namespace', realm, name }, place: { file: `${directory}/namespace.yaml`, line: 1 }, tags: tags(record), isDefined: true,
})
const account = (ns: string, name: string, file: string, more: Partial<IdentityObserved> = {}): IdentityObserved => ({
  type: 'identity', ref: { system: 'kubernetes', realm: '', path: `${ns}/${name}` }, kind: 'service-account', name, place: { file, line: 1 },
  nativeRef: `ServiceAccount ${ns}/${name}`, isDefined: true, scope: { kind: 'kubernetes-namespace', realm: '', name: ns }, tags: [], ...more,
})
const admin = (ns: string, group: string, file = `${ns}/rbac.yaml`): KubernetesBindingObserved => ({
  type: 'kubernetes-binding', realm: '', namespace: ns, name: 'admins', role: { kind: 'ClusterRole', name: 'admin' },
  subjects: [{ kind: 'Group', name: group, namespace: null, line: 7 }], place: { file, line: 1 },
})
const terraform = (directory: string, address: string, more: Partial<IdentityObserved> = {}): IdentityObserved => ({
  type: 'identity', ref: { system: 'terraform', realm: directory, path: address }, kind: 'service-account', name: address,
  place: { file: `${directory}/main.tf`, line: 3 }, nativeRef: address, isDefined: true, tags: [], ...more,
})

test('an identity inherits what its namespace states, and the group that administers it', () => {
  const { identities, teams, scopes } = reconcile([
    namespace('shop-prod', 'apps/shop', { 'acme.example/team-name': 'checkout', 'acme.example/environment-name': 'production' }),
    admin('shop-prod', 'github:checkout'), account('shop-prod', 'web', 'apps/shop/sa.yaml'),
  ], options)
  const [web] = identities
  assert.equal(web?.accountability.state, 'claimed')
  assert.equal(teams.find((team) => team.id === web?.accountability.team)?.name, 'checkout')
  assert.equal(web?.environment, 'production')
  assert.equal(web?.isProduction, true)
  assert.deepEqual(web?.accountability.claims.map((claim) => [claim.key, claim.isInherited, claim.line]), [['acme.example/team-name', true, 4]])
  assert.equal(scopes[0]?.identityCount, 1)
})

test('a definition by a tool belongs to the namespace of its nearest directory, without naming it', () => {
  const { identities } = reconcile([
    namespace('shop', 'apps/shop', { team: 'checkout' }),
    terraform('apps/shop/resources', 'module.deployer'),
    terraform('elsewhere', 'module.other'),
  ], options)
  assert.deepEqual(identities.map((one) => [one.name, one.namespace, one.accountability.state]), [['module.other', null, 'unowned'], ['module.deployer', 'shop', 'claimed']])
})

test('a directory that defines two namespaces tells nothing about the files beside them', () => {
  const { identities } = reconcile([namespace('a', 'apps'), { ...namespace('b', 'apps'), place: { file: 'apps/b.yaml', line: 1 } }, terraform('apps', 'module.x')], options)
  assert.equal(identities[0]?.namespace, null)
})

test('what Terraform creates and what a binding mentions are one identity', () => {
  const { identities } = reconcile([
    namespace('shop', 'apps/shop'),
    terraform('apps/shop/resources', 'module.ci', { creates: { system: 'kubernetes', realm: '', name: 'ci', namespace: null } }),
    account('shop', 'ci', 'apps/shop/rbac.yaml', { isDefined: false }),
    { type: 'use', identity: { system: 'kubernetes', realm: '', path: 'shop/ci' }, by: { kind: 'workload', name: 'Deployment/x', namespace: 'shop' }, place: { file: 'apps/shop/d.yaml', line: 1 } },
  ], options)
  assert.equal(identities.length, 1)
  assert.equal(identities[0]?.uses.length, 1)
  assert.equal(identities[0]?.source.ref, 'module.ci')
})

test('an AWS export and the Terraform that made the role are one identity; the account decides, the definition comes first', () => {
  const exported: IdentityObserved = {
    type: 'identity', ref: { system: 'aws', realm: '111122223333', path: 'role/ledger', uid: 'AROA1' }, kind: 'cloud-principal', name: 'ledger',
    place: { file: 'export.json', line: 9 }, nativeRef: 'arn:aws:iam::111122223333:role/ledger', isDefined: true, tags: [],
  }
  const defined = terraform('infra', 'aws_iam_role.ledger', { kind: 'cloud-principal', creates: { system: 'aws', realm: '', name: 'role/ledger', namespace: null }, tags: tags({ Team: 'ledger' }) })
  const { identities } = reconcile([exported, defined], options)
  assert.equal(identities.length, 1)
  assert.equal(identities[0]?.source.file, 'infra/main.tf')
  assert.equal(identities[0]?.source.uid, 'AROA1')
  assert.equal(identities[0]?.accountability.state, 'claimed')
  const twoAccounts = reconcile([exported, { ...exported, ref: { ...exported.ref, realm: '444455556666', uid: 'AROA2' } }, defined], options)
  assert.equal(twoAccounts.identities.length, 3, 'with two accounts nobody can say which one it made')
})

test('T95: a recycled name with another immutable id is another identity and inherits nothing', () => {
  const live = (uid: string, file: string): IdentityObserved => account('shop', 'web', file, { ref: { system: 'kubernetes', realm: '', path: 'shop/web', uid } })
  const before = reconcile([live('uid-1', 'a.yaml')], options).identities[0]
  const after = reconcile([live('uid-2', 'a.yaml')], options).identities[0]
  assert.notEqual(before?.id, after?.id)
  const both = reconcile([live('uid-1', 'a.yaml'), live('uid-2', 'b.yaml'), { type: 'grant', identity: { system: 'kubernetes', realm: '', path: 'shop/web' }, permission: 'x', resource: 'y', level: 'read', isWildcard: false, via: 'v', place: { file: 'c.yaml', line: 1 } }], options)
  assert.ok(both.identities.filter((one) => one.source.uid !== null).every((one) => one.grants.length === 0), 'a fact that could mean either is given to neither')
})

test('a manifest and the export of what runs from it are one identity', () => {
  const live = account('shop', 'web', 'z-export.yaml', { ref: { system: 'kubernetes', realm: '', path: 'shop/web', uid: 'uid-1' } })
  const { identities } = reconcile([account('shop', 'web', 'a.yaml'), live], options)
  assert.deepEqual(identities.map((one) => [one.source.uid, one.source.also.length]), [['uid-1', 1]])
})

test('equal names in two clusters are two identities', () => {
  const inRealm = (realm: string): Observation[] => [
    namespace('shop', `clusters/${realm}/shop`, { team: realm === 'prod' ? 'checkout' : 'playground' }, `clusters/${realm}`),
    account('shop', 'web', `clusters/${realm}/shop/sa.yaml`, { ref: { system: 'kubernetes', realm: `clusters/${realm}`, path: 'shop/web' }, scope: { kind: 'kubernetes-namespace', realm: `clusters/${realm}`, name: 'shop' } }),
  ]
  const { identities } = reconcile([...inRealm('prod'), ...inRealm('dev')], options)
  assert.equal(identities.length, 2)
  assert.equal(new Set(identities.map((one) => one.accountability.team)).size, 2)
})

test('a duplicate definition is one identity that names both places', () => {
  const { identities } = reconcile([account('shop', 'web', 'a.yaml'), account('shop', 'web', 'b.yaml')], options)
  assert.equal(identities.length, 1)
  assert.deepEqual(identities[0]?.source.also, [{ file: 'b.yaml', line: 1 }])
})

test('a team that approves for three others by a catch-all rule is their platform, and alone it is a split', () => {
  const spaces = ['one', 'two', 'three'].flatMap((name) => [
    namespace(name, `apps/${name}`, { team: `team-of-${name}` }), admin(name, `github:team-of-${name}`),
    terraform(`apps/${name}/resources`, 'aws_iam_role.r', { kind: 'cloud-principal' }), account(name, 'sa', `apps/${name}/sa.yaml`),
  ])
  const { identities, teams } = reconcile([...spaces, { type: 'codeowners', root: '', file: 'CODEOWNERS', rules: [{ pattern: '*', owners: ['@acme/webops'], line: 1 }] }], options)
  assert.equal(teams.find((team) => team.name === 'webops')?.kind, 'platform')
  const role = identities.find((one) => one.kind === 'cloud-principal' && one.namespace === 'one')
  assert.deepEqual(role?.accountability.disagreement?.kinds, ['platform-alone'])
  const sa = identities.find((one) => one.name === 'sa' && one.namespace === 'one')
  assert.equal(sa?.accountability.state, 'claimed', 'its team administers the namespace itself')
  assert.match(sa?.questions.approver.answer ?? '', /@acme\/webops/)
})

test('a namespace whose named team has no power over it is a split', () => {
  const { scopes } = reconcile([namespace('shop', 'shop', { 'acme.example/team-name': 'checkout' }), admin('shop', 'github:search')], options)
  assert.deepEqual(scopes[0]?.accountability.disagreement?.kinds, ['owner-without-power'])
  assert.deepEqual(scopes[0]?.accountability.disagreement?.names, ['checkout', 'search'])
})

test('dates of a credential are read, and a placeholder date means never', () => {
  const ref = { system: 'kubernetes' as const, realm: '', path: 'shop/web' }
  const dated = (name: string, raw: string): Observation => ({ type: 'credential', identity: ref, kind: 'service-account-token', name, rotatedAt: { raw, place: { file: 'a.yaml', line: 2 } }, kept: [], place: { file: 'a.yaml', line: 2 } })
  const { identities } = reconcile([account('shop', 'web', 'a.yaml'), dated('one', '20-03-2026'), dated('two', '01-01-2000'), dated('three', 'soon')], options)
  assert.deepEqual(identities[0]?.credentials.map((one) => [one.name, one.rotatedAt, one.dates.rotated.state]), [
    ['one', '2026-03-20T00:00:00.000Z', 'at'], ['two', null, 'never'], ['three', null, 'unreadable']])
})

test('a grant into another namespace carries the environment of that namespace', () => {
  const { identities } = reconcile([
    namespace('shop-dev', 'dev', { environment: 'development' }), namespace('shop-prod', 'prod', { environment: 'production' }), account('shop-dev', 'web', 'dev/sa.yaml'),
    { ...admin('shop-prod', 'x', 'prod/rbac.yaml'), subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'shop-dev', line: 3 }] },
  ], options)
  const web = identities.find((one) => one.name === 'web')
  assert.deepEqual([web?.environment, web?.grants[0]?.environment], ['development', 'production'])
})

const world: Observation[] = [
  namespace('shop', 'apps/shop', { team: 'checkout', owner: 'Jane Doe <jane.doe@acme.example>' }), admin('shop', 'github:checkout'), account('shop', 'web', 'apps/shop/sa.yaml'),
  terraform('apps/shop/resources', 'module.ci', { creates: { system: 'kubernetes', realm: '', name: 'ci', namespace: null } }), account('shop', 'ci', 'apps/shop/rbac.yaml', { isDefined: false }),
  namespace('other', 'apps/other', { team: 'search' }), account('other', 'x', 'apps/other/sa.yaml'), { type: 'codeowners', root: '', file: 'CODEOWNERS', rules: [{ pattern: '/apps/other/', owners: ['@acme/search'], line: 2 }] },
]

test('the order in which readers finish changes nothing', () => {
  const want = reconcile(world, options)
  fc.assert(fc.property(fc.shuffledSubarray(world, { minLength: world.length }), (shuffled) => {
    assert.deepEqual(reconcile(shuffled, options), want)
  }), { numRuns: 50 })
})

test('records satisfy the published schema', () => {
  const { identities, scopes } = reconcile(world, options)
  for (const identity of identities) Identity.parse(identity)
  for (const scope of scopes) OwnedScope.parse(scope)
})

test('an account that keeps its token back has no users who only left it to the account, wherever it is defined', () => {
  const ref = { system: 'kubernetes' as const, realm: '', path: 'shop/default' }
  const use = (name: string, more: { unlessAccountKeepsToken?: true }): Observation => ({
    type: 'use', identity: ref, by: { kind: 'workload', name, namespace: 'shop' }, place: { file: `apps/${name}.yaml`, line: 1 }, ...more,
  })
  const seen = [use('leaves', { unlessAccountKeepsToken: true }), use('asks', {})]
  const keeps = account('shop', 'default', 'clusters/shop.yaml', { tags: tags({ 'onus:mounts-token': 'false' }) })
  const usersWith = (...more: Observation[]): (string[] | undefined) => reconcile([...seen, ...more], options).identities[0]?.uses.map((one) => one.name)
  assert.deepEqual(usersWith(keeps), ['asks'])
  assert.deepEqual(usersWith(account('shop', 'default', 'clusters/shop.yaml')), ['asks', 'leaves'])
  assert.deepEqual(usersWith(), ['asks', 'leaves'])
})

test('an API of a catalog and the document that describes it are one, where only one can be meant', () => {
  const document = (file: string, name: string): Observation => ({
    type: 'api', name, operations: [{ id: 'list', method: 'GET', path: '/', security: [], line: 9 }], securitySchemes: [], place: { file, line: 2 }, owner: 'API support',
  })
  const entry = (file: string, name: string, definedIn?: string): Observation => ({
    type: 'api', name, operations: [], securitySchemes: [], isEntry: true, place: { file, line: 4 }, owner: 'group:billing', ...(definedIn ? { definedIn } : {}),
  })
  const billing: Observation = { type: 'team', name: 'billing', contacts: [], members: [], via: 'backstage', place: { file: 'org.yaml', line: 1 } }
  const cases: [name: string, seen: Observation[], want: string[]][] = [
    ['the entry names the file', [document('apis/a.yaml', 'Invoices'), entry('catalog/b.yaml', 'inv', 'apis/a.yaml')], ['Invoices billing 2']],
    ['one name, and the document lies with the entry', [document('x/apis/a.yaml', 'Invoices API'), entry('x/catalog-info.yaml', 'invoices-api')], ['Invoices API billing 2']],
    ['one name in another place', [document('y/a.yaml', 'invoices'), entry('x/catalog-info.yaml', 'invoices')], ['invoices null 1', 'invoices billing 1']],
    ['two documents of that name', [document('x/v1.yaml', 'invoices'), document('x/v2.yaml', 'invoices'), entry('x/catalog-info.yaml', 'invoices')], ['invoices null 1', 'invoices null 1', 'invoices billing 1']],
    ['of two documents of that name one is named by another entry', [document('x/v1.yaml', 'invoices'), document('x/v2.yaml', 'invoices'), entry('x/a.yaml', 'old', 'x/v1.yaml'), entry('x/b.yaml', 'invoices')], ['invoices billing 2', 'invoices billing 2']],
    ['two entries of that name', [document('x/y/v1.yaml', 'invoices'), entry('x/a.yaml', 'invoices'), entry('x/y/b.yaml', 'invoices')], ['invoices null 1', 'invoices billing 1', 'invoices billing 1']],
    ['the entry names a file that is not there', [entry('x/a.yaml', 'invoices', 'x/none.yaml')], ['invoices billing 1']],
  ]
  for (const [name, seen, want] of cases) {
    const { apis, teams } = reconcile([billing, ...seen], options)
    const nameOf = (id: string | null): string => teams.find((team) => team.id === id)?.name ?? 'null'
    assert.deepEqual(apis.map((api) => `${api.name} ${nameOf(api.team)} ${api.evidence.length}`), want, name)
  }
})

const workflow = (root: string, file: string): Observation => ({
  type: 'identity', ref: { system: 'github', realm: root, path: `workflow/${file}` }, kind: 'ci-workload', name: file, nativeRef: `workflow ${file}`, isDefined: true, tags: [],
  place: { file: `${root}/.github/workflows/${file}`, line: 1 },
})
const uses = (root: string, file: string, ...secrets: string[]): Observation[] => secrets.map((name) => ({
  type: 'credential', identity: { system: 'github', realm: root, path: `workflow/${file}` }, kind: 'access-key', name, kept: [{ kind: 'github-secret', name }],
  place: { file: `${root}/.github/workflows/${file}`, line: 9 },
}))
const equips = (repository: string, ...secrets: string[]): Observation[] => [
  terraform('github', `github/${repository}`, { kind: 'ci-workload', name: repository, creates: { system: 'github', realm: '', name: repository, namespace: null } }),
  ...secrets.map((name): Observation => ({
    type: 'credential', identity: { system: 'terraform', realm: 'github', path: `github/${repository}` }, kind: 'ci-secret', name, kept: [{ kind: 'github-secret', name: `${repository}: ${name}` }],
    rotatedAt: { raw: '2026-01-01', place: { file: 'github/main.tf', line: 5 } }, place: { file: 'github/main.tf', line: 4 },
  })),
]

test('a pipeline that Terraform equips is the workflow that uses its secrets, where only one can be meant', () => {
  const release = [workflow('repos/parcels', 'release.yml'), ...uses('repos/parcels', 'release.yml', 'AWS_KEY')]
  const lint = [workflow('repos/parcels', 'lint.yml')]
  const cases: [name: string, seen: Observation[], want: string[]][] = [
    ['the only workflow', [...lint, ...equips('parcels', 'AWS_KEY')], ['lint.yml AWS_KEY']],
    ['the only one that uses a secret', [...release, ...lint, ...equips('parcels', 'aws_key', 'OTHER')], ['lint.yml ', 'release.yml AWS_KEY,OTHER']],
    ['with the organisation', [...lint, ...equips('lumen/parcels', 'AWS_KEY')], ['lint.yml AWS_KEY']],
    ['two that use it', [...release, ...lint, ...uses('repos/parcels', 'lint.yml', 'AWS_KEY'), ...equips('parcels', 'AWS_KEY')], ['lint.yml AWS_KEY', 'parcels AWS_KEY', 'release.yml AWS_KEY']],
    ['two repositories of that name', [...lint, workflow('old/parcels', 'a.yml'), ...equips('parcels', 'AWS_KEY')], ['a.yml ', 'lint.yml ', 'parcels AWS_KEY']],
    ['another repository', [...lint, ...equips('labels', 'AWS_KEY')], ['labels AWS_KEY', 'lint.yml ']],
    ['two directories of Terraform', [...lint, ...equips('parcels', 'A'), terraform('more', 'github/parcels', { name: 'parcels', creates: { system: 'github', realm: '', name: 'parcels', namespace: null } })], ['lint.yml A']],
  ]
  for (const [name, seen, want] of cases) {
    const { identities } = reconcile(seen, options)
    assert.deepEqual(identities.map((one) => `${one.name} ${one.credentials.map((credential) => credential.name).sort().join()}`), want, name)
  }
  const [joined] = reconcile([...release, ...equips('parcels', 'AWS_KEY')], options).identities
  const [key] = joined?.credentials ?? []
  assert.deepEqual([joined?.source.file, key?.kind, key?.kept, key?.dates.rotated.state], ['repos/parcels/.github/workflows/release.yml', 'access-key', [{ kind: 'github-secret', name: 'parcels: AWS_KEY' }], 'at'])
})

test('the checkout of a repository is called by its origin, not by its directory', () => {
  const named = { ...options, nameOfRoot: (root: string): string => (root === 'checkout' ? 'lumen/parcels' : root) }
  const count = (repository: string): number => reconcile([workflow('checkout', 'a.yml'), ...equips(repository, 'K')], named).identities.length
  assert.deepEqual(['parcels', 'lumen/parcels', 'other/parcels', 'checkout'].map(count), [1, 1, 2, 2])
})

test('a repository answers to the owners of all of it, not to those who guard its CODEOWNERS file', () => {
  const owners = (...rules: [pattern: string, owner: string][]): string[] | undefined => reconcile([
    { type: 'codeowners', root: 'repo', file: 'repo/.github/CODEOWNERS', rules: rules.map(([pattern, owner], i) => ({ pattern, owners: [owner], line: i + 1 })) },
  ], options).scopes[0]?.accountability.claims.map((claim) => claim.raw)
  assert.deepEqual(owners(['*', '@acme/shop'], ['CODEOWNERS', '@acme/security']), ['@acme/shop'])
  assert.deepEqual(owners(['/web/', '@acme/shop'], ['/.github/', '@acme/platform']), ['@acme/platform'])
})

test('a namespace that no file defines belongs to nobody because of one of those who use it', () => {
  const service = (name: string): Observation => ({ type: 'service', name, owner: `group:${name}-team`, place: { file: `services/${name}/catalog-info.yaml`, line: 4 } })
  const team = (name: string): Observation => ({ type: 'team', name: `${name}-team`, contacts: [], members: [], via: 'backstage', place: { file: 'org.yaml', line: 1 } })
  const seen = (...names: string[]): Observation[] => names.flatMap((name) => [service(name), team(name), account('shared', name, `services/${name}/k8s/sa.yaml`)])
  const ownersOf = (observations: Observation[]): (string | undefined)[] => {
    const { identities, teams } = reconcile(observations, options)
    return identities.map((one) => `${one.accountability.state} ${teams.find((known) => known.id === one.accountability.team)?.name}`)
  }
  assert.deepEqual(ownersOf(seen('till')), ['claimed till-team'])
  assert.deepEqual(ownersOf(seen('till', 'stock')), ['claimed stock-team', 'claimed till-team'])
})

test('a workflow called test runs tests and is no environment; one called prod is', () => {
  const environmentOf = (file: string): string | null | undefined => reconcile([workflow('repo', file)], options).identities[0]?.environment
  assert.deepEqual([environmentOf('svc-test.yml'), environmentOf('e2e.yml'), environmentOf('deploy-prod.yml')], [null, null, 'production'])
})

test('where nothing else tells, the environment of an identity is that of its cloud account', () => {
  const google = terraform('gcp', 'google_service_account.x', { name: 'billing', creates: { system: 'google', realm: '', name: 'billing@lumen-prod.iam.gserviceaccount.com', namespace: null } })
  const aws: Observation = { ...account('', '', 'exports/iam.json'), ref: { system: 'aws', realm: '111122223333', path: 'user/nightly' }, kind: 'cloud-principal', name: 'nightly', scope: { kind: 'cloud-account', realm: 'aws', name: '111122223333' } }
  const house = { ...options, conventions: { ...DEFAULT_CONVENTIONS, environments: { '111122223333': 'staging' } } }
  const environments = (observations: Observation[]): [string | null, boolean | null][] => reconcile(observations, house).identities.map((one) => [one.environment, one.isProduction])
  assert.deepEqual(environments([google]), [['production', true]])
  assert.deepEqual(environments([aws]), [['staging', false]])
  const mention: Observation = { ...account('ci', 'deployer', 'projects/shop-prod.yaml'), isDefined: false }
  assert.deepEqual(environments([mention]), [[null, null]], 'a mention in the file of another namespace tells nothing')
})
