/** One guardrail: what it says and does, its text, and how it came to be. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { STAGE_WORDS } from '../../changes/stage-words.ts'
import { CodeText, TextDiff } from '../../changes/diff.tsx'
import { Answered, Note, SkeletonLines } from '../../ui/answer.tsx'
import { FoundText, Sentence } from '../../ui/found-text.tsx'
import { legible } from '../../ui/legible.ts'
import { Day } from '../../ui/moment.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Until } from './guardrails-screen.tsx'
import { StageBadge } from './stage-badge.tsx'
import css from './guardrails.module.css'

type Detail = Reply<'guardrail'>
type Version = Detail['versions'][number]

export function GuardrailScreen(): ReactElement {
  const { id } = useParams({ from: '/shell/guardrails/$id' })
  const guardrail = useQuery(read('guardrail', { params: { id } }))
  const newest = guardrail.data?.current ?? guardrail.data?.versions[0]
  const isThere = guardrail.data?.current != null
  return (
    <Screen
      key={id}
      title={newest ? legible(newest.title) : id}
      heading={newest ? <FoundText>{newest.title}</FoundText> : id}
      lead={guardrail.data && <Head id={id} detail={guardrail.data} />}
      actions={
        isThere && (
          <Button size="xs" variant="default" renderRoot={(props) => <Link to="/changes/new" search={{ kind: 'guardrail', guardrail: id }} {...props} />}>
            Simulate and propose a change
          </Button>
        )
      }
    >
      <Answered question={guardrail} waiting={<SkeletonLines lines={12} height={20} />}>
        {(detail) => <Parts detail={detail} />}
      </Answered>
    </Screen>
  )
}

function Head({ id, detail: { current } }: { id: string; detail: Detail }): ReactElement {
  return (
    <div className={css['head']}>
      {current ? <StageBadge stage={current.standing} /> : <span className="faint">retired</span>}
      <code>{id}</code>
      {current && (
        <span>
          version {current.version}, since <Day at={current.since} />
          <Until row={current} />
        </span>
      )}
      {current && (
        <Link to="/exceptions" search={{ rule: id }}>
          {current.exceptions === 0 ? 'no exception runs' : `${current.exceptions} ${current.exceptions === 1 ? 'exception runs' : 'exceptions run'}`}
        </Link>
      )}
    </div>
  )
}

function Parts({ detail: { current, versions } }: { detail: Detail }): ReactElement {
  return (
    <>
      {current === null && <Note tone="plain">It was retired and limits nothing any more.</Note>}
      {current && (
        <section aria-label="What it says" className={css['part']}>
          <dl className={css['says']}>
            <dt>Looks at</dt>
            <dd>
              <code>{current.found}</code>
            </dd>
            <dt>Allowed</dt>
            <dd>
              <Sentence>{current.allowed}</Sentence>
            </dd>
            <dt>Beyond it</dt>
            <dd>{current.needs === 'guard' ? 'security must approve too' : 'it is refused, unless an exception runs'}</dd>
            <dt>Now</dt>
            <dd>{STAGE_WORDS[current.standing].meaning}</dd>
          </dl>
          <CodeText text={current.text} label="Its text, scrolls sideways" />
        </section>
      )}
      <section aria-labelledby="versions" className={css['part']}>
        <h2 id="versions">Versions</h2>
        <ol className={css['versions']}>
          {versions.map((version, index) => (
            <VersionLine key={version.version} version={version} before={versions[index + 1]} />
          ))}
        </ol>
      </section>
    </>
  )
}

function VersionLine({ version, before }: { version: Version; before: Version | undefined }): ReactElement {
  const isNewText = before !== undefined && before.text !== version.text
  return (
    <li className={css['version']}>
      <div className="row">
        <strong>Version {version.version}</strong>
        <span className="small">
          {version.text === null ? 'retired' : STAGE_WORDS[version.stage].word.toLowerCase()}
          {version.stage === 'enforce' && version.graceUntil !== null && ` from ${version.graceUntil.slice(0, 10)} on`}
        </span>
        <span className="faint small">
          since <Day at={version.since} />
        </span>
        {version.change !== null && (
          <Link to="/changes/$id" params={{ id: version.change }} className={css['underlined']}>
            the change
          </Link>
        )}
      </div>
      {isNewText && <TextDiff before={before.text ?? ''} after={version.text ?? ''} />}
      {before === undefined ? <p className="small soft">The first.</p> : !isNewText && <p className="small soft">The text stayed.</p>}
    </li>
  )
}
