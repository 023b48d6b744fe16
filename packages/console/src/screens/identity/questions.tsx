import type { ReactElement } from 'react'
import type { Answer, Questions as QuestionsOf } from '@onus/core/identity.ts'
import { EvidenceList } from '../../ui/evidence.tsx'
import { Sentence } from '../../ui/found-text.tsx'
import css from './identity.module.css'

const QUESTIONS: [key: keyof QuestionsOf, question: string][] = [
  ['why', 'Why does it exist?'],
  ['function', 'Which business function depends on it?'],
  ['approver', 'Who can approve a change of its scopes?'],
  ['revocation', 'How is it revoked, and when was that last tried?'],
]

/** The four questions: each one sentence with its evidence, or a sentence that says what is missing. */
export function Questions({ questions }: { questions: QuestionsOf }): ReactElement {
  return (
    <section aria-label="The four questions" className={css['questions']}>
      {QUESTIONS.map(([key, question]) => (
        <div key={key} className={css['question']}>
          <h2>{question}</h2>
          <AnswerText answer={questions[key]} />
        </div>
      ))}
    </section>
  )
}

function AnswerText({ answer }: { answer: Answer }): ReactElement {
  return (
    <>
      {answer.answer !== null && (
        <p className={css['answer']}>
          <Sentence>{answer.answer}</Sentence>
        </p>
      )}
      {answer.missing !== null && (
        <p className={css['missing']}>
          <span aria-hidden="true">✕</span> <span className="visually-hidden">Missing: </span>
          <Sentence>{answer.missing}</Sentence>
        </p>
      )}
      {answer.answer === null && answer.missing === null && <p className={css['missing']}>Nothing was found that answers this.</p>}
      <EvidenceList places={answer.evidence} most={2} />
    </>
  )
}
