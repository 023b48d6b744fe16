import { Progress } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { queryClient } from '../../query-client.ts'
import { Answered, Note } from '../../ui/answer.tsx'
import { count } from '../../ui/count.ts'
import { FoundText } from '../../ui/found-text.tsx'
import { Moment } from '../../ui/moment.tsx'
import { capital } from '../../ui/words.ts'
import { ImportSummary } from './import-summary.tsx'
import css from './first-run.module.css'

const POLL_MS = 500
const KIND_WORDS = { scan: 'Scanning', import: 'Importing', rules: 'Judging again', simulation: 'Simulating' }

/** A running job by its id: stage, how far, and its result. Everything shown elsewhere is stale when it ends. */
export function JobProgress({ id }: { id: string }): ReactElement {
  const job = useQuery({
    ...read('job', { params: { id } }),
    staleTime: 0,
    refetchInterval: (query) => (isOver(query.state.data) ? false : POLL_MS),
  })
  const state = job.data?.state
  useEffect(() => {
    if (state !== 'done' && state !== 'failed') return
    void queryClient.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'job' })
  }, [state])
  return <Answered question={job}>{(data) => <JobState job={data} />}</Answered>
}

function isOver(job: Reply<'job'> | undefined): boolean {
  return job?.state === 'done' || job?.state === 'failed'
}

function JobState({ job }: { job: Reply<'job'> }): ReactElement {
  if (job.state === 'failed') {
    return (
      <div className="stack" role="alert">
        <Note tone="bad">
          <span>
            <strong>It did not finish.</strong> <FoundText>{job.message ?? 'The server gave no reason.'}</FoundText>
          </span>
        </Note>
        <p>
          Nothing was changed by it. <Link to="/add">Try again</Link>
        </p>
      </div>
    )
  }
  if (job.state === 'done') {
    return (
      <div className="stack">
        {job.message !== null && (
          <p className="soft">
            <FoundText>{job.message}</FoundText>
          </p>
        )}
        {job.result !== null ? <ImportSummary result={job.result} /> : <Link to="/">See what needs someone</Link>}
      </div>
    )
  }
  const ratio = job.total === null || job.total === 0 ? null : Math.min(1, job.done / job.total)
  const label = job.state === 'queued' ? 'Waiting for its turn' : KIND_WORDS[job.kind]
  return (
    <div className={css['progress']}>
      <div className="row">
        <h2>{label}</h2>
        {job.startedAt !== null && (
          <span className="faint small">
            started <Moment at={job.startedAt} />
          </span>
        )}
      </div>
      <Progress value={ratio === null ? 100 : 100 * ratio} animated={ratio === null} aria-label={label} size="md" />
      <p className="soft" role="status">
        <FoundText>{capital(job.stage)}</FoundText>: {count(job.done)}
        {job.total === null ? '' : ` of ${count(job.total)}`}
      </p>
      <p className="faint small">You may leave this page; the work goes on, and this address shows how far it is.</p>
    </div>
  )
}
