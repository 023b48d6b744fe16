/**
 * The few policies of AWS that decide who is an administrator. Exports cut down to users and roles leave them out, and
 * without them an administrator would look harmless. They have not changed in substance since they were published.
 */
import { readPolicy, type Statement } from '@onus/core/access/aws-policy.ts'

const allow = (actions: Record<string, unknown>): Statement[] =>
  readPolicy({ Statement: [{ Effect: 'Allow', ...actions, Resource: '*' }] }).statements

/** By name: the ARN after `policy/`. */
export const AWS_POLICIES: ReadonlyMap<string, Statement[]> = new Map([
  ['AdministratorAccess', allow({ Action: '*' })],
  [
    'IAMFullAccess',
    allow({
      Action: [
        'iam:*',
        'organizations:DescribeAccount',
        'organizations:DescribeOrganization',
        'organizations:ListPolicies',
      ],
    }),
  ],
  ['PowerUserAccess', allow({ NotAction: ['iam:*', 'organizations:*', 'account:*'] })],
])
