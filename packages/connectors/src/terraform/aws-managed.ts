/** How much a policy that AWS keeps allows, told from its name. */
import type { GrantLevel } from '@onus/core/identity.ts'

const ADMIN_POLICIES = new Set([
  'AdministratorAccess',
  'PowerUserAccess',
  'IAMFullAccess',
  'AWSOrganizationsFullAccess',
  'AdministratorAccess-Amplify',
])

/** null when the ARN is not one of AWS's own. */
export function managedPolicy(arn: string): { name: string; level: GrantLevel; isWildcard: boolean } | null {
  const name = /^arn:(?:aws[\w-]*|\$\{[^}]*\}):iam::aws:policy\/(?:[\w-]+\/)*([\w+=,.@-]+)$/.exec(arn)?.[1]
  if (name === undefined) return null
  if (ADMIN_POLICIES.has(name)) return { name, level: 'admin', isWildcard: true }
  if (/ReadOnly|ViewOnly|SecurityAudit/.test(name)) return { name, level: 'read', isWildcard: false }
  return /FullAccess/.test(name)
    ? { name, level: 'write', isWildcard: true }
    : { name, level: 'unknown', isWildcard: false }
}
