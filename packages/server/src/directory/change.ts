/**
 * What changed in the directory, told in one place to everything that follows from it, in the same transaction. A part
 * that must act on a leaver or a dissolved team adds its function to `EFFECTS`; when it throws, nothing has changed.
 */
import { lapseWithTeam } from '../accountability/index.ts'
import { append } from '../ledger/index.ts'
import type { NewEntry } from '../ledger/index.ts'
import type { Tx } from '../db/database.ts'
import type { HeldPower } from './read.ts'

/** Who did it, as the ledger names them: a person, a token of a directory, or the server itself. */
export type Doer = NewEntry['actor']
/** Everything a write of the directory needs besides what it writes. */
export type Writing = { tx: Tx; now: Date; by: Doer }

export type DirectoryChange =
  | { kind: 'person-added' | 'person-changed' | 'person-returned'; person: string }
  /** `teams`: where they were a member until now. */
  | { kind: 'person-left'; person: string; teams: string[] }
  | { kind: 'member-joined' | 'member-left'; person: string; team: string }
  | { kind: 'team-formed' | 'team-changed' | 'team-dissolved'; team: string }
  /** The last member who was here is gone; the team itself is still there. Comes after what caused it. */
  | { kind: 'team-emptied'; team: string }
  | { kind: 'power-given' | 'power-ended'; power: HeldPower; person: string | null; team: string | null }

type Effect = (writing: Writing, changes: readonly DirectoryChange[]) => Promise<void>

/** In order. Each sees all changes of one write at once, so that a thousand members are one statement. */
const EFFECTS: readonly Effect[] = [keepInLedger, lapseWithTeam]

/** Tells what has just been written. Called by the writes of the directory, once each. */
export async function onDirectoryChange(writing: Writing, changes: readonly DirectoryChange[]): Promise<void> {
  if (changes.length === 0) return
  for (const effect of EFFECTS) await effect(writing, changes)
}

/** That a directory corrected a spelling is no decision, and whether a team is empty follows from the rest. */
const NOT_KEPT = new Set<DirectoryChange['kind']>(['person-changed', 'team-changed', 'team-emptied'])

async function keepInLedger({ tx, now, by }: Writing, changes: readonly DirectoryChange[]): Promise<void> {
  const entries = changes.filter(({ kind }) => !NOT_KEPT.has(kind)).map((change) => entryOf(change, by))
  await append(tx, entries, now)
}

function entryOf(change: DirectoryChange, by: Doer): NewEntry {
  const told = { action: `directory.${change.kind}`, actor: by, capacity: 'none' as const }
  switch (change.kind) {
    case 'person-added':
    case 'person-changed':
    case 'person-returned':
      return { ...told, subject: { kind: 'person', id: change.person } }
    case 'person-left':
      return { ...told, subject: { kind: 'person', id: change.person }, before: { teams: change.teams } }
    case 'member-joined':
      return { ...told, subject: { kind: 'team', id: change.team }, after: { person: change.person } }
    case 'member-left':
      return { ...told, subject: { kind: 'team', id: change.team }, before: { person: change.person } }
    case 'team-formed':
    case 'team-changed':
    case 'team-dissolved':
    case 'team-emptied':
      return { ...told, subject: { kind: 'team', id: change.team } }
    case 'power-given':
    case 'power-ended':
      return {
        ...told,
        subject:
          change.person === null ? { kind: 'team', id: change.team ?? '' } : { kind: 'person', id: change.person },
        after: { power: change.power },
      }
  }
}
