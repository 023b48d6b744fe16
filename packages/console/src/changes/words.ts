/** The console's words for changes, their seats and what guardrails say of them. */
import type { ChangeKind } from '@onus/core/change/content.ts'
import type { ChangeState } from '@onus/core/change/state.ts'
import type { Reply } from '../api.ts'

export type Change = Reply<'change'>
export type Seat = Change['seats'][number]
export type GuardrailVerdict = Change['verdicts'][number]

export const CHANGE_KIND_WORDS: Record<ChangeKind, string> = {
  scope: 'access',
  credential: 'credential',
  function: 'business function',
  guardrail: 'guardrail',
  exception: 'exception',
  power: 'power',
  ownership: 'handover',
}

export const CHANGE_STATE_WORDS: Record<ChangeState, { word: string; meaning: string }> = {
  open: { word: 'Open', meaning: 'waits for approvals' },
  applied: { word: 'Applied', meaning: 'everyone who had to approve did, and it holds' },
  rejected: { word: 'Rejected', meaning: 'somebody who could have approved it said no' },
  withdrawn: { word: 'Withdrawn', meaning: 'its author took it back' },
  expired: { word: 'Expired', meaning: 'it was not decided in time' },
}

export const CAPACITY_WORDS: Record<Seat['capacity'], string> = {
  answer: 'The team that answers',
  sponsor: 'The sponsor',
  guard: 'Security',
  operate: 'Platform',
}

export const OUTCOME_WORDS: Record<GuardrailVerdict['outcome'], { word: string; meaning: string; tone: 'bad' | 'warn' | 'good' }> = {
  refused: { word: 'Refused', meaning: 'no approval applies it as it is', tone: 'bad' },
  'needs-guard': { word: 'Needs security', meaning: 'security must approve too', tone: 'warn' },
  warned: { word: 'Warned', meaning: 'the guardrail only warns for now', tone: 'warn' },
  excepted: { word: 'Excepted', meaning: 'an exception runs', tone: 'good' },
}

/** Who sits there, in a few words: `Billing, which answers`, `Sam Reed, the sponsor`, `security`. */
export function whoSits({ capacity, team, person }: Pick<Seat, 'capacity' | 'team' | 'person'>): string {
  if (team) return team.name
  if (person) return person.name
  return CAPACITY_WORDS[capacity]
}
