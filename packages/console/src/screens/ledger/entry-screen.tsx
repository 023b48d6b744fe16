/** One decision, and the proof that it is in the signed tree, checked here. */
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { CodeText } from '../../changes/diff.tsx'
import { Answered, Note, SkeletonLines } from '../../ui/answer.tsx'
import { count } from '../../ui/count.ts'
import { FoundProse } from '../../ui/found-text.tsx'
import { Moment } from '../../ui/moment.tsx'
import { exactly } from '../../ui/time-words.ts'
import { Screen } from '../../ui/screen.tsx'
import { capital } from '../../ui/words.ts'
import { checkInclusion } from './light-checks.ts'
import { remembered } from './memory.ts'
import { Actor, actionWords, CAPACITY_WORDS, Subject } from './words.tsx'
import css from './ledger.module.css'

type Detail = Reply<'ledgerEntry'>

export function EntryScreen(): ReactElement {
  const { id } = useParams({ from: '/shell/ledger/$id' })
  const entry = useQuery(read('ledgerEntry', { params: { id } }))
  const title = entry.data ? capital(actionWords(entry.data.entry.action)) : 'Entry'
  return (
    <Screen key={id} title={title} lead={entry.data && <Head detail={entry.data} />}>
      <Answered question={entry} waiting={<SkeletonLines lines={10} />}>
        {(detail) => <Parts detail={detail} />}
      </Answered>
    </Screen>
  )
}

function Head({ detail }: { detail: Detail }): ReactElement {
  return (
    <>
      {exactly(detail.entry.at)}, <Moment at={detail.entry.at} /> · {detail.index === null ? 'queued: not signed yet' : `entry ${count(detail.index)}`}
    </>
  )
}

function Parts({ detail }: { detail: Detail }): ReactElement {
  const { entry, personal } = detail
  const slots = Object.keys(entry.personal)
  return (
    <>
      <dl className={css['facts']}>
        <dt>who</dt>
        <dd>
          <Actor row={detail} /> <span className="faint">{CAPACITY_WORDS[entry.capacity]}</span>
        </dd>
        <dt>about</dt>
        <dd>
          {entry.subject.kind.replaceAll('-', ' ')} <Subject subject={entry.subject} />
        </dd>
        {entry.change !== null && (
          <>
            <dt>by the change</dt>
            <dd>
              <Link to="/changes/$id" params={{ id: entry.change }}>
                <code>{entry.change}</code>
              </Link>
            </dd>
          </>
        )}
        {slots.map((slot) => (
          <Slot key={slot} slot={slot} value={personal[slot]} />
        ))}
        {entry.digest !== null && (
          <>
            <dt>content</dt>
            <dd>
              <code>{entry.digest}</code>
            </dd>
          </>
        )}
      </dl>
      <Proof detail={detail} />
      {(['before', 'after'] as const).map(
        (side) =>
          entry[side] !== null && (
            <section key={side} className={css['part']} aria-label={capital(side)}>
              <h2>{capital(side)}</h2>
              <CodeText text={JSON.stringify(entry[side], null, 2)} label={`${capital(side)}, scrolls sideways`} />
            </section>
          ),
      )}
      <section className={css['part']} aria-label="The entry itself">
        <h2>The entry itself</h2>
        <CodeText text={JSON.stringify(entry, null, 2)} label="The entry, scrolls sideways" />
      </section>
    </>
  )
}

function Slot({ slot, value }: { slot: string; value: string | undefined }): ReactElement {
  return (
    <>
      <dt>{slot}</dt>
      <dd>{value === undefined ? <span className="faint">erased</span> : <FoundProse>{value}</FoundProse>}</dd>
    </>
  )
}

function Proof({ detail: { entry, inclusion } }: { detail: Detail }): ReactElement | null {
  const state = useQuery({ ...read('ledgerState'), enabled: inclusion !== null })
  const keys = remembered()?.keys ?? state.data?.keys.map(({ vkey }) => vkey)
  const check = useQuery({
    queryKey: ['ledger-inclusion', entry.id, inclusion?.checkpoint, keys],
    enabled: inclusion !== null && keys !== undefined,
    queryFn: () => (inclusion && keys ? checkInclusion(entry, inclusion, keys) : null),
  })
  if (inclusion === null) return <Note tone="plain">It is queued; within seconds it is signed, and then its proof is here.</Note>
  if (!check.data) return <SkeletonLines lines={1} />
  switch (check.data.state) {
    case 'holds':
      return (
        <Note tone="good">
          <span>
            <strong>Proved in this browser:</strong> this text is entry {count(inclusion.index)} of the {count(check.data.checkpoint.size)} that <code>{check.data.signers[0]?.name}</code> signed.
          </span>
        </Note>
      )
    case 'broken':
      return (
        <div role="alert">
          <Note tone="bad">
            <span>
              <strong>This entry is not what was signed.</strong> {check.data.why}
            </span>
          </Note>
        </div>
      )
    case 'unknown':
      return <Note tone="warn">{check.data.why}</Note>
  }
}
