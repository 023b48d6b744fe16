/** Tables of change requests and of what they decided; a part of `tables.ts`. */
import type { ColumnType } from 'kysely'
import type { ChangeContent, ChangeKind } from '@onus/core/change/content.ts'
import type { Capacity } from '@onus/core/change/plan.ts'
import type { GuardrailVerdict } from '@onus/core/change/shapes.ts'
import type { ChangeState } from '@onus/core/change/state.ts'
import type { DiffLine, Named, SeatPlan } from '@onus/core/change/plan.ts'
import type { JsonObject } from '@onus/core/ledger/canonical-json.ts'

type Json<T> = ColumnType<T, string, string>

/** What a change did or would do, as it was told when it was written or closed. */
export type KeptPlan = {
  diff: DiffLine[]
  /** The first 100. */
  identities: Named[]
  identityCount: number
  verdicts: GuardrailVerdict[]
  seats: SeatPlan[]
}
type ChangeRequestTable = {
  id: string
  kind: ChangeKind
  state: ChangeState
  summary: string
  content: Json<ChangeContent>
  base: Json<JsonObject>
  digest: string
  is_emergency: boolean
  revision: number
  plan: Json<KeptPlan>
  author_kind: 'person' | 'token'
  author_id: string
  created_at: Date
  changed_at: Date
  expires_at: Date
  closed_at: Date | null
  closed_by_kind: 'person' | 'token' | 'job' | null
  closed_by: string | null
}
type ChangeSeatTable = {
  change_id: string
  seat: string
  capacity: Capacity
  team_id: string | null
  person_id: string | null
  is_filled: ColumnType<boolean, boolean | undefined, boolean>
}
type ChangeDecisionTable = {
  id: string
  change_id: string
  digest: string
  seat: string
  verdict: 'approve' | 'reject'
  person_id: string
  human: string
  at: Date
  voided_at: Date | null
}
type DecidedGrantTable = {
  id: string
  identity_id: string
  permission: string
  resource: string
  environment: string | null
  level: string
  until: Date | null
  change_id: string
  granted_at: Date
  ended_at: Date | null
  ended_by: string | null
}
type RemovedGrantTable = {
  identity_id: string
  permission: string
  resource: string
  environment: string | null
  change_id: string
  removed_at: Date
}
type DecidedCredentialTable = {
  id: string
  identity_id: string
  kind: string
  name: string
  purpose: string
  expires_at: Date | null
  revocation: string
  change_id: string
  decided_at: Date
  ended_at: Date | null
}
type DecidedFunctionTable = {
  function_id: string
  version: number
  name: string
  team_id: string
  sponsor: string
  data_classes: string[]
  criticality: string
  change_id: string
  valid_from: Date
  valid_to: Date | null
}
type GuardrailVersionTable = {
  guardrail_id: string
  version: number
  title: string
  text: string | null
  stage: 'off' | 'warn' | 'enforce'
  grace_until: Date | null
  change_id: string
  valid_from: Date
  valid_to: Date | null
}
type ExceptionTable = {
  id: string
  rule: string
  rule_kind: 'rule' | 'guardrail'
  identity_id: string
  control: string
  valid_from: Date
  until: Date
  change_id: string
  replaced_at: Date | null
  lapse_told_at: Date | null
}

export type ChangeTables = {
  change_request: ChangeRequestTable
  change_author: { change_id: string; kind: 'person' | 'token'; author_id: string; at: Date }
  change_identity: { change_id: string; identity_id: string }
  change_seat: ChangeSeatTable
  change_decision: ChangeDecisionTable
  decided_grant: DecidedGrantTable
  removed_grant: RemovedGrantTable
  decided_credential: DecidedCredentialTable
  decided_function: DecidedFunctionTable
  guardrail_version: GuardrailVersionTable
  exception: ExceptionTable
  exception_told: { exception_id: string; at: Date }
  idempotency_key: { actor: string; key: string; request_hash: Buffer; answer: Json<unknown>; at: Date }
}
