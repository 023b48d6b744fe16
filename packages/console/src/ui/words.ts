/** The console's words for the values of the contract: one place, so a state is called the same on every screen. */
import type { AccountabilityState, Claim, Controller, Disagreement, IdentityKind } from '@onus/core/identity.ts'
import type { Severity } from '@onus/core/finding.ts'

export const STATE_WORDS: Record<AccountabilityState, { word: string; meaning: string }> = {
  accountable: { word: 'Accountable', meaning: 'one live team owns identity, policy and function, and has accepted' },
  claimed: { word: 'Claimed', meaning: 'one team is named; it has not accepted yet' },
  split: { word: 'Split', meaning: 'the pointers disagree about who answers' },
  unowned: { word: 'Unowned', meaning: 'nobody answers' },
  lapsed: { word: 'Lapsed', meaning: 'the team that answered is gone, or its acceptance ran out' },
}

/** Best first for bars and legends, so that what is in order starts at the left. */
export const STATE_ORDER: AccountabilityState[] = ['accountable', 'claimed', 'split', 'lapsed', 'unowned']
export const SEVERITY_ORDER: Severity[] = ['critical', 'high', 'medium', 'low']

export const KIND_WORDS: Record<IdentityKind, string> = {
  'oauth-client': 'OAuth client',
  'service-account': 'service account',
  workload: 'workload',
  'ci-workload': 'CI workload',
  'api-key': 'API key',
  'cloud-principal': 'cloud principal',
  'third-party': 'third party',
  agent: 'agent',
}

export const VIA_WORDS: Record<Claim['via'], string> = {
  accepted: 'accepted by the team',
  directory: 'directory',
  manifest: 'service manifest',
  catalog: 'catalog',
  tag: 'label or tag',
  codeowners: 'CODEOWNERS',
  history: 'commit history',
  creator: 'creator',
}

export const READING_WORDS: Record<Claim['reading'], string> = {
  team: 'read as a team',
  person: 'names a person, not a team',
  ambiguous: 'could mean several teams',
  unresolved: 'names no team that is known',
  contact: 'a contact, not an owner',
}

export const POWER_WORDS: Record<Controller['power'], string> = {
  admin: 'grants power on it',
  write: 'changes, rotates or deletes it',
  approve: 'approves changes of its definition',
}

export const DISAGREEMENT_WORDS: Record<Disagreement['kinds'][number], string> = {
  'claims-differ': 'The statements name different owners',
  'owner-without-power': 'The named owner has no power over it',
  'platform-alone': 'Only a platform team can change it',
  'ambiguous-name': 'The name could mean several teams',
  'function-elsewhere': 'Another team owns the business function behind it',
  'claim-refused': 'The team that was named refused',
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
