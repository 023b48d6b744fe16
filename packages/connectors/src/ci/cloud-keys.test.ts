import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cloudKeyOf, literalCloudKeyOf } from './cloud-keys.ts'

test('a name means a cloud key when it says the cloud and the key', () => {
  const cases: [name: string, want: string | null][] = [
    ['AWS_ACCESS_KEY_ID', 'aws id'],
    ['aws-access-key-id', 'aws id'],
    ['AWS_SECRET_ACCESS_KEY', 'aws secret'],
    ['PROD_AWS_SECRET_ACCESS_KEY', 'aws secret'],
    ['AWS_SECRET_ACCESS_KEY_PROD', 'aws secret'],
    ['AWS_SECRET_KEY_EU_DEV', 'aws secret'],
    ['AWS_SECRET_ARN', null],
    ['AWS_SECRET_ID', null],
    ['AWS_ROLE', null],
    ['AWS_REGION', null],
    ['MINIO_SECRET_KEY', null],
    ['GCP_SA_KEY', 'google secret'],
    ['GOOGLE_CREDENTIALS', 'google secret'],
    ['GOOGLE_APPLICATION_CREDENTIALS', 'google secret'],
    ['GCLOUD_SERVICE_KEY', 'google secret'],
    ['GOOGLE_API_KEY', null],
    ['GCP_SA_KEY_PATH', null],
    ['AZURE_CREDENTIALS', 'azure secret'],
    ['ARM_CLIENT_SECRET', 'azure secret'],
    ['AZURE_CLIENT_ID', null],
    ['CLIENT_SECRET', null],
    ['', null],
  ]
  for (const [name, want] of cases) {
    const key = cloudKeyOf(name)
    assert.equal(key && `${key.cloud} ${key.part}`, want, name)
  }
})

test('a literal is a key when it has the form of one', () => {
  const cases: [name: string, key: string, value: string, want: string | null][] = [
    ['a key id under any name', 'X', `AKIA${'ABCD'.repeat(4)}`, 'aws id'],
    ['a secret under its name', 'AWS_SECRET_ACCESS_KEY', 'aB3/'.repeat(10), 'aws secret'],
    ['forty letters under another name', 'COMMIT', 'a'.repeat(40), null],
    ['a stand-in', 'AWS_SECRET_ACCESS_KEY', 'test', null],
    ['a key file of Google', 'X', '{"private_key": "x"}', 'google secret'],
  ]
  for (const [name, key, value, want] of cases) {
    const found = literalCloudKeyOf(key, value)
    assert.equal(found && `${found.cloud} ${found.part}`, want, name)
  }
})
