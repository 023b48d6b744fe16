/** How much an AWS action can do, told from its name. AWS names its read actions by a few verbs. */
import type { GrantLevel } from '../identity.ts'

const READ_VERBS = [
  'get',
  'list',
  'describe',
  'batchget',
  'batchdescribe',
  'batchcheck',
  'head',
  'query',
  'scan',
  'search',
  'lookup',
  'view',
  'check',
  'select',
  'read',
  'download',
  'discover',
  'estimate',
  'preview',
  'simulate',
  'validate',
  'test',
  'filter',
  'detect',
  'retrieve',
  'poll',
  'count',
]

/** Services that hand out power itself. */
const POWER_SERVICES = new Set(['iam', 'organizations', 'sso', 'sso-directory', 'identitystore', 'account', 'ram'])

/** Actions elsewhere that decide who may do what. */
const POWER_ACTIONS = new Set([
  'kms:putkeypolicy',
  'kms:creategrant',
  's3:putbucketpolicy',
  's3:putbucketacl',
  's3:putaccesspointpolicy',
  's3:putaccountpublicaccessblock',
  'lambda:addpermission',
  'secretsmanager:putresourcepolicy',
  'sns:addpermission',
  'sqs:addpermission',
  'ecr:setrepositorypolicy',
  'eks:createaccessentry',
  'eks:associateaccesspolicy',
  'sts:*',
])

/** IAM's own actions on things that carry no rights: marks, certificates, factors, and roles that AWS fixes itself. */
const POWERLESS = [
  'servicelinkedrole',
  'instanceprofile',
  'sshpublickey',
  'mfadevice',
  'accountalias',
  'certificate',
  'credentialreport',
  'changepassword',
  'contextkeys',
  'lastaccessed',
]

/**
 * The level of one action pattern: `s3:Get*` read, `s3:*` write, `iam:Put*` admin, `*` admin. A pattern that could be
 * more counts as more.
 */
export function actionLevel(pattern: string): GrantLevel {
  if (/^\*+(:\*+)?$/.test(pattern)) return 'admin'
  const action = pattern.toLowerCase()
  const [service = '', verb = ''] = action.split(':')
  const isRead = READ_VERBS.some((read) => verb.startsWith(read))
  if (POWER_ACTIONS.has(action)) return 'admin'
  // Passing a role or becoming one is judged by the role, as an escalation.
  if (service === 'sts' || action === 'iam:passrole') return isRead ? 'read' : 'unknown'
  if (service.includes('*')) return isRead ? 'read' : 'admin'
  if (isRead) return 'read'
  const isPowerless = service === 'iam' && (/^(?:un)?tag/.test(verb) || POWERLESS.some((word) => verb.includes(word)))
  return POWER_SERVICES.has(service) && !isPowerless ? 'admin' : 'write'
}

/** True for patterns that mean a whole service or more: `*`, `s3:*`, `s*:*`. */
export function isWildcardAction(pattern: string): boolean {
  return /^\*+$/.test(pattern) || /:\*+$/.test(pattern)
}

const ORDER: readonly GrantLevel[] = ['unknown', 'read', 'write', 'admin']

/** The most of several levels. */
export function highestLevel(levels: Iterable<GrantLevel>): GrantLevel {
  let highest: GrantLevel = 'unknown'
  for (const level of levels) if (ORDER.indexOf(level) > ORDER.indexOf(highest)) highest = level
  return highest
}
