import type { Trust } from '../../identity.ts'
import { makeSource, makeTrust } from '../testing/make.ts'
import { testRule, type RuleCase } from '../testing/test-rule.ts'
import { looseFederationTrust } from './loose-federation-trust.ts'

const aws = makeSource({ system: 'aws' })
const github = (...subjects: string[]): Partial<Trust> => ({ subjects })
const gitlab = (...subjects: string[]): Partial<Trust> => ({ issuer: 'https://gitlab.com', subjects })
const cluster = (...subjects: string[]): Partial<Trust> => ({ issuer: 'https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE', subjects })
const trusting = (name: string, trust: Partial<Trust>, want: string[], says?: RegExp): RuleCase => {
  const given = { identity: { source: aws, trusts: [makeTrust(trust)] } }
  return says === undefined ? [name, given, want] : [name, given, want, says]
}

testRule(looseFederationTrust, [
  ['nobody outside is trusted', {}, []],
  trusting('one environment of one repository', {}, []),
  trusting('one branch of one repository', github('repo:lumen/ledger:ref:refs/heads/main'), []),
  trusting('subjects by immutable id', github('repository_id:123456:environment:production'), []),
  trusting('a reusable workflow at a branch', github('job_workflow_ref:lumen/ci/.github/workflows/deploy.yml@refs/heads/main'), []),
  trusting('the issuer as AWS registers it', { issuer: 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com', subjects: [] }, ['fail critical']),
  trusting('no subject: every customer of GitHub', github(), ['fail critical'], /does not restrict the subject, and token\.actions/),
  trusting('a bare wildcard', github('*'), ['fail critical'], /`\*` fits everybody/),
  trusting('any repository', github('repo:*'), ['fail critical'], /anybody can register/),
  trusting('a prefix of an account name', github('repo:lumen*'), ['fail critical'], /anybody can register/),
  trusting('every repository of the organisation', github('repo:lumen/*'), ['fail high'], /every repository of `lumen`/),
  trusting('every repository by a prefix', github('repo:lumen/ledger*'), ['fail medium'], /whose name begins so/),
  trusting('anything in the repository', github('repo:lumen/ledger:*'), ['fail medium'], /every branch, tag and pull request/),
  trusting('pull requests', github('repo:lumen/ledger:pull_request'), ['fail medium'], /nobody has reviewed/),
  trusting('every branch', github('repo:lumen/ledger:ref:refs/heads/*'), ['fail medium'], /every branch in/),
  trusting('not tied to a repository', github('environment:production'), ['fail high'], /not tied to a repository/),
  trusting('tied to the owner only', github('repository_owner:lumen:environment:production'), ['fail high'], /every repository of `lumen`/),
  trusting('a pool of Google, by repository', github('attribute.repository/lumen/ledger'), []),
  trusting('a pool of Google, by owner', github('attribute.repository_owner/lumen'), ['fail high']),
  trusting('a condition of Google', github("assertion.repository == 'lumen/ledger'"), []),
  trusting('the worst of several subjects counts', github('repo:lumen/ledger:*', 'repo:lumen/*'), ['fail high'], /every repository.*; .*every branch/),
  trusting('any audience, which AWS still compares', { audiences: [] }, ['fail low'], /any audience/),
  ['any audience elsewhere', { identity: { trusts: [makeTrust({ audiences: [] })] } }, ['fail medium']],
  trusting('a project of GitLab', gitlab('project_path:lumen/ledger:ref_type:branch:ref:main'), []),
  trusting('every ref of a project', gitlab('project_path:lumen/ledger:ref_type:branch:ref:*'), ['fail medium']),
  trusting('every project of a group', gitlab('project_path:lumen/*:ref_type:branch:ref:main'), ['fail high']),
  trusting('any group of GitLab', gitlab('project_path:*'), ['fail critical']),
  trusting('no project at all', gitlab('ref:main'), ['fail high'], /not tied to a project/),
  trusting('one account of a cluster', cluster('system:serviceaccount:payments:ledger'), []),
  trusting('every account of a namespace', cluster('system:serviceaccount:payments:*'), ['fail medium']),
  trusting('every account of the cluster', cluster('system:serviceaccount:*:*'), ['fail high']),
  trusting('no subject: every workload of the cluster', cluster(), ['fail high'], /every workload that the issuer vouches for/),
  trusting('a client of Google is named by its audience', { issuer: 'accounts.google.com', audiences: ['1234567890'], subjects: [] }, []),
  trusting('another account', { issuer: 'arn:aws:iam::111122223333:root', audiences: [], subjects: [] }, []),
  trusting('a service of AWS', { issuer: 'lambda.amazonaws.com', audiences: [], subjects: [] }, []),
  trusting('everybody', { issuer: '*', audiences: [], subjects: [] }, ['fail critical'], /principal is `\*`/),
  trusting('a subject that could not be resolved', github('repo:lumen/${var.repository}:*'), ['unknown'], /could not be resolved/),
  trusting('what is resolved is bad enough', github('${var.subject}', '*'), ['fail critical']),
  trusting('the issuer could not be resolved', { issuer: '' }, ['unknown'], /Its issuer could not be resolved/),
  ['outside production it is less urgent', { identity: { isProduction: false, source: aws, trusts: [makeTrust(github('repo:lumen/*'))] } }, ['fail medium']],
  ['each trust is a finding of its own', { identity: { source: aws, trusts: [makeTrust(github('*')), makeTrust(github('repo:lumen/*'))] } }, ['fail critical', 'fail high']],
  ['the same trust twice is one', { identity: { source: aws, trusts: [makeTrust(github('*')), makeTrust(github('*'))] } }, ['fail critical']],
])
