/** Published actions that sign in to a cloud or a vault: which inputs mean a token of GitHub, which a stored key. */
import type { Cloud } from '../ci/cloud-keys.ts'

export type CloudLogin = {
  /** Inputs of which one must be given for a sign-in with GitHub's OIDC token. */
  federated: readonly string[]
  /** Inputs that mean a stored key instead; they win over the above (a role is then assumed with the key). */
  stored: readonly string[]
  cloud: Cloud | null
  /** What it becomes: the first of these inputs that is given. */
  becomes: readonly string[]
  /** A value that another input must have (`method: jwt`). */
  when?: { input: string; value: string }
}

const AWS_STORED = ['aws-access-key-id', 'aws-secret-access-key']

/** Lower case, without a reference; actions in subdirectories are found by their first two segments too. */
export const CLOUD_LOGINS: ReadonlyMap<string, CloudLogin> = new Map<string, CloudLogin>([
  [
    'aws-actions/configure-aws-credentials',
    { cloud: 'aws', federated: ['role-to-assume'], stored: AWS_STORED, becomes: ['role-to-assume'] },
  ],
  [
    'google-github-actions/auth',
    {
      cloud: 'google',
      federated: ['workload_identity_provider'],
      stored: ['credentials_json'],
      becomes: ['service_account', 'workload_identity_provider'],
    },
  ],
  [
    'google-github-actions/setup-gcloud',
    {
      cloud: 'google',
      federated: ['workload_identity_provider'],
      stored: ['service_account_key'],
      becomes: ['service_account'],
    },
  ],
  [
    'azure/login',
    { cloud: 'azure', federated: ['client-id'], stored: ['creds', 'client-secret'], becomes: ['client-id'] },
  ],
  [
    'hashicorp/vault-action',
    {
      cloud: null,
      federated: ['role'],
      stored: ['token', 'secretId', 'githubToken', 'password'],
      becomes: ['role'],
      when: { input: 'method', value: 'jwt' },
    },
  ],
  [
    'hashicorp/hcp-auth-action',
    {
      cloud: null,
      federated: ['workload_identity_provider'],
      stored: ['client_secret'],
      becomes: ['workload_identity_provider'],
    },
  ],
  [
    'jfrog/setup-jfrog-cli',
    { cloud: null, federated: ['oidc-provider-name'], stored: [], becomes: ['oidc-provider-name'] },
  ],
  ['pulumi/auth-actions', { cloud: null, federated: ['organization'], stored: [], becomes: ['organization'] }],
])

/** The login an action is, from its `uses:` text; null for all others. */
export function cloudLoginOf(uses: string): { action: string; login: CloudLogin } | null {
  const action = uses.split('@')[0] ?? ''
  const login = CLOUD_LOGINS.get(action.toLowerCase().split('/').slice(0, 2).join('/'))
  return login ? { action, login } : null
}
