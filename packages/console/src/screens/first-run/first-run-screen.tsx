import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import { Answered, SkeletonLines } from '../../ui/answer.tsx'
import { Screen } from '../../ui/screen.tsx'
import { ExampleDoor, ScanDoor, UploadDoor } from './doors.tsx'
import { JobProgress } from './job-progress.tsx'
import css from './first-run.module.css'

/** Three ways in: a directory, a report, the example. The running job is in the URL, so a reload keeps its progress. */
export function FirstRunScreen(): ReactElement {
  const { job, path } = useSearch({ from: '/shell/add' })
  const navigate = useNavigate()
  const session = useQuery(read('session'))
  const overview = useQuery(read('overview', { query: {} }))
  const isFirst = overview.data?.sources === 0
  const onJob = (id: string): void => void navigate({ to: '/add', search: { job: id } })
  return (
    <Screen
      title={isFirst ? 'Who answers for your machine identities?' : 'Add a source'}
      lead={
        isFirst
          ? 'Point Onus at what you already have. It reads files, changes nothing, and sends nothing anywhere.'
          : 'Scan another estate or import a report. A source with the same path is brought up to date.'
      }
    >
      {job !== undefined ? (
        <JobProgress id={job} />
      ) : (
        <Answered question={session} waiting={<SkeletonLines lines={8} height={20} />}>
          {(who) => (
            <div className={css['doors']}>
              <ScanDoor session={who} path={path ?? ''} onJob={onJob} />
              <UploadDoor session={who} />
              <ExampleDoor session={who} sources={overview.data?.sources} onJob={onJob} />
            </div>
          )}
        </Answered>
      )}
    </Screen>
  )
}
