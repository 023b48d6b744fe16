import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { SourceReport } from '@onus/core/report.ts'
import { read, write } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { Answered, Note, ProblemNote, SkeletonLines } from '../../ui/answer.tsx'
import { count, counted } from '../../ui/count.ts'
import { PlaceText } from '../../ui/evidence.tsx'
import { FoundText } from '../../ui/found-text.tsx'
import { legible } from '../../ui/legible.ts'
import { Moment } from '../../ui/moment.tsx'
import { exactly } from '../../ui/time-words.ts'
import { Screen } from '../../ui/screen.tsx'
import { useFirst } from '../identity/section.tsx'
import { Completeness } from './sources-screen.tsx'
import css from './sources.module.css'

type Source = Reply<'source'>

export function SourceScreen(): ReactElement {
  const { id } = useParams({ from: '/shell/sources/$id' })
  const source = useQuery(read('source', { params: { id } }))
  const label = source.data?.label
  return (
    <Screen
      key={id}
      title={label === undefined ? 'Source' : legible(label)}
      heading={label === undefined ? 'Source' : <FoundText>{label}</FoundText>}
      lead={source.data && <Lead source={source.data} />}
      actions={source.data && <ReadAgain source={source.data} />}
    >
      <Answered question={source} waiting={<SkeletonLines lines={10} height={22} />}>
        {(data) => (
          <>
            <Readers source={data} />
            <Unread readers={data.readers} />
            <Blind readers={data.readers} />
          </>
        )}
      </Answered>
    </Screen>
  )
}

function Lead({ source }: { source: Source }): ReactElement {
  return (
    <div className={css['lead']}>
      <Completeness source={source} />
      <span>
        {counted(source.identities, 'identity', 'identities')}, read <Moment at={source.lastImportAt} />, judged as of {exactly(source.asOf).slice(0, 10)}
      </span>
      <FoundText mono>{source.path}</FoundText>
    </div>
  )
}

/** Scans the same path again where the server can reach it; else says how to bring a new report. */
function ReadAgain({ source }: { source: Source }): ReactElement | null {
  const navigate = useNavigate()
  const session = useQuery(read('session'))
  const scan = useMutation({ ...write('startScan'), onSuccess: (job) => void navigate({ to: '/add', search: { job: job.id } }) })
  if (session.data?.role !== 'administrator') return null
  const isLocal = session.data.canScanLocalPaths && source.path.startsWith('/')
  return (
    <div className="stack">
      {isLocal ? (
        <Button size="xs" variant="default" loading={scan.isPending} onClick={() => scan.mutate({ body: { path: source.path } })}>
          Scan again
        </Button>
      ) : (
        <Button size="xs" variant="default" onClick={() => void navigate({ to: '/add' })}>
          Upload a new report
        </Button>
      )}
      {scan.error && <ProblemNote error={scan.error} />}
    </div>
  )
}

function Readers({ source }: { source: Source }): ReactElement {
  return (
    <section className="stack" aria-labelledby="readers">
      <h2 id="readers">Readers</h2>
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Readers, scrolls sideways">
        <table className={css['readers']}>
          <thead>
            <tr>
              <th scope="col">Reader</th>
              <th scope="col" className="num">
                Files
              </th>
              <th scope="col" className="num">
                Facts
              </th>
              <th scope="col" className="num">
                Not read
              </th>
              <th scope="col">Complete</th>
            </tr>
          </thead>
          <tbody>
            {source.readers.map((reader) => (
              <tr key={`${reader.reader} ${reader.path}`}>
                <td>
                  <FoundText>{reader.reader}</FoundText>
                </td>
                <td className="num">{count(reader.files)}</td>
                <td className="num">{count(reader.observations)}</td>
                <td className={reader.unreadCount > 0 ? 'num red' : 'num'}>{count(reader.unreadCount)}</td>
                <td>{reader.isComplete ? 'yes' : <span className="red">no</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

type UnreadLine = SourceReport['unread'][number] & { reader: string }

function Unread({ readers }: { readers: SourceReport[] }): ReactElement {
  const all: UnreadLine[] = readers.flatMap((reader) => reader.unread.map((entry) => ({ ...entry, reader: reader.reader })))
  const total = readers.reduce((sum, reader) => sum + reader.unreadCount, 0)
  const { shown, more } = useFirst(all, 50)
  return (
    <section className="stack" aria-labelledby="unread">
      <h2 id="unread">Could not be read</h2>
      {total === 0 ? (
        <p className="soft">Every file that a reader took was read to its end.</p>
      ) : (
        <>
          {total > all.length && (
            <Note tone="plain">
              {count(all.length)} of {count(total)} are listed; the scan keeps the first ones of each reader.
            </Note>
          )}
          <ul className={css['unread']}>
            {shown.map((entry, index) => (
              <li key={index}>
                <PlaceText place={entry} />
                <span>
                  <FoundText>{entry.reason}</FoundText> <span className="faint small">{entry.reader}</span>
                </span>
              </li>
            ))}
          </ul>
          {more}
        </>
      )}
    </section>
  )
}

function Blind({ readers }: { readers: SourceReport[] }): ReactElement | null {
  const blind = readers.filter((reader) => reader.blind.length > 0)
  if (blind.length === 0) return null
  return (
    <section className="stack" aria-labelledby="blind">
      <h2 id="blind">Cannot be seen here at all</h2>
      <dl className={css['blind']}>
        {blind.map((reader) => (
          <div key={`${reader.reader} ${reader.path}`}>
            <dt>
              <FoundText>{reader.reader}</FoundText>
            </dt>
            {reader.blind.map((what) => (
              <dd key={what}>
                <FoundText>{what}</FoundText>
              </dd>
            ))}
          </div>
        ))}
      </dl>
    </section>
  )
}
