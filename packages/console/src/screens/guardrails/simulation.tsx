/** What a guardrail would hit in the estate of today: asked as a job, and told with what it would ask of people. */
import { Button, Progress } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import type { ReactElement } from 'react'
import type { Simulation as Result } from '@onus/core/change/shapes.ts'
import { read, write } from '../../api.ts'
import { Answered, Note, ProblemNote } from '../../ui/answer.tsx'
import { count, counted, share } from '../../ui/count.ts'
import { FoundText, Sentence } from '../../ui/found-text.tsx'
import css from './guardrails.module.css'

type Props = { id: string; text: string; job: string | undefined; onJob(id: string): void }
const POLL_MS = 400

export function Simulation({ id, text, job, onJob }: Props): ReactElement {
  const session = useQuery(read('session'))
  /** The text that was simulated, as long as this page was not loaded anew. */
  const [asked, setAsked] = useState<string | null>(null)
  const whyId = useId()
  const simulate = useMutation({
    ...write('simulateGuardrail'),
    onSuccess: (started, { body }) => {
      setAsked(body.text)
      onJob(started.id)
    },
  })
  const mayNot = session.data !== undefined && !session.data.powers.includes('guard')
  return (
    <section aria-label="Simulation" className={css['simulation']}>
      <div className="row">
        <Button size="compact-sm" variant="default" disabled={mayNot || id === '' || text.trim() === ''} loading={simulate.isPending} aria-describedby={whyId} onClick={() => simulate.mutate({ body: { id, text } })}>
          Simulate on the estate of today
        </Button>
        <span id={whyId} className="small faint">
          {mayNot && (
            <>
              Not you; someone who holds the power to guard could <code>simulate-guardrails</code>
            </>
          )}
        </span>
      </div>
      {simulate.error !== null && <ProblemNote error={simulate.error} />}
      {job !== undefined && <Running job={job} isOfOther={asked !== null && asked !== text} />}
    </section>
  )
}

function Running({ job, isOfOther }: { job: string; isOfOther: boolean }): ReactElement {
  const question = useQuery({
    ...read('job', { params: { id: job } }),
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.state === 'done' || state.data?.state === 'failed' ? false : POLL_MS),
  })
  return (
    <Answered question={question}>
      {(data) => {
        if (data.state === 'failed')
          return (
            <Note tone="bad">
              <strong>It did not finish.</strong> <FoundText>{data.message ?? 'The server gave no reason.'}</FoundText>
            </Note>
          )
        if (data.state === 'done') return data.simulation ? <Told result={data.simulation} isOfOther={isOfOther} /> : <p className="soft">The result of this simulation is not kept any more; simulate again.</p>
        const ratio = data.total ? Math.min(1, data.done / data.total) : null
        return (
          <div aria-busy="true">
            <Progress value={ratio === null ? 100 : 100 * ratio} animated={ratio === null} aria-label="Simulating" />
            <p className="small soft" role="status">
              Looked at {count(data.done)}
              {data.total === null ? '' : ` of ${count(data.total)}`} identities
            </p>
          </div>
        )
      }}
    </Answered>
  )
}

const FEW = 12

function Told({ result, isOfOther }: { result: Result; isOfOther: boolean }): ReactElement {
  if (result.faults.length > 0) return <Faults faults={result.faults} />
  const { looked, hit, teamCount, exceptionsNeeded, excepted, unknown } = result
  /** Those that nobody answers for are counted among the teams. */
  const owners = teamCount - (result.teams.some(({ id }) => id === null) ? 1 : 0)
  return (
    <div className={css['result']}>
      {isOfOther && <Note tone="warn">The text was changed since; this is what the text before would hit.</Note>}
      <p>
        It would hit <strong>{counted(hit, 'identity', 'identities')}</strong> of {count(looked)} ({share(hit, looked)}){hit > 0 && <> of <strong>{counted(owners, 'team')}</strong></>}.{' '}
        {hit > 0 && (exceptionsNeeded === 0 ? 'Each of them has an exception already.' : `${counted(exceptionsNeeded, 'exception')} would be needed${excepted > 0 ? `; ${count(excepted)} run already` : ''}.`)}
      </p>
      {(unknown.environment > 0 || unknown.dataClasses > 0) && (
        <p className="small soft">
          Judged without knowing everything: the environment of {count(unknown.environment)} (they count as production), the data of {count(unknown.dataClasses)}.
        </p>
      )}
      {result.teams.length > 0 && <Hit result={result} />}
    </div>
  )
}

function Hit({ result }: { result: Result }): ReactElement {
  return (
    <>
      <h2>Whose</h2>
      <ul className={css['teams']}>
        {result.teams.slice(0, FEW).map((team) => (
          <li key={team.id ?? 'none'}>
            {team.id === null ? <span className="red">nobody</span> : <FoundText>{team.name}</FoundText>} <span className="faint">{count(team.hit)}</span>
          </li>
        ))}
        {result.teamCount > FEW && <li className="faint">and {count(result.teamCount - FEW)} more</li>}
      </ul>
      <h2>The first</h2>
      <ul className={css['hits']}>
        {result.first.slice(0, FEW).map((each, index) => (
          <li key={`${each.identity.id} ${index}`}>
            <Link to="/identities/$id" params={{ id: each.identity.id }}>
              <FoundText>{each.identity.name}</FoundText>
            </Link>{' '}
            <span className="small soft">
              <FoundText>{each.about}</FoundText>: found <FoundText>{each.found}</FoundText>
              {each.isExcepted && ' (excepted)'}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Faults({ faults }: { faults: Result['faults'] }): ReactElement {
  return (
    <Note tone="bad">
      <div className="stack">
        <strong>The text is not right, so nothing was simulated.</strong>
        {faults.map((fault, index) => (
          <p key={index} className="small">
            {fault.line !== null && <>Line {fault.line}: </>}
            <Sentence>{fault.message}</Sentence>
            {fault.help !== null && (
              <>
                {' '}
                <Sentence>{fault.help}</Sentence>
              </>
            )}
          </p>
        ))}
      </div>
    </Note>
  )
}
