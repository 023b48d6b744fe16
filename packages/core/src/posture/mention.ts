import type { Identity } from '../identity.ts'
import type { OwnedScope } from '../owned-scope.ts'
import type { Judgement } from './rule.ts'
import { placeOf } from './wording.ts'

/** The answer about something that files only mention: what its definition says is not known, and `title` says what. */
export function ofMention(subject: Identity | OwnedScope, title: string): readonly Judgement[] {
  const what = 'identityCount' in subject ? 'the namespace' : 'it'
  const missing = `No file that was read defines ${what}; it is only mentioned.`
  return [{ verdict: 'unknown', title, missing, evidence: [placeOf(subject)] }]
}
