/** Proposing a change: what kind, what exactly, what it would do, and why. */
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { ChangeKind } from '@onus/core/change/content.ts'
import { read } from '../../api.ts'
import { Note } from '../../ui/answer.tsx'
import { Screen } from '../../ui/screen.tsx'
import { ChangeEditor } from './change-editor.tsx'
import css from './changes.module.css'

const TITLES: Record<ChangeKind, string> = {
  scope: 'Change what it may do',
  credential: 'Give it a credential',
  function: 'Describe a business function',
  guardrail: 'Set a guardrail',
  exception: 'Ask for an exception',
  power: 'Give or end a power',
  ownership: 'Hand it over',
}
const ABOUT: Record<ChangeKind, string> = {
  scope: 'Grants and takes permissions of one identity. Its team decides, with a sponsor in production.',
  credential: 'A new credential of one identity, with its purpose, its end, and how it is revoked.',
  ownership: 'Another team is to answer. The giving team answers until the receiving one approves.',
  exception: 'One identity is excused from one rule for a time, with something done instead. Security decides.',
  guardrail: 'A limit that no owner exceeds. Simulate it before you propose it.',
  function: 'Which team owns a business function, who vouches for it, and what data it handles.',
  power: 'Who operates, who guards, who audits.',
}
const ORDER: ChangeKind[] = ['scope', 'credential', 'ownership', 'exception', 'guardrail', 'function', 'power']

export function ProposeScreen(): ReactElement {
  const search = useSearch({ from: '/shell/changes/new' })
  const navigate = useNavigate()
  const session = useQuery(read('session'))
  const title = search.kind === undefined ? 'Propose a change' : TITLES[search.kind]
  return (
    <Screen key={search.kind} title={title} lead={search.kind === undefined ? 'Whatever changes access, limits or who answers is proposed, and decided by those who answer for it.' : ABOUT[search.kind]}>
      {session.data?.powers.includes('audit') && (
        <Note tone="warn">
          You audit, and auditors only read. Someone who does not hold the power to audit could propose it. <code>auditors-only-read</code>
        </Note>
      )}
      {search.kind === undefined ? (
        <Kinds />
      ) : (
        <ChangeEditor kind={search.kind} search={search} onDone={(change) => void navigate({ to: '/changes/$id', params: { id: change.id } })} />
      )}
    </Screen>
  )
}

function Kinds(): ReactElement {
  return (
    <ul className={css['kinds']}>
      {ORDER.map((kind) => (
        <li key={kind} className={css['kind']}>
          <Link to="/changes/new" search={(old) => ({ ...old, kind })}>
            {TITLES[kind]}
          </Link>
          <p className="small soft">{ABOUT[kind]}</p>
        </li>
      ))}
    </ul>
  )
}
