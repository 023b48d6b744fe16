import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { Reply } from '../../api.ts'
import { count, counted } from '../../ui/count.ts'
import { FoundText, Sentence } from '../../ui/found-text.tsx'
import { Moment } from '../../ui/moment.tsx'
import css from './overview.module.css'

type Overview = Reply<'overview'>

/** What the numbers rest on, and how old that is. */
export function Coverage({ overview }: { overview: Overview }): ReactElement {
  return (
    <p>
      From <Link to="/sources">{counted(overview.sources, 'source')}</Link>
      {overview.lastImportAt !== null && (
        <>
          , last read <Moment at={overview.lastImportAt} />
        </>
      )}
      ; {counted(overview.credentials, 'credential')}
      {overview.unread > 0 && (
        <>
          ;{' '}
          <Link to="/sources" className={css['unread']}>
            {counted(overview.unread, 'place')} could not be read
          </Link>
        </>
      )}
      {overview.vanished > 0 && (
        <>
          ;{' '}
          <Link to="/identities" search={{ presence: 'vanished' }}>
            {count(overview.vanished)} vanished
          </Link>
        </>
      )}
      .
    </p>
  )
}

/** Rules that lacked facts: neither fine nor failed, so they are counted here and nowhere else. */
export function NotJudged({ overview }: { overview: Overview }): ReactElement | null {
  if (overview.unknowns.length === 0) return null
  return (
    <section aria-labelledby="not-judged" className={css['notJudged']}>
      <h2 id="not-judged">Could not be judged</h2>
      <p className="soft small">The facts are missing. These are not counted as fine, and not as findings.</p>
      <table>
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col">What is missing</th>
            <th scope="col" className="num">
              Times
            </th>
          </tr>
        </thead>
        <tbody>
          {overview.unknowns.map((unknown) => (
            <tr key={unknown.rule}>
              <td>
                <FoundText>{unknown.title}</FoundText>
              </td>
              <td className="soft">
                <Sentence>{unknown.missing}</Sentence>
              </td>
              <td className="num">{count(unknown.count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
