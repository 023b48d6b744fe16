import assert from 'node:assert/strict'
import test from 'node:test'
import { kindOfLabel, kindOfName, readSource } from './module-kinds.ts'

const SOURCES: [source: string, want: string | null][] = [
  ['github.com/acme/terraform-k8s-serviceaccount?ref=1.2.0', 'service-account'],
  ['git::https://git.acme.example/tf/kubernetes-service-account.git?ref=v2', 'service-account'],
  ['acme.example/platform/serviceAccount/kubernetes', 'service-account'],
  ['terraform-google-modules/service-accounts/google', 'service-account'],
  ['git::ssh://git@git.acme.example/tf/service-accounts.git//bucket', null],
  ['github.com/acme/terraform-irsa?ref=2', 'workload-role'],
  ['github.com/acme/terraform-aws-first-available', null],
  ['terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts-eks', 'workload-role'],
  ['terraform-aws-modules/iam/aws//modules/iam-assumable-role-with-oidc', 'workload-role'],
  ['terraform-aws-modules/eks-pod-identity/aws', 'workload-role'],
  ['terraform-google-modules/kubernetes-engine/google//modules/workload-identity', 'workload-role'],
  ['terraform-aws-modules/iam/aws//modules/iam-github-oidc-role', 'ci-role'],
  ['terraform-aws-modules/iam/aws//modules/iam-github-oidc-provider', null],
  ['terraform-aws-modules/iam/aws//modules/iam-user', 'user'],
  ['cloudposse/iam-system-user/aws', 'user'],
  ['terraform-aws-modules/s3-bucket/aws', null],
  ['terraform-aws-modules/vpc/aws', null],
]
for (const [source, want] of SOURCES) {
  test(`the source ${source} makes ${want ?? 'no identity'}`, () => {
    const read = readSource(source)
    assert.equal(read.kind === 'remote' ? kindOfName(read.subject) : 'local', want)
  })
}

test('a call is named by the end of its label only', () => {
  assert.deepEqual(
    ['serviceaccount', 'deploy_service_account', 'deployServiceAccount', 'service_account_bucket', 'disservice'].map(
      kindOfLabel,
    ),
    ['service-account', 'service-account', 'service-account', null, null],
  )
})
