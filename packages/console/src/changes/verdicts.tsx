/** What guardrails say of a change: the rule, the value found, the value allowed, and the way on. */
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { FoundText, Sentence } from '../ui/found-text.tsx'
import { Day } from '../ui/moment.tsx'
import { OUTCOME_WORDS } from './words.ts'
import type { GuardrailVerdict } from './words.ts'
import css from './changes.module.css'

export function Verdicts({ verdicts, offersException = true }: { verdicts: readonly GuardrailVerdict[]; offersException?: boolean }): ReactElement {
  if (verdicts.length === 0) return <p className="soft">No guardrail speaks against it.</p>
  return (
    <ul className={css['verdicts']}>
      {verdicts.map((verdict, index) => (
        <li key={index} className={css['verdict']} data-tone={OUTCOME_WORDS[verdict.outcome].tone}>
          <div className={css['verdictHead']}>
            <strong title={OUTCOME_WORDS[verdict.outcome].meaning}>{OUTCOME_WORDS[verdict.outcome].word}</strong>
            <span>
              by{' '}
              <Link to="/guardrails/$id" params={{ id: verdict.rule }}>
                <FoundText>{verdict.title}</FoundText>
              </Link>
            </span>
          </div>
          <dl className={css['found']}>
            <dt>about</dt>
            <dd>
              <Link to="/identities/$id" params={{ id: verdict.identity.id }}>
                <FoundText>{verdict.identity.name}</FoundText>
              </Link>
              : <Sentence>{verdict.about}</Sentence>
            </dd>
            <dt>found</dt>
            <dd>
              <Sentence>{verdict.found}</Sentence>
            </dd>
            <dt>allowed</dt>
            <dd>
              <Sentence>{verdict.allowed}</Sentence>
            </dd>
          </dl>
          {verdict.outcome === 'warned' && verdict.enforcedFrom !== null && (
            <p className="small">
              It will refuse from <Day at={verdict.enforcedFrom} /> on.
            </p>
          )}
          {offersException && verdict.outcome === 'refused' && (
            <p className="small">
              Ask for less, or{' '}
              <Link to="/changes/new" search={{ kind: 'exception', identity: verdict.identity.id, rule: verdict.rule }}>
                ask for an exception
              </Link>
              .
            </p>
          )}
        </li>
      ))}
    </ul>
  )
}
