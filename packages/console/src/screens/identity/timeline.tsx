import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { readPages } from '../../api.ts'
import type { RowOf } from '../../api.ts'
import { Answered, SkeletonLines } from '../../ui/answer.tsx'
import { FoundText, Sentence } from '../../ui/found-text.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Section } from './section.tsx'
import css from './identity.module.css'

/** What changed about it between imports, newest first. */
export function TimelineSection({ id }: { id: string }): ReactElement {
  const timeline = useInfiniteQuery(readPages('identityTimeline', { params: { id }, query: { limit: 20 } }))
  return (
    <Section title="Timeline">
      <Answered question={timeline} waiting={<SkeletonLines lines={3} />}>
        {(data) => {
          const entries = data.pages.flatMap((page) => page.items)
          if (entries.length === 0) return <p className="soft">No change has been recorded yet.</p>
          return (
            <ol className={css['timeline']}>
              {entries.map((entry, index) => (
                <Entry key={`${entry.at} ${index}`} entry={entry} />
              ))}
            </ol>
          )
        }}
      </Answered>
      {timeline.hasNextPage && (
        <div>
          <Button size="compact-sm" variant="default" loading={timeline.isFetchingNextPage} onClick={() => void timeline.fetchNextPage()}>
            Older changes
          </Button>
        </div>
      )}
    </Section>
  )
}

function Entry({ entry }: { entry: RowOf<'identityTimeline'> }): ReactElement {
  return (
    <li className={css['entry']} data-kind={entry.kind}>
      <div className={css['entryHead']}>
        <strong>{entry.kind}</strong>
        <span className="faint small">
          <Moment at={entry.at} />
        </span>
      </div>
      <p className="soft">
        <Sentence>{entry.summary}</Sentence>
      </p>
      {entry.changes.length > 0 && (
        <ul className={css['changes']}>
          {entry.changes.map((change) => (
            <li key={change.field}>
              <FoundText>{change.field}</FoundText>: {change.before === null ? <span className="faint">nothing</span> : <del><FoundText>{change.before}</FoundText></del>}{' '}
              <span aria-hidden="true">→</span> <span className="visually-hidden">became</span>{' '}
              {change.after === null ? <span className="faint">nothing</span> : <ins><FoundText>{change.after}</FoundText></ins>}
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}
