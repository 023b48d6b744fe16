import { Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { Answered, Note, SkeletonLines } from '../../ui/answer.tsx'
import { count, counted } from '../../ui/count.ts'
import { FoundText } from '../../ui/found-text.tsx'
import { legible } from '../../ui/legible.ts'
import { Screen } from '../../ui/screen.tsx'
import { RuleGroups } from '../findings/rule-groups.tsx'
import { TeamAbout } from './team-about.tsx'
import { TeamIdentities, TeamScopes } from './team-lists.tsx'
import css from './teams.module.css'

type Tab = 'findings' | 'identities' | 'scopes' | 'about'

export function TeamScreen(): ReactElement {
  const { id } = useParams({ from: '/shell/teams/$id' })
  const { tab = 'findings' } = useSearch({ from: '/shell/teams/$id' })
  const team = useQuery(read('team', { params: { id } }))
  const name = team.data?.name
  return (
    <Screen
      key={id}
      title={name === undefined ? 'Team' : legible(name)}
      fills={tab === 'identities' || tab === 'scopes'}
      heading={name === undefined ? 'Team' : <FoundText>{name}</FoundText>}
      lead={team.data && <Lead team={team.data} />}
    >
      <Answered question={team} waiting={<SkeletonLines lines={10} height={20} />}>
        {(data) => <TeamTabs team={data} tab={tab} />}
      </Answered>
    </Screen>
  )
}

function Lead({ team }: { team: Reply<'team'> }): ReactElement {
  return (
    <p>
      {team.kind === 'unknown' ? 'A team' : `A ${team.kind} team`}, named for{' '}
      {counted(team.identities, 'identity', 'identities')} and {counted(team.scopes, 'scope')}: {count(team.accountable)}{' '}
      accountable, {count(team.claimed)} claimed, {count(team.split)} split.
    </p>
  )
}

function TeamTabs({ team, tab }: { team: Reply<'team'>; tab: Tab }): ReactElement {
  const navigate = useNavigate({ from: '/teams/$id' })
  const findings = Object.values(team.findings).reduce((sum, value) => sum + value, 0)
  return (
    <>
      {!team.isKnown && (
        <Note tone="warn">Only named in labels or tags: no directory, catalog or binding that was read has a group of this name.</Note>
      )}
      <Tabs
        value={tab}
        onChange={(next) => void navigate({ search: next === 'findings' ? {} : { tab: next as Tab }, replace: true })}
        keepMounted={false}
        className={css['tabs']}
      >
        <Tabs.List>
          <Tabs.Tab value="findings">Findings {count(findings)}</Tabs.Tab>
          <Tabs.Tab value="identities">Identities {count(team.identities)}</Tabs.Tab>
          <Tabs.Tab value="scopes">Scopes {count(team.scopes)}</Tabs.Tab>
          <Tabs.Tab value="about">About</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="findings" className={css['panel']}>
          <RuleGroups team={team.id} />
        </Tabs.Panel>
        <Tabs.Panel value="identities" className={css['panel']}>
          <p className="small">
            <Link to="/identities" search={{ team: team.id }}>
              Filter and order these among all identities
            </Link>
          </p>
          <TeamIdentities team={team.id} />
        </Tabs.Panel>
        <Tabs.Panel value="scopes" className={css['panel']}>
          <TeamScopes team={team.id} />
        </Tabs.Panel>
        <Tabs.Panel value="about" className={css['panel']}>
          <TeamAbout team={team} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
