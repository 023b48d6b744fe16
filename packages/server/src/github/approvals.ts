/** Approvals of a pull request by people of the company, and why others are not taken. */
import { sql } from 'kysely'
import type { Author } from '../changes/people.ts'
import type { Read, Tx } from '../db/database.ts'
import * as api from './api.ts'
import type { Place, Pull } from './api.ts'
import { peopleOf } from './links.ts'
import { ownersAtAll, ownershipOf } from './owners.ts'
import { readApprovals, writersOf } from './reviews.ts'
import type { Approval, Withheld } from './reviews.ts'
import type { PullRow } from './store.ts'

/** An approval by somebody who owns the manifest; whether they may approve a change is asked for each. */
export type Given = Approval & { person: string }
export type Approvals = {
  given: Given[]
  withheld: Withheld[]
  /** People who had a hand in it, as far as their accounts are linked or commits name their addresses. */
  authors: Author[]
  writers: number[]
}

/**
 * `owningAt`: commits by whose CODEOWNERS an approver owns the manifest, by each of them. Those of a public repository are
 * not taken: what they would be given to is not shown there.
 */
export async function approvalsOf(
  read: Read,
  place: Place,
  pull: Pull,
  row: Pick<PullRow, 'pushers' | 'heard_sha'> | null,
  { manifest, owningAt }: { manifest: string; owningAt: readonly string[] },
): Promise<Approvals> {
  const commits = await api.commits(place, pull.number)
  const pushes = { pushers: (row?.pushers ?? []).map(Number), heard: row?.heard_sha ?? null }
  const written = writersOf(pull, pushes, commits)
  const reading = readApprovals(pull, await api.reviews(place, pull.number), written)
  const people = await peopleOf(read, [...reading.approvals.map(({ account }) => account.id), ...written.writers])
  const authors = await authorsOf(read, [...written.writers].flatMap((id) => people.get(id) ?? []), [...written.addresses])
  const approvals: Approvals = { given: [], withheld: reading.withheld, authors, writers: [...written.writers] }
  if (reading.approvals.length === 0) return approvals
  const owners = await ownersAtAll(place, owningAt, manifest)
  for (const approval of reading.approvals) {
    const person = people.get(approval.account.id)
    const reason = await whyNot(place, pull, { approval, person, owners })
    if (person !== undefined && reason === null) approvals.given.push({ ...approval, person })
    else approvals.withheld.push({ login: approval.account.login, reason: reason ?? '' })
  }
  return approvals
}

type Asked = { approval: Approval; person: string | undefined; owners: readonly string[] }
async function whyNot(place: Place, pull: Pull, { approval, person, owners }: Asked): Promise<string | null> {
  if (!pull.base.repo.private) return 'the repository is public, where what it would be given to is not shown'
  if (person === undefined) return 'the account is linked to nobody in Onus'
  const ownership = await ownershipOf(place, owners, approval.account)
  return ownership.isOwner ? null : ownership.reason
}

/** People, and whoever has an address that a commit names: anybody can write one there, and it takes a decision away only. */
async function authorsOf(read: Read | Tx, people: readonly string[], addresses: readonly string[]): Promise<Author[]> {
  const named = await sql<{ id: string }>`select id from person
    where lower(email) = any(${addresses}) or lower(user_name) = any(${addresses})`.execute(read as Tx)
  const ids = new Set([...people, ...named.rows.map(({ id }) => id)])
  return [...ids].sort().map((id) => ({ kind: 'person', id }))
}
