/** Workflow facts → observations. */
import type { Kept } from '@onus/core/identity.ts'
import type {
  CredentialObserved,
  GrantObserved,
  IdentityObserved,
  IdentityRef,
  Observation,
  Tag,
} from '@onus/core/observation.ts'
import type { Place } from '@onus/core/place.ts'
import { READER_TAGS, listTag } from '@onus/core/reader-tags.ts'
import { CLOUD_KEY_KINDS, type Cloud } from '../ci/cloud-keys.ts'
import { environmentTags } from '../ci/environments.ts'
import type { ActionUsed, Federation, Permission, SecretUsed, Workflow } from './workflow.ts'

/** Where a workflow file lies: `root` is the directory that holds `.github`, '' for the scanned root itself. */
export type WorkflowFile = { root: string; path: string; fileName: string }

/**
 * Events that outsiders can cause and that run with the repository's secrets (GitHub: "Events that trigger
 * workflows").
 */
const OUTSIDER_TRIGGERS = new Set([
  'pull_request_target',
  'issue_comment',
  'issues',
  'workflow_run',
  'discussion',
  'discussion_comment',
  'fork',
  'watch',
])

const THIS_REPOSITORY = 'this repository'

export function workflowRef(root: string, fileName: string): IdentityRef {
  return { system: 'github', realm: root, path: `workflow/${fileName}` }
}

/** Everything one workflow yields: its identity first, then credentials, grants and the uses of workflows it calls. */
export function observe(workflow: Workflow, file: WorkflowFile, siblings: ReadonlySet<string>): Observation[] {
  const identity = workflowRef(file.root, file.fileName)
  const at = (line: number): Place => ({ file: file.path, line })
  return [
    identityOf(workflow, file, identity),
    ...credentialsOf(workflow.secrets, identity, at),
    ...federationsOf(workflow.federations, identity, at),
    ...workflow.permissions.map((permission) => grantOf(permission, identity, at)),
    ...callsOf(workflow, file, siblings),
  ]
}

function identityOf(workflow: Workflow, file: WorkflowFile, ref: IdentityRef): IdentityObserved {
  return {
    type: 'identity',
    ref,
    kind: 'ci-workload',
    name: workflow.name || file.fileName,
    place: { file: file.path, line: workflow.line },
    nativeRef: `workflow ${file.fileName}`,
    isDefined: true,
    tags: tagsOf(workflow),
  }
}

function tagsOf(workflow: Workflow): Tag[] {
  const { line } = workflow
  const flag = (key: string, at: number | null): Tag | null => (at === null ? null : { key, value: 'true', line: at })
  const unpinned = workflow.actions.filter(isUnpinned)
  const keyed = workflow.secrets.filter((secret) => secret.cloudKey !== null)
  const keyLine = keyed[0]?.line ?? line
  const clouds = [...new Set(keyed.map((secret) => secret.cloudKey?.cloud).filter((cloud) => cloud !== undefined))]
  const calls = workflow.actions.filter((action) => action.isJob && !isLocal(action.uses))
  const outsiders = workflow.triggers.filter((trigger) => OUTSIDER_TRIGGERS.has(trigger))
  return [
    flag(READER_TAGS.oidc, workflow.oidcLine),
    flag(READER_TAGS.inheritsSecrets, workflow.allSecretsLine),
    flag(READER_TAGS.usesJobToken, workflow.jobTokenLine),
    workflow.arePermissionsStated ? null : { key: READER_TAGS.tokenPermissions, value: 'not stated', line },
    listTag(
      READER_TAGS.cloudFederation,
      workflow.federations.map((one) => one.action),
      workflow.federations[0]?.line ?? line,
    ),
    listTag(READER_TAGS.staticCloudKeys, clouds, keyLine),
    listTag(
      READER_TAGS.staticCloudKeysOidc,
      clouds.map((cloud) => oidcAnswer(cloud, workflow.oidcLine !== null)),
      keyLine,
    ),
    listTag(
      READER_TAGS.unpinnedActions,
      unpinned.map((action) => action.uses),
      unpinned[0]?.line ?? line,
    ),
    listTag(
      READER_TAGS.unpinnedThirdPartyActions,
      unpinned.map((action) => action.uses).filter(isThirdParty),
      unpinned[0]?.line ?? line,
    ),
    listTag(
      READER_TAGS.calls,
      calls.map((action) => action.uses),
      calls[0]?.line ?? line,
    ),
    listTag(READER_TAGS.triggers, workflow.triggers, line),
    listTag(READER_TAGS.outsiderTriggers, outsiders, line),
    ...environmentTags(workflow.environments),
  ].filter((tag) => tag !== null)
}

/** GitHub's issuer serves every job, and all three clouds accept its tokens, so a stored key is never the only way. */
function oidcAnswer(cloud: Cloud, isAskedFor: boolean): string {
  return `${cloud}: ${isAskedFor ? 'available and asked for already' : 'available'}`
}

/** One credential for each secret; the two halves of an AWS key are one. Dates are GitHub's and not in the file. */
function credentialsOf(
  secrets: readonly SecretUsed[],
  identity: IdentityRef,
  at: (line: number) => Place,
): CredentialObserved[] {
  const byName = new Map<string, { use: SecretUsed; halves: Map<string, SecretUsed> }>()
  for (const secret of secrets) {
    const half = secret.cloudKey?.part === 'id' ? otherHalf(secret, secrets) : null
    const key = keyOf(half ?? secret)
    const entry = byName.get(key) ?? { use: half ?? secret, halves: new Map<string, SecretUsed>() }
    if (entry.use.cloudKey === null && secret.cloudKey !== null) entry.use = { ...entry.use, cloudKey: secret.cloudKey }
    for (const use of half ? [half, secret] : [secret])
      if (!entry.halves.has(keyOf(use))) entry.halves.set(keyOf(use), use)
    byName.set(key, entry)
  }
  return [...byName.values()].map(({ use, halves }) => {
    const place = at(use.line)
    const kept = [...halves.values()].map((half): Kept =>
      half.isLiteral ? { kind: 'file', name: place.file } : { kind: 'github-secret', name: half.name },
    )
    return {
      type: 'credential',
      identity,
      kind: use.cloudKey ? CLOUD_KEY_KINDS[use.cloudKey.cloud] : 'ci-secret',
      name: use.name,
      kept: use.isLiteral ? kept.slice(0, 1) : kept,
      revocation: revocationOf(use),
      place,
    }
  })
}

/** GitHub's secret names know no case. */
function keyOf(use: SecretUsed): string {
  return `${use.isLiteral ? 'file' : 'secret'} ${use.name.toUpperCase()}`
}

function otherHalf(id: SecretUsed, secrets: readonly SecretUsed[]): SecretUsed | null {
  return (
    secrets.find(
      (one) => one.beside === id.beside && one.cloudKey?.part === 'secret' && one.cloudKey.cloud === id.cloudKey?.cloud,
    ) ?? null
  )
}

function revocationOf(use: SecretUsed): string {
  if (use.isLiteral) return 'revoke it where it was issued: removing it from the file leaves it in the history'
  const where = 'in the settings of the repository or organisation'
  return `revoke it where it was issued, then delete the secret ${use.name} ${where}`
}

function federationsOf(
  federations: readonly Federation[],
  identity: IdentityRef,
  at: (line: number) => Place,
): Observation[] {
  const seen = new Set<string>()
  return federations.flatMap(({ action, becomes, line }): Observation[] => {
    const name = `${action} as ${becomes}`
    if (seen.has(name)) return []
    seen.add(name)
    return [
      { type: 'credential', identity, kind: 'federated', name, kept: [], place: at(line) },
      {
        type: 'grant',
        identity,
        permission: `assumes ${becomes}`,
        resource: becomes,
        level: 'unknown',
        isWildcard: false,
        via: action,
        place: at(line),
      },
    ]
  })
}

function grantOf(
  { scope, access, via, line }: Permission,
  identity: IdentityRef,
  at: (line: number) => Place,
): GrantObserved {
  const isAll = scope === '*'
  const level = access === 'write' && isAll ? 'admin' : access
  return {
    type: 'grant',
    identity,
    permission: isAll ? `${access}-all` : `${scope}: ${access}`,
    resource: THIS_REPOSITORY,
    // Reading everything is wide, but no power over anything.
    level,
    isWildcard: isAll && access === 'write',
    via,
    place: at(line),
  }
}

/** A workflow called by another of the same repository runs for it. Calls into other repositories are a tag. */
function callsOf(workflow: Workflow, file: WorkflowFile, siblings: ReadonlySet<string>): Observation[] {
  return workflow.actions.flatMap((action): Observation[] => {
    const called = action.uses.startsWith('./.github/workflows/')
      ? action.uses.slice('./.github/workflows/'.length)
      : ''
    if (!action.isJob || !siblings.has(called)) return []
    return [
      {
        type: 'use',
        identity: workflowRef(file.root, called),
        by: { kind: 'workflow', name: workflow.name || file.fileName, namespace: null },
        place: { file: file.path, line: action.line },
      },
    ]
  })
}

function isLocal(uses: string): boolean {
  return uses.startsWith('./') || uses.startsWith('../')
}

/**
 * Only a full commit hash (or an image digest) is fixed: tags and branches can be moved by whoever holds the action.
 */
function isUnpinned({ uses }: ActionUsed): boolean {
  if (isLocal(uses)) return false
  if (uses.startsWith('docker://')) return !/@sha256:[0-9a-f]{64}$/.test(uses)
  return !/@(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(uses)
}

function isThirdParty(uses: string): boolean {
  return !/^(?:actions|github)\//i.test(uses)
}
