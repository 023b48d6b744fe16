/** Verification in the browser: the whole ledger is fetched and hashed here, so the server's word is not needed for it. */
import { Button, Progress, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { readVerifierKey } from '@onus/core/ledger/checkpoint.ts'
import { portableSha256 } from '@onus/core/ledger/portable-sha256.ts'
import { read } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { Answered, Note, SkeletonLines } from '../../ui/answer.tsx'
import { CopyText } from '../../ui/evidence.tsx'
import { count, counted } from '../../ui/count.ts'
import { FoundText, Sentence } from '../../ui/found-text.tsx'
import { Day } from '../../ui/moment.tsx'
import { exactly } from '../../ui/time-words.ts'
import { Screen } from '../../ui/screen.tsx'
import { forget, remembered } from './memory.ts'
import { useVerification } from './use-verification.ts'
import type { Verification } from './use-verification.ts'
import type { PlainVerdict, VerifyAsk } from './verify-worker.ts'
import css from './ledger.module.css'

export function VerifyScreen(): ReactElement {
  const state = useQuery(read('ledgerState'))
  const session = useQuery(read('session'))
  return (
    <Screen title="Verify the ledger" lead="Every entry is fetched and hashed in this browser, and the result compared with what was signed. The server's word is not taken for it.">
      <Answered question={state} waiting={<SkeletonLines lines={8} />}>
        {(data) => (session.data ? <Verify state={data} isExport={session.data.powers.length > 0} /> : <SkeletonLines lines={8} />)}
      </Answered>
    </Screen>
  )
}

function Verify({ state, isExport }: { state: Reply<'ledgerState'>; isExport: boolean }): ReactElement {
  const [memory, setMemory] = useState(remembered)
  const [typed, setTyped] = useState('')
  const { verification, start, stop } = useVerification()
  const keys = typed.split(/\s+/).filter(Boolean)
  const wrong = keys.filter((key) => readVerifierKey(key, portableSha256) === null)
  const isRunning = verification.state === 'running'
  const ask = { keys: keys.length > 0 ? keys : (memory?.keys ?? null), since: memory?.checkpoint ?? null, isExport }
  return (
    <div className={css['verify']}>
      <Textarea
        label="Keys that you trust (optional)"
        description="As an auditor got them, one a line. Without: the keys that this browser saw before, or on the first visit those that the ledger names itself."
        placeholder={state.keys[0]?.vkey ?? ''}
        autosize
        minRows={1}
        maxRows={5}
        spellCheck={false}
        classNames={{ input: css['code'] ?? '' }}
        value={typed}
        error={wrong.length > 0 ? 'This is no key of a ledger.' : undefined}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <p className="small soft">
        {memory === null ? (
          'This browser has not seen this ledger before.'
        ) : (
          <>
            This browser saw {counted(memory.size, 'signed entry', 'signed entries')} on {exactly(memory.at)}; that they are still the same is checked too.{' '}
            <Button
              size="compact-xs"
              variant="subtle"
              disabled={isRunning}
              onClick={() => {
                forget()
                setMemory(null)
              }}
            >
              Forget it
            </Button>
          </>
        )}
      </p>
      <div className="row">
        <Button disabled={wrong.length > 0} loading={isRunning} onClick={() => start(ask)}>
          Verify {counted(state.size + state.queued, 'entry', 'entries')}
        </Button>
        {isRunning && (
          <Button variant="default" onClick={stop}>
            Stop
          </Button>
        )}
      </div>
      <Told verification={verification} all={state.size + state.queued} />
      <Keys keys={state.keys} />
    </div>
  )
}

function Told({ verification, all }: { verification: Verification; all: number }): ReactElement | null {
  switch (verification.state) {
    case 'idle':
      return null
    case 'running': {
      const share = all === 0 ? 0 : Math.min(100, (100 * verification.lines) / all)
      return (
        <div>
          <Progress value={share} aria-label="Verifying" />
          <p className="small soft" role="status">
            {count(verification.lines)} of about {count(all)} entries
          </p>
        </div>
      )
    }
    case 'failed':
      return (
        <div role="alert">
          <Note tone="warn">
            <span>
              <strong>It was not verified.</strong> <Sentence>{verification.message}</Sentence>
            </span>
          </Note>
        </div>
      )
    case 'told':
      return <Verdict told={verification} />
  }
}

function Verdict({ told: { verdict, asked } }: { told: Extract<Verification, { state: 'told' }> }): ReactElement {
  switch (verdict.state) {
    case 'unreadable':
      return (
        <div role="alert">
          <Note tone="bad">
            <span>
              <strong>What the server sent is no ledger.</strong> <Sentence>{verdict.detail}</Sentence>
            </span>
          </Note>
        </div>
      )
    case 'altered':
      return <Altered verdict={verdict} />
    case 'verified':
      return <Proved verdict={verdict} asked={asked} />
  }
}

type Of<S> = Extract<PlainVerdict, { state: S }>

function Altered({ verdict: { first, last, id, code, detail } }: { verdict: Of<'altered'> }): ReactElement {
  const where = first === null ? 'What was signed does not fit.' : last === first ? `Entry ${count(first)} is not what was signed.` : `Of the entries ${count(first)} to ${count(last ?? first)}, one or more are not what was signed.`
  return (
    <div role="alert" className={css['verdict']} data-tone="bad">
      <h2>{where}</h2>
      <p>
        <Sentence>{detail}</Sentence>. <code>{code}</code>
        {id !== null && (
          <>
            {' '}
            It calls itself{' '}
            <Link to="/ledger/$id" params={{ id }}>
              <FoundText mono>{id}</FoundText>
            </Link>
            .
          </>
        )}
      </p>
      <p>Nothing after it was looked at. Keep the export of today and your last good one, and tell your auditor.</p>
    </div>
  )
}

function Proved({ verdict: { size, root, signers, checkpoints, shown, erased }, asked }: { verdict: Of<'verified'>; asked: VerifyAsk }): ReactElement {
  return (
    <div role="status" className={css['verdict']} data-tone="good">
      <h2>All {counted(size, 'entry is', 'entries are')} what was signed.</h2>
      <ul className={css['proved']}>
        <li>Each was hashed here; together they have the root that the last checkpoint signs{checkpoints > 1 && `, and ${counted(checkpoints - 1, 'checkpoint')} before have theirs`}.</li>
        {asked.since !== null && <li>The ledger continues what this browser saw before: nothing of that was rewritten.</li>}
        {asked.isExport && shown > 0 && <li>{counted(shown, 'reason or other personal value is', 'reasons and other personal values are')} what was committed to{erased > 0 && `; ${count(erased)} were erased, which breaks no proof`}.</li>}
      </ul>
      <p className="small soft">
        Not proved: {asked.isExport ? '' : 'what people wrote, such as reasons, which is fetched for those alone who audit, guard or operate; '}
        {asked.keys === null ? 'that the keys are the right ones, since the ledger named them itself (this browser knows them from now on); ' : ''}that what was decided was right, and that nothing was decided outside of it.
      </p>
      <dl className={css['facts']}>
        <dt>root</dt>
        <dd>
          <code>{root}</code>
        </dd>
        <dt>signed by</dt>
        <dd>
          {signers.map((key) => (
            <code key={key}>{key}</code>
          ))}
        </dd>
      </dl>
    </div>
  )
}

function Keys({ keys }: { keys: Reply<'ledgerState'>['keys'] }): ReactElement {
  return (
    <section className={css['part']} aria-labelledby="keys">
      <h2 id="keys">Keys of this ledger</h2>
      <p className="small soft">As the server tells them. An auditor compares them with what they got on another way.</p>
      <ul className={css['keys']}>
        {keys.map((key) => (
          <li key={key.vkey}>
            <span className={css['key']}>
              <code>{key.vkey}</code>
              <CopyText text={key.vkey} what="the key" />
            </span>
            <span className="faint small">
              since <Day at={key.createdAt} />
              {key.retiredAt !== null && (
                <>
                  , until <Day at={key.retiredAt} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
