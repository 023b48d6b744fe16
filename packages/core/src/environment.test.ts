import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  environmentWords, shortEnvironmentWords, weakEnvironmentWords, wordsOfOtherTrades,
} from './environment-words.ts'
import { environmentOfPath, readEnvironment } from './environment.ts'

const none = { environments: {} }
const house = { environments: { Blau: 'production', bench: 'test', 'Disaster Recovery': 'dr', int: 'preprod' } }

test('a stated environment is read through spelling, regions and counters', () => {
  const table: [raw: string, environment: string | null, isProduction: boolean | null][] = [
    ['prod', 'production', true], ['PRD', 'production', true], ['Production', 'production', true],
    ['live', 'production', true],
    ['prd-eu', 'production', true], ['eu-west-1-prod', 'production', true], ['prod2', 'production', true],
    ['Prod01', 'production', true],
    ['production (live)', 'production', true], ['prodEu', 'production', true],
    ['preprod', 'preproduction', false], ['pre-prod', 'preproduction', false],
    ['Pre Production', 'preproduction', false],
    ['preProd', 'preproduction', false], ['PreProduction', 'preproduction', false],
    ['pre_live', 'preproduction', false],
    ['nonprod', 'non-production', false], ['non-prod', 'non-production', false], ['NonProd', 'non-production', false],
    ['not production', 'non-production', false],
    ['staging', 'staging', false], ['stg', 'staging', false], ['stage', 'staging', false], ['uat', 'staging', false],
    ['UAT2', 'staging', false],
    ['qa', 'test', false], ['test', 'test', false], ['test1', 'test', false], ['tst', 'test', false],
    ['perf', 'test', false],
    ['int', 'test', false], ['integration', 'test', false], ['e2e', 'test', false],
    ['dev', 'development', false], ['Development', 'development', false], ['dev-02', 'development', false],
    ['sandbox', 'sandbox', false], ['demo', 'sandbox', false], ['shared', 'shared', null],
    ['shared dev', 'development', false],
    ['Produktion', 'production', true], ['Vorproduktion', 'preproduction', false], ['Abnahme', 'staging', false],
    ['Entwicklung', 'development', false], ['préprod', 'preproduction', false], ['Recette', 'staging', false],
    ['développement', 'development', false], ['producción', 'production', true], ['homologação', 'staging', false],
    ['produktionsplanung', null, null],
    ['dev/test', null, false], ['dev, prod', null, null], ['', null, null], ['blue', null, null],
    ['device', null, null],
    ['protest', null, null], ['producer', null, null], ['devops', null, null], ['livestock', null, null],
    ['We use this when the production system was down for more than two days', null, null],
  ]
  for (const [raw, environment, isProduction] of table) {
    assert.deepEqual(readEnvironment(raw, none), { environment, isProduction }, raw)
  }
})

test('the words of the company come before the common ones', () => {
  const table: [raw: string, environment: string | null, isProduction: boolean | null][] = [
    ['blau', 'production', true], ['BLAU', 'production', true], ['blau-eu', 'production', true],
    ['bench', 'test', false],
    ['disaster recovery', 'dr', null], ['int', 'preproduction', false], ['rot', null, null],
  ]
  for (const [raw, environment, isProduction] of table) {
    assert.deepEqual(readEnvironment(raw, house), { environment, isProduction }, raw)
  }
  const guess = environmentOfPath('clusters/blau/payments', house)
  assert.deepEqual(guess, { environment: 'production', isProduction: true, confidence: 'high' })
})

test('a path tells the environment by its most specific telling part, and how sure that is', () => {
  const table: [path: string, want: string | null][] = [
    ['namespaces/payments-dev/serviceaccount.tf', 'development medium'],
    ['namespaces/payments-prod/00-namespace.yaml', 'production medium'],
    ['namespaces/payments-preprod/00-namespace.yaml', 'preproduction medium'],
    ['namespaces/payments-pre-prod/00-namespace.yaml', 'preproduction medium'],
    ['namespaces/payments-test1/irsa.tf', 'test medium'],
    ['namespaces/payments-stag/irsa.tf', 'staging medium'],
    ['namespaces/payments-prod-eu-west-1/irsa.tf', 'production medium'],
    ['environments/prod/main.tf', 'production high'],
    ['environments/prd-eu/main.tf', 'production high'],
    ['envs/int/main.tf', 'test high'],
    ['overlays/staging/kustomization.yaml', 'staging high'],
    ['prod/test-data.yaml', 'production high'],
    ['environments/prod/dev-access.tf', 'production high'],
    ['charts/payments/values-prod.yaml', 'production medium'],
    ['charts/payments/values.staging.yaml', 'staging medium'],
    ['terraform/prod.tfvars', 'production high'],
    ['terraform/prod.auto.tfvars', 'production high'],
    ['terraform/production-values.yaml', 'production high'],
    ['namespaces/live.cluster.example/payments-dev/irsa.tf', 'development medium'],
    ['clusters/live/payments-dev/irsa.tf', 'development medium'],
    ['namespaces/live.cluster.example/payments/irsa.tf', 'production low'],
    ['live-1.cluster', 'production low'],
    ['clusters/prod.example.com/payments/role.yaml', 'production medium'],
    ['infrastructure/live/dev/eu-west-1/main.tf', 'development high'],
    ['infrastructure/live/payments/main.tf', 'production low'],
    ['dev-payments', 'development medium'],
    ['acme-prod-payments-role', 'production low'],
    ['production-planning', 'production low'],
    ['PaymentsDev', 'development medium'],
    ['payments/src/test/fixture.yaml', 'test medium'],
    ['payments/shared/role.yaml', 'shared low'],
    ['payments-device/protest/latest.yaml', null],
    ['devops/producer/stagehand/testament.tf', null],
    ['live-chat', null], ['test-runner', null], ['stage-manager', null], ['demo-service', null],
    ['payments-integration', null], ['user-management/role.tf', null],
    ['copy-prod-to-dev-nightly', null],
    ['payments/main.tf', null], ['', null], ['/', null],
  ]
  for (const [path, want] of table) {
    const guess = environmentOfPath(path, none)
    assert.equal(guess && `${guess.environment} ${guess.confidence}`, want, path)
  }
})

test('a word inside a longer word is never an environment', () => {
  const letters = fc.string({ unit: fc.constantFrom(...'abcxyz'), minLength: 1, maxLength: 4 })
  const known = fc.constantFrom(...[...environmentWords.keys()].filter((word) => /^[a-z]+$/.test(word)))
  fc.assert(fc.property(letters, known, letters, (before, word, after) => {
    const name = `${before}${word}${after}`
    fc.pre(!environmentWords.has(name))
    assert.deepEqual(readEnvironment(name, none), { environment: null, isProduction: null }, name)
    assert.equal(environmentOfPath(`estate/${name}/main.tf`, none), null, name)
  }))
})

test('the lists of short, weak and doubtful words hold known words only, and none twice', () => {
  const lists = [...shortEnvironmentWords, ...weakEnvironmentWords, ...wordsOfOtherTrades]
  assert.equal(new Set(lists).size, lists.length)
  for (const word of lists) assert.ok(environmentWords.has(word), word)
})
