/** What a question to the server can look like: not there yet, refused, answered, answered but perhaps out of date. */
import { Button, Skeleton } from '@mantine/core'
import type { ReactElement, ReactNode } from 'react'
import { ApiError } from '../api.ts'
import { exactly } from './time-words.ts'
import css from './answer.module.css'

type Question<T> = {
  data: T | undefined
  error: Error | null
  isFetching: boolean
  dataUpdatedAt: number
  /** Of a list read page by page: only the next page failed, which the list itself tells. */
  isFetchNextPageError?: boolean
  refetch: () => unknown
}

/**
 * Shows `children` with the answer. While there is none: `waiting`, which takes the room the answer will take. When
 * asking again failed, the last answer stays and its age is said.
 */
export function Answered<T>(props: { question: Question<T>; waiting?: ReactNode; children: (data: T) => ReactNode }): ReactElement {
  const { question, waiting, children } = props
  const retry = (): void => void question.refetch()
  if (question.data === undefined) {
    if (question.error === null) return <div aria-busy="true">{waiting ?? <SkeletonLines lines={6} />}</div>
    return <ProblemNote error={question.error} onRetry={retry} isRetrying={question.isFetching} />
  }
  return (
    <>
      {question.error !== null && !question.isFetchNextPageError && <StaleNote since={question.dataUpdatedAt} onRetry={retry} isRetrying={question.isFetching} />}
      {children(question.data)}
    </>
  )
}

/** A refusal in words: what happened, what to do, and the code to quote when asking for help. */
export function ProblemNote(props: { error: Error; onRetry?: () => void; isRetrying?: boolean }): ReactElement {
  const { title, detail, code, fields } = explain(props.error)
  return (
    <div role="alert" className={css['note']} data-tone="bad">
      <h2>{title}</h2>
      <p>{detail}</p>
      {fields.length > 0 && (
        <ul className={css['fields']}>
          {fields.map(({ field, reason }) => (
            <li key={`${field} ${reason}`}>
              <code>{field}</code>: {reason}
            </li>
          ))}
        </ul>
      )}
      <div className="row">
        {props.onRetry && (
          <Button size="compact-sm" variant="default" onClick={props.onRetry} loading={props.isRetrying ?? false}>
            Try again
          </Button>
        )}
        {code !== null && <span className="faint small">code: {code}</span>}
      </div>
    </div>
  )
}

function explain(error: Error): { title: string; detail: string; code: string | null; fields: { field: string; reason: string }[] } {
  if (error instanceof ApiError) {
    const { title, detail, code, errors } = error.problem
    return { title, detail, code, fields: (errors ?? []).slice(0, 10) }
  }
  const isOffline = error instanceof TypeError
  return {
    title: isOffline ? 'The server does not answer' : 'This part of the console failed',
    detail: isOffline
      ? 'Nothing was lost. Check that Onus is running (npm start) and that this machine reaches it, then try again.'
      : `${error.message}. Try again; if it stays, report it with the steps that led here.`,
    code: null,
    fields: [],
  }
}

function StaleNote(props: { since: number; onRetry: () => void; isRetrying: boolean }): ReactElement {
  return (
    <div role="status" className={css['note']} data-tone="warn" data-slim="true">
      <span>
        Could not refresh. This is as of <time>{exactly(new Date(props.since).toISOString()).slice(11)}</time>.
      </span>
      <Button size="compact-xs" variant="default" onClick={props.onRetry} loading={props.isRetrying}>
        Try again
      </Button>
    </div>
  )
}

/** A remark on its own lines: `tone` says how serious, the words say why. */
export function Note({ tone, children }: { tone: 'warn' | 'bad' | 'good' | 'plain'; children: ReactNode }): ReactElement {
  return (
    <div className={css['note']} data-tone={tone} data-slim="true">
      {children}
    </div>
  )
}

/** Nothing to show, why, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactElement {
  return (
    <div className={css['empty']}>
      <p className={css['emptyTitle']}>{title}</p>
      {children !== undefined && <div className="soft">{children}</div>}
    </div>
  )
}

export function SkeletonLines({ lines, height = 16 }: { lines: number; height?: number }): ReactElement {
  return (
    <div className={css['skeleton']} aria-busy="true">
      <span className="visually-hidden">Loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={height} width={`${94 - ((line * 23) % 41)}%`} radius={3} />
      ))}
    </div>
  )
}
