/**
 * Approvals of a pull request that may count as approvals of what its manifest asks for. What is known from GitHub is
 * judged here, purely; whether the person may approve is asked where every approval is.
 */
import type { Commit, Pull, Review } from './api.ts'

/** An approval that stands on GitHub, by somebody whose number is known. */
export type Approval = { review: number; account: { id: number; login: string }; at: Date }
export type Withheld = { login: string; reason: string }
export type Reading = { approvals: Approval[]; withheld: Withheld[] }

export type Written = {
  /** Numbers of accounts that opened it, pushed to it or wrote a commit. */
  writers: ReadonlySet<number>
  /** Addresses that commits name. */
  addresses: ReadonlySet<string>
  /** Somebody wrote a commit whom GitHub does not know, or not all commits could be read. */
  isUnknown: boolean
  /** Who pushed the head and everything before it was heard. */
  isHeard: boolean
}

/** GitHub itself, which commits what is done on its pages. */
const WEB_FLOW = 'web-flow'
const NOREPLY = /^(\d+)\+[^@]+@users\.noreply\.github\.com$/
const CO_AUTHOR = /^co-authored-by:.*<([^<>\s]+@[^<>\s]+)>\s*$/gim

/** Whoever had a hand in what is asked for. */
export function writersOf(
  pull: Pick<Pull, 'user' | 'commits' | 'head'>,
  { pushers, heard }: { pushers: readonly number[]; heard: string | null },
  { items, isWhole }: { items: readonly Commit[]; isWhole: boolean },
): Written {
  const writers = new Set([...pushers, ...(pull.user ? [pull.user.id] : [])])
  const addresses = new Set<string>()
  let isUnknown = !isWhole || items.length < pull.commits || pull.user === null
  for (const { commit, author, committer } of items) {
    for (const account of [author, committer]) {
      if (account?.login === WEB_FLOW) continue
      if (account?.id === undefined) isUnknown = true
      else writers.add(account.id)
    }
    const named = [...commit.message.matchAll(CO_AUTHOR)].map(([, address]) => address)
    for (const given of [commit.author?.email, commit.committer?.email, ...named]) {
      const address = given?.trim().toLowerCase()
      if (address === undefined) continue
      addresses.add(address)
      const number = NOREPLY.exec(address)?.[1]
      if (number !== undefined) writers.add(Number(number))
    }
  }
  return { writers, addresses, isUnknown, isHeard: heard === pull.head.sha }
}

/** Of each account the last review that decides; comments decide nothing. In the order in which they were given. */
function lastOf(reviews: readonly Review[]): Review[] {
  const last = new Map<number, Review>()
  for (const review of reviews) {
    if (review.user === null || !['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED'].includes(review.state)) continue
    last.delete(review.user.id)
    last.set(review.user.id, review)
  }
  return [...last.values()]
}

/**
 * The approvals that stand on exactly the head, by accounts that had no hand in it; and the others, with why not.
 * An approval of a merge that was given before all reviews could be read is none.
 */
export function readApprovals(
  pull: Pick<Pull, 'head'>,
  { items, isWhole }: { items: readonly Review[]; isWhole: boolean },
  { writers, isUnknown, isHeard }: Written,
): Reading {
  const reading: Reading = { approvals: [], withheld: [] }
  for (const { id, user, state, commit_id: commit, submitted_at: at } of lastOf(items)) {
    if (user === null || state === 'CHANGES_REQUESTED') continue
    const reason = !isWhole
      ? 'there are more reviews than can be read'
      : state === 'DISMISSED'
        ? 'it was dismissed'
        : commit !== pull.head.sha
          ? 'it was given on another commit than the last'
          : writers.has(user.id)
            ? 'whoever gave it wrote the pull request or a commit of it'
            : isUnknown
              ? 'a commit of the pull request is by somebody whom GitHub does not name'
              : !isHeard
                ? 'not every push to the pull request was heard of, so who pushed is not known'
              : at === undefined
                ? 'GitHub does not say when it was given'
                : null
    if (reason === null && at !== undefined) reading.approvals.push({ review: id, account: user, at: new Date(at) })
    else reading.withheld.push({ login: user.login, reason: reason ?? '' })
  }
  return reading
}
