import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { Answered, Empty, SkeletonLines } from '../../ui/answer.tsx'
import { count } from '../../ui/count.ts'
import { FoundText } from '../../ui/found-text.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Screen } from '../../ui/screen.tsx'
import css from './sources.module.css'

type Source = Reply<'source'>

/** What was read, how completely, and how long ago: the ground every other number stands on. */
export function SourcesScreen(): ReactElement {
  const sources = useQuery(read('listSources'))
  const navigate = useNavigate()
  return (
    <Screen
      title="Sources"
      lead="What was read, how completely, and when. An identity counts as vanished only after a complete read."
      actions={
        <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => void navigate({ to: '/add' })}>
          Add a source
        </Button>
      }
    >
      <Answered question={sources} waiting={<SkeletonLines lines={8} height={28} />}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nothing has been read yet.">
              <Link to="/add">Scan a directory or upload a report</Link>
            </Empty>
          ) : (
            <ul className={css['sources']}>
              {items.map((source) => (
                <SourceItem key={source.id} source={source} />
              ))}
            </ul>
          )
        }
      </Answered>
    </Screen>
  )
}

function SourceItem({ source }: { source: Source }): ReactElement {
  return (
    <li className={css['source']}>
      <div className={css['sourceName']}>
        <Link to="/sources/$id" params={{ id: source.id }}>
          <FoundText>{source.label}</FoundText>
        </Link>
        {source.label !== source.path && (
          <span className="faint small">
            <FoundText mono>{source.path}</FoundText>
          </span>
        )}
      </div>
      <Completeness source={source} />
      <dl className={css['numbers']}>
        <Number label="Identities" value={count(source.identities)} />
        <Number label="Vanished" value={count(source.vanished)} />
        <Number label="Files" value={count(source.files)} />
        <Number label="Unread" value={count(source.unread)} isBad={source.unread > 0} />
        <div>
          <dt>Read</dt>
          <dd>
            <Moment at={source.lastImportAt} />
          </dd>
        </div>
      </dl>
    </li>
  )
}

function Number({ label, value, isBad = false }: { label: string; value: string; isBad?: boolean }): ReactElement {
  return (
    <div>
      <dt>{label}</dt>
      <dd className={isBad ? 'red' : undefined}>{value}</dd>
    </div>
  )
}

export function Completeness({ source }: { source: Source }): ReactElement {
  return source.isComplete ? (
    <span className={css['complete']}>Complete read</span>
  ) : (
    <span className={css['partial']} title="Something was not read, so absence proves nothing">
      Incomplete: absence proves nothing
    </span>
  )
}
