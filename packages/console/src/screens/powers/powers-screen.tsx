/** Who operates, guards, answers and audits, and the rules that follow from it. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { CodeText } from '../../changes/diff.tsx'
import { Answered, SkeletonLines } from '../../ui/answer.tsx'
import { FoundText } from '../../ui/found-text.tsx'
import { Day, Moment } from '../../ui/moment.tsx'
import { Screen } from '../../ui/screen.tsx'
import { AppointDialog } from './appoint-dialog.tsx'
import type { Appointed } from './appoint-dialog.tsx'
import { rulesOf } from './rules.ts'
import css from './powers.module.css'

type Holder = Reply<'listPowers'>['items'][number]
type Power = Holder['power']

const POWERS: [power: Power, title: string, means: string][] = [
  ['operate', 'Operate', 'Sources, issuers, gateways and the directory. Platform holds it, and answers for no service because of it.'],
  ['guard', 'Guard', 'Guardrails, exceptions and erasures. Security holds it, and never decides for the business what is its own.'],
  ['audit', 'Audit', 'Reads everything, with what people wrote, and changes nothing.'],
]

export function PowersScreen(): ReactElement {
  const powers = useQuery(read('listPowers'))
  return (
    <Screen
      title="Powers"
      lead="Different people operate, guard and answer. Nobody decides on what they proposed."
      actions={
        <Button size="xs" variant="default" renderRoot={(props) => <Link to="/changes/new" search={{ kind: 'power' }} {...props} />}>
          Propose to give or end one
        </Button>
      }
    >
      <Answered question={powers} waiting={<SkeletonLines lines={10} height={24} />}>
        {({ items, policies }) => (
          <>
            <div className={css['powers']}>
              {POWERS.map(([power, title, means]) => (
                <section key={power} className={css['power']} aria-labelledby={power}>
                  <h2 id={power}>{title}</h2>
                  <p className="soft">{means}</p>
                  <Holders power={power} holders={items.filter((each) => each.power === power)} />
                </section>
              ))}
              <section className={css['power']} aria-labelledby="answer">
                <h2 id="answer">Answer</h2>
                <p className="soft">Accepts, approves and attests what is its own. Every member of a team holds it for what the team answers for, as the directory says.</p>
                <p className={css['holder']}>
                  <Link to="/teams">All teams</Link>
                </p>
              </section>
            </div>
            <Rules policies={policies} />
          </>
        )}
      </Answered>
    </Screen>
  )
}

function Holders({ power, holders }: { power: Power; holders: Holder[] }): ReactElement {
  if (holders.length > 0)
    return (
      <ul className={css['holders']}>
        {holders.map((holder) => (
          <li key={holder.id} className={css['holder']}>
            <HolderName holder={holder.holder} />
            <p className="small faint">
              since <Day at={holder.since} />
              {Date.parse(holder.decidesFrom) > Date.now() && (
                <>
                  ; decides from <Moment at={holder.decidesFrom} /> on
                </>
              )}
              {holder.change !== null && (
                <>
                  , by <Link to="/changes/$id" params={{ id: holder.change }}>a decision</Link>
                </>
              )}
            </p>
          </li>
        ))}
      </ul>
    )
  return power === 'operate' ? <p>Nobody was given it. Whoever signs in by the one-time link of the server holds it.</p> : <Appoint power={power} />
}

function HolderName({ holder: { kind, id, name } }: { holder: Holder['holder'] }): ReactElement {
  if (kind === 'person') return <FoundText>{name}</FoundText>
  return (
    <Link to="/teams/$id" params={{ id }}>
      <FoundText>{name}</FoundText>
    </Link>
  )
}

/** Only while nobody holds the power: afterwards it is given by a change that others approve. */
function Appoint({ power }: { power: Appointed }): ReactElement {
  const session = useQuery(read('session'))
  const [isOpen, setOpen] = useState(false)
  const may = session.data?.powers.includes('operate') === true
  return (
    <>
      <p>{power === 'guard' ? 'Nobody holds it, so nothing that security must approve can be decided.' : 'Nobody holds it.'}</p>
      <div className="row">
        <Button size="compact-sm" disabled={!may} onClick={() => setOpen(true)}>
          Appoint the first …<span className="visually-hidden"> who is to {power}</span>
        </Button>
      </div>
      {session.data !== undefined && !may && <p className="small faint">Not you; someone who holds the power to operate could</p>}
      {isOpen && <AppointDialog power={power} onClose={() => setOpen(false)} />}
    </>
  )
}

function Rules({ policies }: { policies: string }): ReactElement {
  return (
    <section className={css['rules']} aria-labelledby="rules">
      <h2 id="rules">The rules</h2>
      <p className="soft">Written in Cedar, and the same that the server decides by. What no rule permits is denied; a rule that forbids outranks every other. A denial names its rule and who could.</p>
      <ul className={css['list']}>
        {rulesOf(policies).map((rule) => (
          <li key={rule.id} id={rule.id} className={css['rule']}>
            <details>
              <summary>
                <span className={css['effect']}>{rule.effect === 'permit' ? 'permits' : 'forbids'}</span> <code className={css['id']}>{rule.id}</code> <span className="soft">{rule.effect === 'permit' ? rule.who : `all but ${rule.who}`}</span>
              </summary>
              <CodeText text={rule.text} label={`Text of ${rule.id}, scrolls sideways`} />
            </details>
          </li>
        ))}
      </ul>
    </section>
  )
}
