import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { Reply } from '../../api.ts'
import { Empty } from '../../ui/answer.tsx'
import { count, counted } from '../../ui/count.ts'
import { FoundText, Sentence } from '../../ui/found-text.tsx'
import { SeverityBadge } from '../../ui/severity.tsx'
import css from './overview.module.css'

type Overview = Reply<'overview'>

/** What needs someone: one row a rule, worst first, each with whose it is, what to do, and the way to the rows. */
export function Needs({ overview, asOf }: { overview: Overview; asOf: string | undefined }): ReactElement {
  return (
    <section aria-labelledby="needs" className={css['needs']}>
      <div className={css['sectionHead']}>
        <h2 id="needs">Needs someone</h2>
        <Link to="/findings" search={{ by: 'team' }} className="small">
          by team
        </Link>
      </div>
      {overview.needs.length === 0 ? (
        <Empty title="Nothing needs anyone.">
          Every rule that had the facts it needs found nothing. See on this page what could not be judged.
        </Empty>
      ) : (
        <ul className={css['needList']}>
          {overview.needs.map((need) => (
            <li key={need.rule} className={css['need']}>
              <Link to="/findings/list" search={{ rule: need.rule }} className={css['needLink']}>
                <span className={css['needCount']}>{count(need.count)}</span>
                <span className={css['needTitle']}>
                  <FoundText>{need.title}</FoundText>
                </span>
              </Link>
              <div className={css['needWho']}>
                <SeverityBadge severity={need.severity} />
                <span className="faint">{need.teams === 0 ? 'of no known team' : `in ${counted(need.teams, 'team')}`}</span>
              </div>
              <p className={css['needFix']}>
                <Sentence>{need.fix}</Sentence>
              </p>
            </li>
          ))}
        </ul>
      )}
      {asOf !== undefined && <p className="faint small">The links lead to the findings of today.</p>}
    </section>
  )
}
