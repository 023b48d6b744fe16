import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GrantLevel } from '../identity.ts'
import { actionLevel, highestLevel, isWildcardAction } from './aws-actions.ts'

test('an action is as strong as its name says, and a pattern as the strongest that it may mean', () => {
  const cases: [pattern: string, level: GrantLevel, isWildcard: boolean][] = [
    ['*', 'admin', true],
    ['*:*', 'admin', true],
    ['s3:*', 'write', true],
    ['iam:*', 'admin', true],
    ['sts:*', 'admin', true],
    ['s3:GetObject', 'read', false],
    ['s3:get*', 'read', false],
    ['*:Get*', 'read', false],
    ['s3:G*', 'write', false],
    ['*:*Object', 'admin', false],
    ['s3:PutObject', 'write', false],
    ['s3:PutBucketPolicy', 'admin', false],
    ['kms:CreateGrant', 'admin', false],
    ['iam:PutRolePolicy', 'admin', false],
    ['iam:CreateAccessKey', 'admin', false],
    ['iam:GetRole', 'read', false],
    ['iam:CreateServiceLinkedRole', 'write', false],
    ['iam:TagRole', 'write', false],
    ['iam:ChangePassword', 'write', false],
    ['iam:PassRole', 'unknown', false],
    ['sts:AssumeRole', 'unknown', false],
    ['sts:GetCallerIdentity', 'read', false],
    ['acm:IssueCertificate', 'write', false],
  ]
  for (const [pattern, level, isWildcard] of cases) {
    assert.equal(actionLevel(pattern), level, pattern)
    assert.equal(isWildcardAction(pattern), isWildcard, pattern)
  }
  assert.equal(highestLevel(['read', 'unknown', 'write']), 'write')
  assert.equal(highestLevel([]), 'unknown')
})
