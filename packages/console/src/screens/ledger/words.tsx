/** How an entry of the ledger is told: who, what, and about what. */
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { RowOf } from '../../api.ts'
import { FoundText } from '../../ui/found-text.tsx'

export type LedgerRow = RowOf<'listLedger'>
type Entry = LedgerRow['entry']

export const CAPACITY_WORDS: Record<Entry['capacity'], string> = {
  answer: 'for the team that answers',
  guard: 'as security',
  operate: 'as platform',
  audit: 'as auditor',
  sponsor: 'as sponsor',
  none: 'in no special capacity',
}

/** `change.approval-lapse` → `change: approval lapse` */
export function actionWords(action: string): string {
  const [noun = '', ...verbs] = action.split('.')
  return `${noun.replaceAll('-', ' ')}: ${verbs.join(' ').replaceAll('-', ' ')}`
}

export function Actor({ row }: { row: LedgerRow }): ReactElement {
  const { kind, id } = row.entry.actor
  if (row.actorName !== null)
    return (
      <>
        <FoundText>{row.actorName}</FoundText>
        {kind === 'token' && ' (a token)'}
      </>
    )
  return kind === 'system' || kind === 'job' ? <>Onus</> : <code title={id}>{id}</code>
}

/** A link where there is a page for it. */
export function Subject({ subject: { kind, id } }: { subject: Entry['subject'] }): ReactElement {
  switch (kind) {
    case 'identity':
      return (
        <Link to="/identities/$id" params={{ id }} preload={false}>
          <code>{id}</code>
        </Link>
      )
    case 'change':
      return (
        <Link to="/changes/$id" params={{ id }} preload={false}>
          <code>{id}</code>
        </Link>
      )
    case 'guardrail':
      return (
        <Link to="/guardrails/$id" params={{ id }} preload={false}>
          <code>{id}</code>
        </Link>
      )
    default:
      return <FoundText mono>{id}</FoundText>
  }
}

/** What was said with it; a value that was erased is not among them. */
export function reasonOf({ personal }: LedgerRow): string | null {
  return personal['reason'] ?? personal['text'] ?? null
}
