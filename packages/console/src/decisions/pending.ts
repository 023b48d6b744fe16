/** A decision that was made and not sent yet: for a few seconds it can be taken back without a trace. */
import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { write } from '../api.ts'
import type { Reply } from '../api.ts'
import { queryClient } from '../query-client.ts'

type Named = { id: string; name: string }
export type Chosen = { identities: string[] } | { source: string; namespace: string | null }
type Answers = {
  purpose: string | null
  function: { id: string } | { name: string } | null
  sponsor: string | null
  revocation: string | null
}
export type Decision = { team: Named; about: string; count: number } & (
  | { kind: 'accept'; ask: { team: string; chosen: Chosen; answers: Answers } }
  | { kind: 'refuse'; ask: { team: string; chosen: Chosen; reason: string; suggested: string | null } }
)

/** Long enough to see the wrong number; short enough not to be waited for. */
export const UNDO_SECONDS = 8

export type Pending = {
  decision: Decision | null
  secondsLeft: number
  outcome: Reply<'acceptIdentities'> | undefined
  error: Error | null
  isSending: boolean
  decide(decision: Decision): void
  undo(): void
  sendNow(): void
  dismiss(): void
}

/** Holds one decision at a time; `onSent` is told when the server has it. */
export function usePending(onSent: () => void): Pending {
  const [decision, setDecision] = useState<Decision | null>(null)
  const [secondsLeft, setLeft] = useState(0)
  const settings = {
    onSuccess: async () => {
      setDecision(null)
      await queryClient.invalidateQueries()
      onSent()
    },
  }
  const accept = useMutation({ ...write('acceptIdentities'), ...settings })
  const refuse = useMutation({ ...write('refuseIdentities'), ...settings })
  const send = (): void => {
    if (!decision) return
    setLeft(0)
    if (decision.kind === 'accept') accept.mutate({ body: decision.ask })
    else refuse.mutate({ body: decision.ask })
  }
  const isSending = accept.isPending || refuse.isPending
  const error = accept.error ?? refuse.error
  useEffect(() => {
    if (!decision || isSending || error) return
    const timer = setTimeout(() => (secondsLeft <= 1 ? send() : setLeft(secondsLeft - 1)), 1_000)
    return () => clearTimeout(timer)
  })
  const reset = (): void => {
    accept.reset()
    refuse.reset()
    setDecision(null)
  }
  return {
    decision,
    secondsLeft,
    outcome: accept.data ?? refuse.data,
    error,
    isSending,
    decide(next) {
      reset()
      setDecision(next)
      setLeft(UNDO_SECONDS)
    },
    undo: reset,
    sendNow: send,
    dismiss: reset,
  }
}
