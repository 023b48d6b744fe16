/** How much an AWS action or managed policy allows. */
import type { GrantLevel } from '@onus/core/identity.ts'

/** Services in which changing anything changes who may do what. */
const POWER_SERVICES = new Set(['iam', 'organizations', 'sso', 'sso-admin', 'identitystore'])

/** Actions that hand out rights or proofs of identity (AWS service authorization reference, level "Permissions management"). */
const HANDS_OUT_RIGHTS = /^iam:(?:attach|put\w*policy|createpolicyversion|setdefaultpolicyversion|updateassumerolepolicy|createaccesskey|createloginprofile|updateloginprofile|addusertogroup|deleterolepermissionsboundary|deleteuserpermissionsboundary)/i

const READ = /^(?:get|list|describe|head|batchget|batchdescribe|lookup|select|search|query|scan|view|read|download|check|validate|simulate|preview|estimate|filter|discover|test)/i

export function actionLevel(action: string, resources: readonly string[]): { level: GrantLevel; isWildcard: boolean } {
  const [service = '', name = ''] = action.split(':')
  const isAnywhere = resources.includes('*')
  if (action === '*' || service === '*') return { level: 'admin', isWildcard: true }
  if (name.startsWith('*')) return { level: POWER_SERVICES.has(service.toLowerCase()) ? 'admin' : 'write', isWildcard: true }
  if (HANDS_OUT_RIGHTS.test(action)) return { level: isAnywhere ? 'admin' : 'write', isWildcard: isAnywhere }
  if (READ.test(name)) return { level: 'read', isWildcard: false }
  return { level: 'write', isWildcard: isAnywhere }
}

const ADMIN_POLICIES = new Set(['AdministratorAccess', 'PowerUserAccess', 'IAMFullAccess', 'AWSOrganizationsFullAccess', 'AdministratorAccess-Amplify', 'SystemAdministrator'])

/** Judges a policy that AWS keeps, by its name; null when the ARN is not one of AWS's own. */
export function managedPolicy(arn: string): { name: string; level: GrantLevel; isWildcard: boolean } | null {
  const name = /^arn:(?:aws[\w-]*|\$\{[^}]*\}):iam::aws:policy\/(?:[\w-]+\/)*([\w+=,.@-]+)$/.exec(arn)?.[1]
  if (name === undefined) return null
  if (ADMIN_POLICIES.has(name)) return { name, level: 'admin', isWildcard: true }
  if (/ReadOnly|ViewOnly|SecurityAudit/.test(name)) return { name, level: 'read', isWildcard: false }
  return /FullAccess/.test(name) ? { name, level: 'write', isWildcard: true } : { name, level: 'unknown', isWildcard: false }
}
