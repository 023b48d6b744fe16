import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { Answered, Empty, SkeletonLines } from '../../ui/answer.tsx'
import { count, counted } from '../../ui/count.ts'
import { FoundText, Sentence } from '../../ui/found-text.tsx'
import { SeverityBadge } from '../../ui/severity.tsx'
import { SEVERITY_ORDER } from '../../ui/words.ts'
import css from './findings.module.css'

type Rule = Reply<'listRules'>['items'][number]

/** One row a rule: how bad, how often, what to do. Of one team when `team` is given. */
export function RuleGroups({ team }: { team?: string }): ReactElement {
  const rules = useQuery(read('listRules', { query: team === undefined ? {} : { team } }))
  return (
    <Answered question={rules} waiting={<SkeletonLines lines={14} height={22} />}>
      {({ items }) => {
        const failing = items.filter((rule) => rule.fail > 0).toSorted(worstFirst)
        const unjudged = items.filter((rule) => rule.fail === 0 && rule.unknown > 0)
        const clean = items.filter((rule) => rule.fail === 0 && rule.unknown === 0)
        return (
          <div className={css['groups']}>
            {failing.length === 0 ? <Empty title="No rule found anything.">{unjudgedWords(unjudged)}</Empty> : <Failing rules={failing} team={team} />}
            {unjudged.length > 0 && <Unjudged rules={unjudged} />}
            {clean.length > 0 && <Clean rules={clean} />}
          </div>
        )
      }}
    </Answered>
  )
}

function worstFirst(a: Rule, b: Rule): number {
  return SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity) || b.fail - a.fail
}

function unjudgedWords(unjudged: Rule[]): string {
  return unjudged.length === 0 ? 'Every rule had the facts it needs.' : `${counted(unjudged.length, 'rule')} could not judge: see below.`
}

function Failing({ rules, team }: { rules: Rule[]; team: string | undefined }): ReactElement {
  return (
    <ul className={css['rules']} aria-label="Rules with findings">
      {rules.map((rule) => (
        <li key={rule.id} className={css['rule']}>
          <SeverityBadge severity={rule.severity} />
          <div className={css['ruleBody']}>
            <Link to="/findings/list" search={{ rule: rule.id, ...(team === undefined ? {} : { team }) }} className={css['ruleLink']}>
              <FoundText>{rule.title}</FoundText>
            </Link>
            <p className="soft">
              <Sentence>{rule.fix}</Sentence>
            </p>
          </div>
          <div className={css['ruleCounts']}>
            <span className={css['big']}>{count(rule.fail)}</span>
            <span className="faint small">
              {team === undefined && rule.teams > 0 && `in ${counted(rule.teams, 'team')}`}
              {rule.unknown > 0 && `${team === undefined && rule.teams > 0 ? ', ' : ''}${count(rule.unknown)} not judged`}
            </span>
          </div>
        </li>
      ))}
    </ul>
  )
}

function Unjudged({ rules }: { rules: Rule[] }): ReactElement {
  return (
    <section className="stack" aria-labelledby="unjudged">
      <h2 id="unjudged">Could not be judged at all</h2>
      <p className="soft small">The facts these rules need were not in what was read: neither fine nor failed.</p>
      <div className="scroll-x">
        <table>
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col">Needs</th>
              <th scope="col" className="num">
                Times
              </th>
            </tr>
          </thead>
          <tbody>
            {rules.map((rule) => (
              <tr key={rule.id}>
                <td>
                  <FoundText>{rule.title}</FoundText>
                </td>
                <td className="soft">
                  <FoundText>{rule.needs.join('; ')}</FoundText>
                </td>
                <td className="num">{count(rule.unknown)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Clean({ rules }: { rules: Rule[] }): ReactElement {
  return (
    <details className={css['clean']}>
      <summary>{counted(rules.length, 'rule')} found nothing</summary>
      <ul>
        {rules.map((rule) => (
          <li key={rule.id}>
            <FoundText>{rule.title}</FoundText>
          </li>
        ))}
      </ul>
    </details>
  )
}
