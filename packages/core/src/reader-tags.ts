/**
 * Facts that readers found and that fit no field of an observation. They travel as tags under the prefix `onus:`, which
 * no convention maps; rules and pages read them through these names. Lists are joined with a comma and a space.
 */
import type { Tag } from './observation.ts'

export const READER_TAGS = {
  /** 'true': the pipeline asks for OIDC identity tokens (`id-token: write`, `id_tokens:`). */
  oidc: 'onus:oidc',
  /** 'true': every secret of the caller or of the repository is within reach (`secrets: inherit`, `toJSON(secrets)`). */
  inheritsSecrets: 'onus:inherits-secrets',
  /** Actions or clouds that a pipeline signs in to with an OIDC token instead of a stored key. */
  cloudFederation: 'onus:cloud-federation',
  /** Clouds (`aws`, `google`, `azure`) that a pipeline signs in to with a stored, long-lived key. */
  staticCloudKeys: 'onus:static-cloud-keys',
  /** For each cloud above: whether OIDC could have been used instead, and why that is known. */
  staticCloudKeysOidc: 'onus:static-cloud-keys-oidc',
  /** Every action, reusable workflow or container action that is not fixed to a commit or digest. */
  unpinnedActions: 'onus:unpinned-actions',
  /** The part of the above that neither GitHub (`actions/`, `github/`) publishes nor this repository's owner, where known. */
  unpinnedThirdPartyActions: 'onus:unpinned-third-party-actions',
  /** Events that start the pipeline. */
  triggers: 'onus:triggers',
  /** The part of the above that outsiders can cause while secrets are within reach. */
  outsiderTriggers: 'onus:outsider-triggers',
  /** Reusable workflows of other repositories that are called. */
  calls: 'onus:calls',
  /** Deployment environments that are named; `environment` itself is set only when one answer is possible. */
  deploymentEnvironments: 'onus:deployment-environments',
  /** 'true': the per-run token of the platform (`GITHUB_TOKEN`, `CI_JOB_TOKEN`) is used by name. */
  usesJobToken: 'onus:uses-job-token',
  /** 'not stated': the workflow leaves the rights of its token to the repository's default, which files do not show. */
  tokenPermissions: 'onus:token-permissions',
  /** 'true': the cloud user can sign in to the console with a password, as a person does. */
  consolePassword: 'onus:console-password',
  /** 'true' or 'false': the cloud user has a second factor. */
  mfa: 'onus:mfa',
  /** 'true': people become this cloud role through SAML or IAM Identity Center. */
  peopleRole: 'onus:people-role',
  /** 'true' or 'false': whether pods get the token of this Kubernetes account when they do not say themselves. */
  mountsToken: 'onus:mounts-token',
  /** The object that made this one and takes it away again, as kind and name. */
  managedBy: 'onus:managed-by',
} as const

/** The items of a list tag; [] when the tag is absent. */
export function readerList(tags: Readonly<Record<string, string>>, key: string): string[] {
  const value = tags[key]
  return value === undefined || value === '' ? [] : value.split(', ')
}

/** A list as one tag, sorted and without repeats so that scans agree; null when the list is empty. */
export function listTag(key: string, items: Iterable<string>, line: number): Tag | null {
  const sorted = [...new Set(items)].sort()
  return sorted.length === 0 ? null : { key, value: sorted.join(', '), line }
}
