/**
 * What a source said, before anyone believes it. Readers and connectors yield observations; `reconcile` turns them
 * into identities, teams and owned scopes. Observations are plain data (they cross worker threads) and carry raw text
 * where the meaning depends on the company's conventions or on the date of the question.
 */
import type { Place } from './place.ts'
import type { CredentialKind, GrantLevel, IdentityKind, Kept } from './identity.ts'

export type System =
  | 'kubernetes'
  | 'terraform'
  | 'aws'
  | 'google'
  | 'azure'
  | 'github'
  | 'gitlab'
  | 'keycloak'
  | 'auth0'
  | 'okta'
  | 'kong'

/**
 * How a source names an identity. Two observations with equal references speak of the same identity.
 * `realm` tells apart worlds in which names repeat (a cluster, a cloud account, a directory of Terraform); '' = unknown.
 * `uid` is the source's immutable id where it has one (an AWS RoleId, a Kubernetes UID): a name that is reused with
 * another uid is another identity and inherits nothing.
 */
export type IdentityRef = { system: System; realm: string; path: string; uid?: string }

/** A date as written. Meaning (format, "never", unreadable) is decided by `time.ts`, in one place. */
export type RawDate = { raw: string; place: Place }

/** An annotation, label, tag or module argument that may mean something by convention. */
export type Tag = { key: string; value: string; line: number }

/** Something that can be owned and controlled besides an identity; identities inside inherit its claims and controls. */
export type ScopeRef = {
  kind: 'kubernetes-namespace' | 'repository' | 'cloud-account' | 'directory'
  realm: string
  name: string
}

export type IdentityObserved = {
  type: 'identity'
  ref: IdentityRef
  kind: IdentityKind
  name: string
  place: Place
  /** How the source writes it, for people: `module.serviceaccount`, `ServiceAccount payments/ledger`, an ARN. */
  nativeRef: string
  /** False when the source only mentions it (a binding names an account that no file defines). */
  isDefined: boolean
  /**
   * The identity this definition creates in its target system, when a tool defines it (Terraform makes an AWS role).
   * Missing parts are completed in `reconcile`: a Kubernetes namespace from the enclosing directory.
   */
  creates?: { system: System; realm: string; name: string; namespace: string | null }
  scope?: ScopeRef
  tags: Tag[]
  createdAt?: RawDate
  purpose?: string
  /** True when someone outside the company runs it. */
  isThirdParty?: boolean
  isSuspended?: boolean
}

export type CredentialObserved = {
  type: 'credential'
  identity: IdentityRef
  kind: CredentialKind
  /** Distinguishes credentials of one identity: a key id, a secret's name. Never a secret value. */
  name: string
  createdAt?: RawDate
  rotatedAt?: RawDate
  expiresAt?: RawDate
  /** The source says outright that it does not expire. */
  neverExpires?: boolean
  lastUsedAt?: RawDate
  isActive?: boolean
  kept: Kept[]
  /** How it can be taken back, where the source shows it ("delete the access key AKIA…", "terraform taint …"). */
  revocation?: string
  place: Place
}

export type GrantObserved = {
  type: 'grant'
  identity: IdentityRef
  /** The native words: `s3:GetObject`, `roles/editor`, `get secrets`, `payments-api (ACL group)`. */
  permission: string
  resource: string
  level: GrantLevel
  isWildcard: boolean
  /** The environment that the resource belongs to, when its name or place says so. */
  environment?: string
  via: string
  condition?: string
  place: Place
}

/** Federation: who outside may become this identity (OIDC from CI, another account, a workload). */
export type TrustObserved = {
  type: 'trust'
  identity: IdentityRef
  issuer: string
  audiences: string[]
  /** Subject patterns as written; empty = not restricted. */
  subjects: string[]
  place: Place
}

/** Who runs as this identity. */
export type UseObserved = {
  type: 'use'
  identity: IdentityRef
  by: { kind: 'workload' | 'workflow' | 'service'; name: string; namespace: string | null; environment?: string }
  /** The workload does not say whether it gets the account's token; it is no use where the account keeps that back. */
  unlessAccountKeepsToken?: true
  place: Place
}

/** Effective power of a cloud principal, computed by the reader that has all its policies. */
export type AccessObserved = {
  type: 'access'
  identity: IdentityRef
  admin: 'yes' | 'no' | 'conditional' | 'unknown'
  /** Ways in which its grants let it raise its own rights. */
  escalations: { path: string; permissions: string[]; condition?: string }[]
  place: Place
}

/** A group, person or identity that can technically change something. */
export type ControlObserved = {
  type: 'control'
  over: ScopeRef | { kind: 'identity'; ref: IdentityRef }
  holder: { raw: string; kind: 'group' | 'person' | 'identity' }
  /** admin: grants power on; write: mints, rotates, changes or deletes; approve: must approve changes of the definition. */
  power: 'admin' | 'write' | 'approve'
  via: string
  place: Place
}

export type ScopeObserved = {
  type: 'scope'
  ref: ScopeRef
  place: Place
  tags: Tag[]
  isDefined: boolean
  createdAt?: RawDate
}

export type TeamObserved = {
  type: 'team'
  name: string
  displayName?: string
  kind?: 'business' | 'platform' | 'security'
  contacts: string[]
  members: string[]
  via: 'backstage' | 'kubernetes-rbac' | 'codeowners' | 'github' | 'scim'
  place: Place
}

export type PersonObserved = {
  type: 'person'
  name: string
  email?: string
  isActive?: boolean
  teams: string[]
  place: Place
}

export type ServiceObserved = {
  type: 'service'
  name: string
  owner?: string
  /** The system or domain it belongs to, read as its business function. */
  function?: string
  repository?: string
  lifecycle?: string
  /** Kubernetes label selector or namespace the catalog links it with. */
  kubernetes?: { id?: string; namespace?: string }
  place: Place
}

export type FunctionObserved = { type: 'function'; name: string; owner?: string; description?: string; place: Place }

export type ApiObserved = {
  type: 'api'
  name: string
  version?: string
  owner?: string
  operations: { id: string; method: string; path: string; security: string[]; line: number }[]
  securitySchemes: { name: string; kind: string }[]
  /** A catalog's entry, which names an API; the document that describes it is another observation. */
  isEntry?: true
  /** The file that holds that document, where the entry says so. */
  definedIn?: string
  place: Place
}

/** A statement about who answers, made directly (most claims come from tags through conventions instead). */
export type ClaimObserved = {
  type: 'claim'
  about: { kind: 'identity'; ref: IdentityRef } | { kind: 'scope'; ref: ScopeRef }
  raw: string
  via: ClaimVia
  place: Place
}

/** What a service manifest says about an identity that some source shows; of one that none shows it says nothing. */
export type DeclarationObserved = {
  type: 'declaration'
  /** `name` is a name or a native reference; null: any. */
  about: { name: string; namespace: string | null; kind: IdentityKind | null }
  team: string
  purpose: string
  function: string | null
  service: string | null
  revocation: string
  credentials: { name: string; kind: CredentialKind | null; revocation: string; place: Place }[]
  place: Place
}

/** Precedence, strongest first (law 3): accepted, directory and manifest come with the server; a scan sees the rest. */
export const CLAIM_VIAS = [
  'accepted',
  'directory',
  'manifest',
  'catalog',
  'tag',
  'codeowners',
  'history',
  'creator',
] as const
export type ClaimVia = (typeof CLAIM_VIAS)[number]

/** One CODEOWNERS file; it covers everything below `root`. Owners of a path: see `codeowners.ts`. */
export type CodeownersObserved = {
  type: 'codeowners'
  root: string
  /** Whose pattern rules apply; they differ in anchoring and in what a directory name covers. Default: github. */
  syntax?: 'github' | 'gitlab'
  /** `section`: GitLab only; each section adds its owners. */
  rules: { pattern: string; owners: string[]; line: number; section?: string }[]
  file: string
}

/** Who made and last changed a file, from version control. Times are ISO 8601 instants. */
export type HistoryObserved = {
  type: 'history'
  file: string
  /** Absent when the history read does not reach back to it (a shallow clone, a very long history). */
  created?: { author: string; email: string; at: string }
  changed: { author: string; email: string; at: string }
}

/** Kubernetes roles and bindings are kept apart because they live in different files; `access/kubernetes-rbac` joins them. */
export type KubernetesRoleObserved = {
  type: 'kubernetes-role'
  realm: string
  /** null = ClusterRole */
  namespace: string | null
  name: string
  rules: { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames: string[] }[]
  place: Place
}
export type KubernetesBindingObserved = {
  type: 'kubernetes-binding'
  realm: string
  /** null = ClusterRoleBinding */
  namespace: string | null
  name: string
  role: { kind: 'Role' | 'ClusterRole'; name: string }
  subjects: { kind: 'Group' | 'User' | 'ServiceAccount'; name: string; namespace: string | null; line: number }[]
  place: Place
}

export type Observation =
  | IdentityObserved
  | CredentialObserved
  | GrantObserved
  | TrustObserved
  | UseObserved
  | AccessObserved
  | ControlObserved
  | ScopeObserved
  | TeamObserved
  | PersonObserved
  | ServiceObserved
  | FunctionObserved
  | ApiObserved
  | ClaimObserved
  | DeclarationObserved
  | CodeownersObserved
  | HistoryObserved
  | KubernetesRoleObserved
  | KubernetesBindingObserved

/** Something a reader could not read, or read only in part: kept aside with its reason, counted, never fatal. */
export type Unread = { file: string; line: number; reason: string }

/** What a source could not see at all, in words; shown with its coverage. */
export type Blind = { reader: string; what: string }
