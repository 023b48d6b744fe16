import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { Reply } from '../../api.ts'
import { Note } from '../../ui/answer.tsx'
import { counted } from '../../ui/count.ts'
import { FoundText } from '../../ui/found-text.tsx'

/** What an import did, and what it could not conclude. */
export function ImportSummary({ result }: { result: Reply<'importReport'> }): ReactElement {
  const moves: [number, string][] = [
    [result.appeared, 'new'],
    [result.changed, 'changed'],
    [result.unchanged, 'unchanged'],
    [result.vanished, 'vanished'],
    [result.returned, 'returned'],
  ]
  const said = moves.filter(([value]) => value > 0).map(([value, word]) => `${value} ${word}`)
  return (
    <div role="status" className="stack">
      <Note tone="good">
        <span>
          <strong>{counted(result.identities, 'identity', 'identities')}</strong> with{' '}
          {counted(result.credentials, 'credential')} and {counted(result.findings, 'finding')}
          {said.length > 0 ? `: ${said.join(', ')}.` : '.'}
        </span>
      </Note>
      {result.note !== null && (
        <p className="soft small">
          <FoundText>{result.note}</FoundText>
        </p>
      )}
      <p>
        <Link to="/">See what needs someone</Link>
      </p>
    </div>
  )
}
