import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { environmentOfResource } from './resource-environment.ts'

const none = { environments: {} }
const house = { environments: { '111122223333': 'production', blau: 'staging' } }

const CASES: [name: string, resource: string, want: string | null][] = [
  ['a bucket', 'arn:aws:s3:::acme-prod-data/*', 'production'],
  ['a bucket before the keys in it', 'arn:aws:s3:::acme-prod/test/*', 'production'],
  ['a role', 'arn:aws:iam::444455556666:role/prod/deployer', 'production'],
  ['a queue', 'arn:aws:sqs:eu-west-2:444455556666:get-paid-staging-claims', 'staging'],
  ['a stage of a gateway', 'arn:aws:execute-api:eu-west-1:444455556666:a1b2c3/prod/GET/labels', 'production'],
  ['a secret', 'arn:aws:secretsmanager:eu-west-1:444455556666:secret:dev/db-AbCdEf', 'development'],
  ['an account that the company named', 'arn:aws:s3:eu-west-1:111122223333:accesspoint/x', 'production'],
  ['the company’s word for the account before a name', 'arn:aws:sqs:eu-west-1:111122223333:dev-queue', 'production'],
  ['the company’s own word in a name', 'arn:aws:s3:::acme-blau', 'staging'],
  ['production among several', 'arn:aws:s3:::a-dev, arn:aws:s3:::a-prod', 'production'],
  ['several that differ', 'arn:aws:s3:::a-dev, arn:aws:s3:::a-staging', null],
  ['a name that says two', 'arn:aws:s3:::dev-to-prod-copies-logs', null],
  ['words that only contain one', 'arn:aws:s3:::product-device-protest', null],
  ['a variable is no name', 'arn:aws:s3:::${var.prod_bucket}/*', null],
  ['what is not known', 'module.prod.bucket_arn', null],
  ['everything', '*', null],
  ['a project of Google', 'project lumen-prod', 'production'],
  ['a resource of a project', '//storage.googleapis.com/projects/lumen-dev/buckets/x', 'development'],
  ['an account of a project', 'deployer@lumen-prod.iam.gserviceaccount.com', 'production'],
  ['a resource group of Azure', '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-pay-prod', 'production'],
  ['a repository is no environment', 'infra-dev', null],
]
for (const [name, resource, want] of CASES)
  test(`the environment of a resource: ${name}`, () =>
    assert.equal(environmentOfResource(resource, resource.includes('blau') || resource.includes('1111') ? house : none), want))

test('what is known of an account tells where no name does', () => {
  const known = ({ name }: { name: string }): string | null => (name === '444455556666' ? 'test' : null)
  assert.equal(environmentOfResource('arn:aws:sqs:eu-west-1:444455556666:labels', none, known), 'test')
  assert.equal(environmentOfResource('arn:aws:sqs:eu-west-1:444455556666:labels-prod', none, known), 'production')
  assert.equal(environmentOfResource('arn:aws:sqs:eu-west-1:777788889999:labels', none, known), null)
})

test('any text is answered', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void environmentOfResource(`arn:${text}`, house)))
})
