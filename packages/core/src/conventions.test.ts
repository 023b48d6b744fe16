import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  Conventions, DEFAULT_CONVENTIONS, interpret, MEANINGS, readOwner, saysNothing, splitNames,
} from './conventions.ts'
import type { Tag } from './observation.ts'

const tagsOf = (record: Record<string, string>): Tag[] =>
  Object.entries(record).map(([key, value], i) => ({ key, value, line: i + 3 }))
const meanings = (record: Record<string, string>, conventions = DEFAULT_CONVENTIONS): string[] =>
  interpret(tagsOf(record), conventions).map(({ meaning, key }) => `${meaning} ${key}`)
const meaningOf = (key: string, value = 'something'): string | null =>
  interpret([{ key, value, line: 1 }], DEFAULT_CONVENTIONS)[0]?.meaning ?? null

test('common keys are recognised by their last part, whatever their prefix, case and separators', () => {
  const table: Record<string, string[]> = {
    team: [
      'team', 'Team', 'team-name', 'team_name', 'teamName', 'acme.example/team', 'acme:team-name', 'squad',
      'owning-team', 'TEAM',
    ],
    owner: [
      'owner', 'Owner', 'owned-by', 'ownedBy', 'platform.acme.example/owner', 'acme:owner', 'tags.owner', 'owner.email',
      'Service Owner',
    ],
    contact: [
      'contact', 'slack', 'slack-channel', 'SlackChannel', 'acme.example/slack-channel', 'email',
      'infrastructure-support', 'on-call',
    ],
    'business-unit': ['business-unit', 'BusinessUnit', 'department', 'tribe', 'cost-centre', 'CostCenter'],
    function: ['business-function', 'product', 'system', 'acme.example/system', 'app.kubernetes.io/part-of'],
    service: [
      'application', 'app', 'service', 'service-name', 'app.kubernetes.io/name', 'backstage.io/kubernetes-id',
      'tags.datadoghq.com/service',
    ],
    purpose: ['purpose', 'reason', 'description', 'kubernetes.io/description'],
    environment: [
      'environment', 'environment-name', 'env', 'Environment', 'stage', 'acme.example/environment-name',
      'tags.datadoghq.com/env',
    ],
    'review-after': ['review-after', 'review_by', 'acme.example/reviewAfter'],
    expires: ['expires', 'expiry', 'valid-until', 'ExpiryDate', 'janitor/expires'],
    rotated: ['rotated', 'rotation-date', 'last-rotated', 'token-rotated-date'],
    created: ['created', 'creation-date', 'createdAt'],
    'third-party': ['third-party', 'vendor'],
    'data-class': ['data-class', 'data-classification', 'data.classification', 'DataClassification'],
    revocation: ['revocation', 'runbook', 'acme.example/runbook-url'],
  }
  for (const [want, keys] of Object.entries(table)) for (const key of keys) assert.equal(meaningOf(key), want, key)
  for (const key of ['source-code', 'repository', 'repo', 'git-url', 'source', 'github', 'github.com/project-slug']) {
    assert.equal(meaningOf(key, 'https://git.example/acme/payments'), 'source-code', key)
  }
  for (const key of ['is-production', 'production', 'acme.example/isProduction']) {
    assert.equal(meaningOf(key, 'true'), 'production', key)
  }
})

test('common keys of other languages are recognised, with and without accents', () => {
  const table: Record<string, string[]> = {
    team: ['Équipe', 'equipe', 'rheinbank.example/équipe-responsable', 'equipo', 'Zuständiges Team'],
    owner: [
      'Verantwortlich', 'verantwortlicher', 'Inhaber', 'Eigentümer', 'eigentuemer', 'acme.example/zustaendig', 'Propriétaire',
      'responsable', 'propietario', 'responsabile', 'Eigenaar', 'Ägare',
    ],
    contact: ['Ansprechpartner', 'kontakt', 'contacto', 'contatto'],
    'business-unit': ['Abteilung', 'Kostenstelle', 'Geschäftsbereich', 'département', 'centre-de-coût', 'departamento', 'CentroDeCosto'],
    function: ['Geschäftsfunktion', 'geschaeftsprozess', 'fonction', 'processus métier', 'Produit', 'procesoDeNegocio'],
    service: ['Anwendung', 'applicatie', 'aplicación', 'servizio'],
    purpose: ['Zweck', 'Beschreibung', 'finalité', 'propósito', 'scopo', 'doel'],
    environment: ['Umgebung', 'environnement', 'entorno', 'ambiente', 'Stufe'],
    expires: ['Ablaufdatum', 'gültig bis', 'Expire le', 'vencimiento', 'scadenza'],
    'third-party': ['Lieferant', 'fournisseur', 'proveedor'],
  }
  for (const [want, keys] of Object.entries(table)) for (const key of keys) assert.equal(meaningOf(key), want, key)
  assert.equal(meaningOf('produktiv', 'ja'), 'production')
  assert.equal(meaningOf('beschreibung', 'Verwaltet durch Terraform'), null)
  assert.deepEqual(meanings({ Kostenstelle: '4711', Abteilung: 'Kredite' }), ['business-unit Abteilung'])
  for (const key of ['direction', 'usage', 'but', 'route', 'area-code']) assert.equal(meaningOf(key), null, key)
})

test('a key that only looks alike, or that belongs to a tool, means nothing', () => {
  const keys = [
    'app.kubernetes.io/managed-by', 'app.kubernetes.io/component', 'app.kubernetes.io/instance',
    'app.kubernetes.io/version', 'kubernetes.io/owner',
    'olm.owner', 'olm.owner.kind', 'aws:createdBy', 'aws:cloudformation:stack-name', 'helm.sh/chart',
    'argocd.argoproj.io/instance',
    'cert-manager.io/owner', 'external-dns.alpha.kubernetes.io/owner', 'onus:owner', 'owner-references', 'teammate',
    'steam', 'environmental',
    'Name', 'version', 'tier', 'team.example/version', 'backstage.io/managed-by-location', 'created-by', '', '/', ':',
    '.',
  ]
  for (const key of keys) assert.equal(meaningOf(key), null, key)
})

test('a key with several uses is read only when its value fits', () => {
  const table: [key: string, value: string, want: string | null][] = [
    ['source', 'helm', null], ['source', 'acme/payments', 'source-code'], ['git', 'main', null],
    ['git', 'git@git.example:acme/payments.git', 'source-code'],
    ['production', 'yes', 'production'], ['production', 'https://payments.example', null],
    ['description', 'Managed by Terraform', null],
    ['description', 'created by terraform.', null], ['description', 'Posts invoices to the ledger', 'purpose'],
  ]
  for (const [key, value, want] of table) assert.equal(meaningOf(key, value), want, `${key}: ${value}`)
})

test('a value that says nothing is no statement', () => {
  const noise = [
    '', '  ', 'n/a', 'N/A', 'unknown', 'Unknown', 'tbd', 'TBD: ask finance', 'none', 'TODO', 'todo: find owner', '-',
    '<unknown>', '"none"', '<your-team>', '${var.team}', '{{ .Values.team }}', 'changeme',
  ]
  for (const value of noise) assert.equal(meaningOf('team', value), null, value)
  const names = ['Nonesuch', 'unknown-pleasures', 'todos', 'None of us is as good as all of us', 'NA Sales']
  for (const value of names) assert.equal(meaningOf('team', value), 'team', value)
})

test('a weak key counts only where no stronger key has the meaning', () => {
  assert.deepEqual(meanings({ 'cost-centre': '4711', 'business-unit': 'Retail' }), ['business-unit business-unit'])
  assert.deepEqual(meanings({ 'cost-centre': '4711' }), ['business-unit cost-centre'])
  assert.deepEqual(meanings({ stage: 'build', environment: 'prod' }), ['environment environment'])
  assert.deepEqual(meanings({ description: 'An account', purpose: 'Invoicing' }), ['purpose purpose'])
})

test('the conventions file decides first, its ignore list second, the shapes last', () => {
  const house = Conventions.parse({
    version: 1,
    keys: {
      team: ['acme.example/Kostenstelle', 'owner'],
      owner: ['acme.example/ansprechpartner'],
      contact: ['ACME.example/ansprechpartner'],
    },
    ignore: ['Team', 'owner'],
  })
  assert.deepEqual(meanings({ 'acme.example/kostenstelle': 'payments' }, house), ['team acme.example/kostenstelle'])
  assert.deepEqual(meanings({ owner: 'payments' }, house), ['team owner'], 'mapped, though ignored as a shape')
  assert.deepEqual(meanings({ team: 'red', 'x.example/team': 'blue' }, house), ['team x.example/team'], 'whole keys')
  const both = meanings({ 'acme.example/ansprechpartner': 'Payments' }, house)
  assert.deepEqual(both, ['owner acme.example/ansprechpartner', 'contact acme.example/ansprechpartner'])
})

test('tags come back in their order, as written, with their lines', () => {
  const tags: Tag[] = [
    { key: 'Slack', value: ' #pay ', line: 9 },
    { key: 'x', value: 'y', line: 4 },
    { key: 'acme/team-name', value: 'Payments, Ledger ', line: 7 },
  ]
  assert.deepEqual(interpret(tags, DEFAULT_CONVENTIONS), [
    { key: 'Slack', value: ' #pay ', line: 9, meaning: 'contact' },
    { key: 'acme/team-name', value: 'Payments, Ledger ', line: 7, meaning: 'team' },
  ])
})

test('no tag, however odd, breaks the reading', () => {
  const odd = fc.constantFrom('__proto__', 'constructor', 'toString', 'owner/__proto__', 'team.constructor')
  const tag = fc.record({ key: fc.oneof(fc.string(), odd), value: fc.string(), line: fc.integer({ min: 1 }) })
  fc.assert(fc.property(fc.array(tag), (tags) => {
    for (const meant of interpret(tags, DEFAULT_CONVENTIONS)) assert.ok(MEANINGS.includes(meant.meaning))
  }))
})

test('an owner is read as label, addresses and channels', () => {
  const table: [raw: string, label: string | null, addresses: string[], channels: string[]][] = [
    ['Payments Team: payments@corp.example', 'Payments Team', ['payments@corp.example'], []],
    ['Payments Team <payments@corp.example>', 'Payments Team', ['payments@corp.example'], []],
    ['payments@corp.example (Payments Team)', 'Payments Team', ['payments@corp.example'], []],
    ['Stewardship (Payments): pay@corp.example', 'Stewardship (Payments)', ['pay@corp.example'], []],
    ['payments@corp.example', null, ['payments@corp.example'], []],
    ['mailto:payments@corp.example', null, ['payments@corp.example'], []],
    ['a@corp.example, b@corp.example', null, ['a@corp.example', 'b@corp.example'], []],
    ['Payments, slack: #pay-help, email: pay@corp.example', 'Payments', ['pay@corp.example'], ['#pay-help']],
    ['#payments', null, [], ['#payments']],
    ['Payments #pay', 'Payments', [], ['#pay']],
    ['Payments https://chat.example/archives/C1', 'Payments', [], ['https://chat.example/archives/C1']],
    ['https://wiki.example/page#section', null, [], ['https://wiki.example/page#section']],
    ['@acme/payments', '@acme/payments', [], []],
    ['group:default/payments', 'payments', [], []],
    ['team:default/payments', 'payments', [], []],
    ['group:retail/payments', 'retail/payments', [], []],
    ['Team: Payments', 'Payments', [], []],
    ['user:default/jane', 'jane', [], []],
    ['github:payments', 'github:payments', [], []],
    ['Research and Development', 'Research and Development', [], []],
    ['modelling & engineering team, retail: ', 'modelling & engineering team, retail', [], []],
    ['Payments\u0000Team\u202e', 'Payments Team', [], []],
    ['', null, [], []], ['   ', null, [], []], ['unknown', null, [], []], [': ', null, [], []],
    ["o'neil.mary-ann@corp.example", null, ["o'neil.mary-ann@corp.example"], []],
  ]
  for (const [raw, label, addresses, channels] of table) {
    const { isPersonLike: _, ...read } = readOwner(raw)
    assert.deepEqual(read, { label, addresses, channels }, raw)
  }
})

test('a person is told from a team and from a shared mailbox', () => {
  const people = [
    'Jane Doe <jane.doe@corp.example>', 'Jane Doe: jane.doe@corp.example', 'jane.doe@corp.example',
    'J. Doe <jane.doe@corp.example>', 'Doe, Jane <jane.doe@corp.example>',
    'Jane Doe <jdoe@corp.example>', 'jane.doe', 'Jane.Doe', 'user:default/jane', 'user:jane', 'User: Jane Doe',
    'jane.m.doe@corp.example', 'jane.doe2@corp.example',
    'jane.doe+oncall@corp.example', 'jane.doe@corp.example, john.roe@corp.example',
    "Mary-Ann O'Neil <mary-ann.o'neil@corp.example>", 'Zoë Müller <zoë.müller@corp.example>',
    '123+jane@users.noreply.github.com', 'j.doe@corp.example',
  ]
  for (const raw of people) assert.equal(readOwner(raw).isPersonLike, true, raw)
  const others = [
    'Payments Team: payments@corp.example', 'payments-support@corp.example', 'payments@corp.example',
    'payments.support@corp.example', 'platform.team@corp.example',
    'Payments Core <payments@corp.example>', 'Payments Core: payments.core@corp.example', 'Digital Services',
    'Retail Banking', '@acme/payments', '@payments', '#jane.doe',
    'group:default/jane.doe', 'Ledger: jane.doe@corp.example', 'data.platform', 'payments.example',
    'Payments Team: jane.doe@corp.example', 'jane', 'Jane Doe',
    'jane.doe@corp.example, payments@corp.example', 'it.helpdesk@corp.example', 'a.b@corp.example', 'corp.example',
    'Big Data <bdata@corp.example>', '',
  ]
  for (const raw of others) assert.equal(readOwner(raw).isPersonLike, false, raw)
})

test('reading an owner takes time in proportion to a bounded text', () => {
  // Processor time, because other tests run beside this one.
  const started = process.cpuUsage()
  for (const piece of ['a', 'a@', ' ', '#a', 'a.', '(', 'mail:', '@a ']) readOwner(piece.repeat(500_000))
  assert.ok(process.cpuUsage(started).user < 2_000_000)
})

test('several names in one value are parted; what is one name stays one', () => {
  const table: [raw: string, want: string[]][] = [
    ['payments', ['payments']], ['a, b', ['a', 'b']], ['a;b', ['a', 'b']], ['a | b', ['a', 'b']],
    ['a\nb\n', ['a', 'b']], ['a / b', ['a', 'b']],
    ['["a","b"]', ['a', 'b']], ["['a', 'b']", ['a', 'b']], ['@acme/a @acme/b', ['@acme/a', '@acme/b']],
    ['@acme/a', ['@acme/a']],
    ['Research and Development', ['Research and Development']], ['R&D', ['R&D']], ['a,,a, n/a', ['a']], ['', []],
    ['n/a', []],
    ['a@corp.example, b@corp.example', ['a@corp.example', 'b@corp.example']],
    ['Payments: a@corp.example, b@corp.example', ['Payments: a@corp.example, b@corp.example']],
  ]
  for (const [raw, want] of table) assert.deepEqual(splitNames(raw), want, raw)
})

test('saying nothing is told from saying something short', () => {
  for (const value of ['', 'N/A', '(none)', '???']) assert.equal(saysNothing(value), true, value)
  for (const value of ['a', 'na-sales', '0', 'false']) assert.equal(saysNothing(value), false, value)
})
