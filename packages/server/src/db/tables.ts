/** The tables as Kysely sees them; `db/migrations` is what they are made by, and a test compares the two. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely'
import type { Conventions } from '@onus/core/conventions.ts'
import type { EscalationStep } from '@onus/core/decision/escalation.ts'
import type { AcceptanceEnd } from '@onus/core/decision/acceptance.ts'
import type { RegisteredIdentity } from '@onus/core/decision/effective.ts'
import type { OwnedScope } from '@onus/core/owned-scope.ts'
import type { Team } from '@onus/core/team.ts'
import type { Finding } from '@onus/core/finding.ts'
import type { SourceReport } from '@onus/core/report.ts'
import type { z } from 'zod'
import type { ImportResult, Job, SavedView } from '@onus/core/contract/routes.ts'
import type { ChangeTables } from './change-tables.ts'
import type { GithubTables } from './github-tables.ts'
import type { ToldTables } from './told-tables.ts'

/** `json` columns: read as the parsed value, written as text. */
type Json<T> = ColumnType<T, string, string>
/** The driver counts bigint as text, because it may exceed 2^53. */
type Bigint = ColumnType<string, number | string, number | string>

type SourceTable = {
  id: string
  name: string
  path: string
  label: string
  as_of: Date
  judged_as_of: Date
  last_import_at: Date
  last_import_id: string
  is_complete: boolean
  is_example: boolean
  knows_groups: boolean
  identities: number
  credentials: number
  vanished: number
  files: number
  unread: number
  limits: Json<Conventions['limits']>
  readers: Json<z.infer<typeof SourceReport>[]>
}
type ImportTable = { id: string; source_id: string; at: Date; as_of: Date; result: Json<z.infer<typeof ImportResult>> }
type IdentityTable = {
  id: string
  source_id: string
  version_id: Bigint
  system: string
  kind: string
  name: string
  namespace: string | null
  environment: string | null
  is_production: boolean | null
  state: string
  team: string | null
  team_name: string | null
  file: string
  line: number
  credentials: number
  oldest_rotation_at: Date | null
  low: number
  medium: number
  high: number
  critical: number
  worst: number
  rules: string[]
  meaning_hash: Buffer
  document_hash: Buffer
  first_seen_at: Date
  last_seen_at: Date
  vanished_at: Date | null
  search: string
  sort_name: string
  sort_namespace: string
  sort_team: string
  state_rank: number
  finding_rank: Bigint
  rotated_key: Bigint
  seq: GeneratedAlways<string>
}
type IdentityVersionTable = {
  id: GeneratedAlways<string>
  identity_id: string
  source_id: string
  valid_from: Date
  valid_to: Date | null
  opened_by: string
  closed_by: string | null
  kind: string
  namespace: string | null
  environment: string | null
  state: string
  team: string | null
  team_name: string | null
  search: string
  sort_name: string
  findings_digest: string
  document: Json<RegisteredIdentity>
}
type FindingTable = {
  id: string
  source_id: string
  rule: string
  severity: number
  subject_kind: string
  subject_id: string
  identity_id: string | null
  about: string
  credential: string | null
  team: string | null
  environment: string | null
  title: string
  detail: string
  evidence: Json<Finding['evidence']>
  hash: string
  seq: GeneratedAlways<string>
}
type RuleCountTable = {
  source_id: string
  rule: string
  severity: number
  team: string | null
  fail: number
  unknown: number
}
type RuleSnapshotTable = {
  source_id: string
  at: Date
  rule: string
  severity: number
  fail: number
  unknown: number
  teams: number
}
type RuleSaidTable = {
  rule: string
  severity: number
  fix: string
  missing: string
  maps: Json<Finding['maps']>
}
type TallyTable = {
  source_id: string
  grain: 'full' | 'environment' | 'team'
  kind: string | null
  environment: string | null
  team: string | null
  state: string
  identities: number
  credentials: number
}
type TeamTable = {
  source_id: string
  id: string
  name: string
  is_known: boolean
  search: string
  sort_name: string
  document: Json<Team>
}
type ScopeTable = {
  id: string
  source_id: string
  kind: string
  name: string
  environment: string | null
  state: string
  team: string | null
  search: string
  sort_name: string
  document: Json<OwnedScope>
}
type RecordTable = {
  kind: 'service' | 'function' | 'api'
  source_id: string
  id: string
  search: string
  sort_name: string
  document: Json<unknown>
}
type JobTable = {
  id: string
  kind: z.infer<typeof Job>['kind']
  ask: Json<unknown>
  state: ColumnType<JobState, JobState | undefined, JobState>
  stage: ColumnType<string, string | undefined, string>
  done: ColumnType<string, number | undefined, number>
  total: ColumnType<string | null, number | null | undefined, number | null>
  message: string | null
  /** What its kind of task answered. */
  result: ColumnType<unknown, string | null | undefined, string | null>
  created_at: Date
  started_at: Date | null
  ended_at: Date | null
}
type JobState = 'queued' | 'running' | 'done' | 'failed'
/** Columns that the version before wrote are left to their defaults: `role` and `name` of a session. */
type SessionTable = {
  token_hash: Buffer
  id: Generated<string>
  person_id: string
  persona_id: ColumnType<string | null, string | null | undefined, string | null>
  user_agent: Generated<string>
  created_at: Date
  last_seen_at: Date
  expires_at: Date
}
/** Where the word of a person, team or membership comes from. */
export type DirectoryOrigin = 'local' | 'oidc' | 'scim' | 'example'
type PersonTable = {
  id: string
  user_name: string
  name_key: string
  display_name: string
  email: string | null
  external_id: string | null
  oidc_issuer: string | null
  oidc_subject: string | null
  origin: DirectoryOrigin
  is_active: boolean
  revision: Generated<number>
  created_at: Date
  changed_at: Date
  left_at: Date | null
  deleted_at: Date | null
}
type DirectoryTeamTable = {
  id: string
  name: string
  slug: string
  kind: 'business' | 'platform' | 'security'
  external_id: string | null
  origin: DirectoryOrigin
  escalation: string | null
  is_active: boolean
  revision: Generated<number>
  created_at: Date
  changed_at: Date
  dissolved_at: Date | null
}
type MembershipTable = {
  id: GeneratedAlways<string>
  team_id: string
  person_id: string
  origin: DirectoryOrigin
  valid_from: Date
  valid_to: Date | null
}
type PowerHolderTable = {
  id: string
  team_id: string | null
  person_id: string | null
  power: 'operate' | 'guard' | 'audit'
  valid_from: Date
  valid_to: Date | null
  by_change: string | null
}
type DirectoryHoldTable = {
  id: string
  opened_at: Date
  reason: string
  state: Generated<'open' | 'released' | 'discarded'>
  decided_at: Date | null
  decided_by: string | null
  note: string | null
}
type DepartureTable = {
  id: GeneratedAlways<string>
  at: Date
  kind: 'person-left' | 'person-deleted' | 'member-left' | 'team-dissolved'
  person_id: string | null
  team_id: string | null
  origin: DirectoryOrigin
  owners: string[]
  state: 'applied' | 'held' | 'released' | 'discarded' | 'withdrawn'
  hold_id: string | null
}

type LedgerEntryTable = {
  seq: GeneratedAlways<string>
  id: string
  at: Date
  action: string
  actor_kind: string
  actor_id: string
  subject_kind: string
  subject_id: string
  change_id: string | null
  body: string
}
type LedgerCheckpointTable = { size: Bigint; root: Buffer; at: Date; is_turn: boolean; note: string }
type LedgerKeyTable = {
  vkey: string
  sealed: Buffer | null
  announced_by: string
  created_at: Date
  retired_at: Date | null
}
type LedgerPersonalTable = { entry_id: string; slot: string; about: string | null; salt: Buffer; value: string }

type AcceptanceTable = {
  id: string
  batch: string
  identity_id: string
  team_id: string
  team_name: string
  accepted_by: string
  accepted_at: Date
  until: Date
  purpose: string | null
  function_id: string | null
  function_name: string | null
  sponsor: string | null
  revocation: string | null
  change_id: string | null
  ended_at: Date | null
  ended: AcceptanceEnd | null
}
type RefusalTable = {
  identity_id: string
  team_id: string
  team_name: string
  refused_by: string
  refused_at: Date
  suggested_id: string | null
  suggested_name: string | null
}

export type Tables = ChangeTables &
  ToldTables &
  GithubTables & {
  installation: { only_row: boolean; cursor_key: Buffer }
  source: SourceTable
  import: ImportTable
  identity: IdentityTable
  identity_version: IdentityVersionTable
  overlap: { identity_id: string; source_id: string; last_seen_at: Date }
  finding: FindingTable
  rule_count: RuleCountTable
  rule_snapshot: RuleSnapshotTable
  rule_total: Omit<RuleSnapshotTable, 'source_id' | 'at'>
  rule_said: RuleSaidTable
  tally: TallyTable
  team: TeamTable
  scope: ScopeTable
  record: RecordTable
  job: JobTable
  session: SessionTable
  sign_in_link: { token_hash: Buffer; person_id: string; created_at: Date; expires_at: Date }
  person: PersonTable
  person_activity: {
    id: GeneratedAlways<string>
    person_id: string
    valid_from: Date
    valid_to: Date | null
  }
  directory_team: DirectoryTeamTable
  membership: MembershipTable
  power_holder: PowerHolderTable
  directory_hold: DirectoryHoldTable
  departure: DepartureTable
  acceptance: AcceptanceTable
  refusal: RefusalTable
  orphaned: {
    identity_id: string
    acceptance_id: string
    since: Date
    due_at: Date
    step: EscalationStep | null
    step_at: Date | null
    /** null: the end was reached */
    next_at: Date | null
    asked: string[]
  }
  renewal_told: { acceptance_id: string; at: Date }
  reassign_days: { only_row: Generated<boolean>; critical: number; production: number; other: number }
  restanding: { identity_id: string; since: Date }
  attempt: { purpose: string; bucket: number; window_at: Date; count: number }
  api_token: {
    id: string
    token_hash: Buffer
    team_id: string | null
    scopes: Generated<string[]>
    created_by: Generated<string>
    purpose: string
    created_at: Date
    expires_at: Date
    last_used_at: Date | null
    revoked_at: Date | null
  }
  saved_view: {
    id: string
    name: string
    screen: 'identities' | 'findings'
    search: Json<z.infer<typeof SavedView>['search']>
    created_at: Date
  }
  ledger: { only_row: boolean; origin: string }
  ledger_entry: LedgerEntryTable
  ledger_queue: { seq: Bigint }
  ledger_leaf: { index: Bigint; seq: Bigint; hash: Buffer }
  ledger_node: { level: number; index: Bigint; hash: Buffer }
  ledger_checkpoint: LedgerCheckpointTable
  ledger_key: LedgerKeyTable
  ledger_personal: LedgerPersonalTable
}
