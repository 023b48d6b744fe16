/** The picture of one identity: what it proves itself with, what it may do, what it serves, who answers. */
import { IconArrowNarrowRight } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ReactElement, ReactNode } from 'react'
import type { Credential, Grant, Identity } from '@onus/core/identity.ts'
import { counted } from '../../ui/count.ts'
import { FoundText } from '../../ui/found-text.tsx'
import { StateMark } from '../../ui/state-badge.tsx'
import { KIND_WORDS, STATE_WORDS } from '../../ui/words.ts'
import type { Detail } from './identity-screen.tsx'
import css from './chain.module.css'

/** Items drawn in one box: the rest is a count, and the sections below list them all. */
const MOST = 3

export function Chain({ detail }: { detail: Detail }): ReactElement {
  const { identity } = detail
  return (
    <figure className={css['figure']} aria-label="From the identity to the team that answers">
      <ol className={css['chain']}>
        <Stage title="Identity">
          <Item main={<FoundText>{identity.name}</FoundText>} sub={KIND_WORDS[identity.kind]} />
        </Stage>
        <Stage title={counted(identity.credentials.length, 'credential')} isQuiet gap={identity.credentials.length === 0 ? credentialGap(identity) : null}>
          <Items all={identity.credentials} draw={(one) => <CredentialItem credential={one} />} />
        </Stage>
        <Stage title={counted(identity.grants.length, 'grant')} isQuiet gap={identity.grants.length === 0 ? 'No grant or policy was seen' : null}>
          <Items all={worstFirst(identity.grants)} draw={(one) => <GrantItem grant={one} />} />
        </Stage>
        <Stage title="Function" gap={detail.function === null && detail.service === null ? 'No business function or service is known' : null}>
          {detail.function !== null && <Item main={<FoundText>{detail.function.name}</FoundText>} sub="business function" />}
          {detail.service !== null && <Item main={<FoundText>{detail.service.name}</FoundText>} sub="service" />}
        </Stage>
        <TeamLink detail={detail} />
      </ol>
    </figure>
  )
}

type StageProps = { title: string; gap?: string | null; isQuiet?: boolean; children?: ReactNode }

/** One box of the chain; with a `gap` it is dashed and says what is not known; `isQuiet` where that may well be in order. */
function Stage({ title, gap = null, isQuiet = false, children }: StageProps): ReactElement {
  return (
    <li className={css['link']} data-gap={gap === null ? 'no' : isQuiet ? 'quiet' : 'yes'}>
      <IconArrowNarrowRight className={css['arrow']} size={18} aria-hidden="true" />
      <div className={css['box']}>
        <h3>{title}</h3>
        {gap === null ? children : <p className={css['gap']}>{gap}</p>}
      </div>
    </li>
  )
}

function Items<T>({ all, draw }: { all: readonly T[]; draw(one: T): ReactNode }): ReactElement {
  return (
    <>
      {all.slice(0, MOST).map((one, index) => (
        <div key={index}>{draw(one)}</div>
      ))}
      {all.length > MOST && <p className={css['sub']}>and {all.length - MOST} more, below</p>}
    </>
  )
}

function Item({ main, sub }: { main: ReactNode; sub: ReactNode }): ReactElement {
  return (
    <div className={css['item']}>
      <div className={css['main']}>{main}</div>
      <div className={css['sub']}>{sub}</div>
    </div>
  )
}

function CredentialItem({ credential }: { credential: Credential }): ReactElement {
  return <Item main={<FoundText>{credential.name}</FoundText>} sub={`${credential.kind.replaceAll('-', ' ')}, ${rotationWords(credential)}`} />
}

/** When a credential last changed, as far as anyone said. */
export function rotationWords(credential: Credential): string {
  const rotated = credential.dates.rotated
  if (credential.kind === 'federated') return 'nothing stored'
  if (rotated.state === 'at') return `rotated ${rotated.at.slice(0, 10)}`
  if (rotated.state === 'never') return 'never rotated'
  if (rotated.state === 'unreadable') return 'rotation date unreadable'
  return 'rotation not known'
}

function GrantItem({ grant }: { grant: Grant }): ReactElement {
  const where = [grant.isWildcard ? 'wildcard' : null, grant.environment].filter((word) => word !== null).join(', ')
  return (
    <Item
      main={<FoundText>{grant.permission}</FoundText>}
      sub={
        <>
          {grant.level === 'unknown' ? 'level not known' : grant.level} on <FoundText>{grant.resource}</FoundText>
          {where !== '' && <FoundText>{` (${where})`}</FoundText>}
        </>
      }
    />
  )
}

const LEVELS = ['admin', 'write', 'read', 'unknown']
function worstFirst(grants: readonly Grant[]): Grant[] {
  return grants.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || Number(b.isWildcard) - Number(a.isWildcard))
}

function credentialGap(identity: Identity): string {
  return identity.trusts.length > 0 ? `Nothing stored: ${counted(identity.trusts.length, 'federation')} may become it` : 'No credential was seen'
}

/** The end of the chain: one team, several that disagree, or nobody. */
function TeamLink({ detail }: { detail: Detail }): ReactElement {
  const { accountability } = detail.identity
  const { state, disagreement } = accountability
  const names = disagreement?.names ?? []
  const gap = state === 'unowned' ? 'Nobody answers' : null
  return (
    <Stage title="Team" gap={gap}>
      <p className={css['state']} data-state={state}>
        <StateMark state={state} /> {STATE_WORDS[state].word}
      </p>
      {state === 'split' && names.length > 0
        ? names.slice(0, MOST).map((name, index) => (
            <div key={name} className={css['side']}>
              {index > 0 && <span aria-hidden="true">≠ </span>}
              {index > 0 && <span className="visually-hidden">or </span>}
              <TeamName detail={detail} name={name} />
            </div>
          ))
        : detail.team !== null && (
            <div className={css['main']}>
              <TeamName detail={detail} name={detail.team.name} />
            </div>
          )}
    </Stage>
  )
}

function TeamName({ detail, name }: { detail: Detail; name: string }): ReactElement {
  const team = detail.teams.find((known) => known.name === name) ?? (detail.team?.name === name ? detail.team : undefined)
  if (!team) return <FoundText>{name}</FoundText>
  return (
    <Link to="/teams/$id" params={{ id: team.id }}>
      <FoundText>{team.name}</FoundText>
    </Link>
  )
}
