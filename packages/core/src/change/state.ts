/** The life of a change request, as a table. */

export const CHANGE_STATES = ['open', 'applied', 'rejected', 'withdrawn', 'expired'] as const
export type ChangeState = (typeof CHANGE_STATES)[number]
export type Move = 'edit' | 'comment' | 'approve' | 'apply' | 'reject' | 'withdraw' | 'expire'

/** From which states a move is made, and where it leads; null: the state stays. */
export const MOVES: Readonly<Record<Move, { from: readonly ChangeState[]; to: ChangeState | null }>> = {
  edit: { from: ['open'], to: null },
  comment: { from: CHANGE_STATES, to: null },
  approve: { from: ['open'], to: null },
  apply: { from: ['open'], to: 'applied' },
  reject: { from: ['open'], to: 'rejected' },
  withdraw: { from: ['open'], to: 'withdrawn' },
  expire: { from: ['open'], to: 'expired' },
}

export const CHANGE_DAYS = { default: 14, most: 60 } as const

/** What stands at `now`: an open change is over on the instant it expires, whether or not a job has written it down. */
export function stateAt(kept: ChangeState, expiresAt: Date, now: Date): ChangeState {
  return kept === 'open' && expiresAt.getTime() <= now.getTime() ? 'expired' : kept
}

export function canMove(move: Move, state: ChangeState): boolean {
  return MOVES[move].from.includes(state)
}
