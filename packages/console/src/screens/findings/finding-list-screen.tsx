import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useRef } from 'react'
import type { ReactElement } from 'react'
import { read, readPages } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { Answered, SkeletonLines } from '../../ui/answer.tsx'
import { count } from '../../ui/count.ts'
import { Sentence } from '../../ui/found-text.tsx'
import { legible } from '../../ui/legible.ts'
import { Screen } from '../../ui/screen.tsx'
import { SeverityBadge } from '../../ui/severity.tsx'
import { useShortcuts } from '../../ui/shortcuts.ts'
import { useTeamName } from '../../ui/team-name.ts'
import { SEVERITY_ORDER, capital } from '../../ui/words.ts'
import { FindingTable } from './finding-table.tsx'
import type { FindingListSearch } from './search.ts'
import css from './findings.module.css'

/** The findings of one rule, one team, or both, with what to do about them. */
export function FindingListScreen(): ReactElement {
  const search = useSearch({ from: '/shell/findings/list' })
  const rules = useQuery(read('listRules', { query: {} }))
  const rule = rules.data?.items.find((known) => known.id === search.rule)
  const team = useTeamName(search.team)
  const list = useInfiniteQuery({
    ...readPages('listFindings', { query: { ...search, limit: 200 } }),
    placeholderData: keepPreviousData,
  })
  const first = list.data?.pages[0]
  const title = rule ? legible(rule.title) : (search.rule ?? 'All findings')
  return (
    <Screen
      title={title}
      fills
      heading={
        <>
          {title} <span className={css['tally']} role="status">{first ? `${first.isTotalExact ? '' : 'about '}${count(first.total)}` : ''}</span>
        </>
      }
      lead={
        <>
          <Link to="/findings">All rules</Link>
          {search.team !== undefined && <> · of {search.team === 'none' ? 'nobody' : <Link to="/teams/$id" params={{ id: search.team }}><bdi>{team}</bdi></Link>}</>}
        </>
      }
    >
      {rule && <RuleCard rule={rule} />}
      <Filters search={search} />
      <Answered question={list} waiting={<SkeletonLines lines={12} height={24} />}>
        {() => <FindingTable list={list} showsRule={search.rule === undefined} isFiltered={isNarrowed(search)} />}
      </Answered>
    </Screen>
  )
}

function RuleCard({ rule }: { rule: Reply<'listRules'>['items'][number] }): ReactElement {
  const maps = [...rule.maps.owaspNhi.map((id) => `OWASP ${id}`), ...rule.maps.csf.map((id) => `CSF ${id}`)]
  return (
    <div className={css['card']}>
      <SeverityBadge severity={rule.severity} />
      <p>
        <strong>Fix:</strong> <Sentence>{rule.fix}</Sentence>
      </p>
      <span className="faint small">
        {maps.join(' · ')}
        {rule.unknown > 0 && ` · ${count(rule.unknown)} could not be judged`}
      </span>
    </div>
  )
}

/** True when more than the rule narrows the list. */
function isNarrowed(search: FindingListSearch): boolean {
  return [search.q, search.severity, search.environment, search.team].some((value) => value !== undefined)
}

function Filters({ search }: { search: FindingListSearch }): ReactElement {
  const navigate = useNavigate({ from: '/findings/list' })
  const input = useRef<HTMLInputElement>(null)
  useShortcuts({ '/': () => input.current?.select() })
  const overview = useQuery(read('overview', { query: {} }))
  const ask = useDebouncedCallback((q: string) => void navigate({ search: (old) => ({ ...old, q: q === '' ? undefined : q }), replace: true }), 180)
  const environments = overview.data?.byEnvironment.map(({ environment }) => environment ?? 'none') ?? []
  return (
    <div className={css['bar']} role="search" aria-label="Filter findings">
      <TextInput
        ref={input}
        key={search.q === undefined ? 'all' : 'some'}
        size="xs"
        type="search"
        className={css['search']}
        aria-label="Search findings"
        placeholder="Words of the finding or its subject"
        leftSection={<IconSearch size={14} aria-hidden="true" />}
        maxLength={200}
        defaultValue={search.q ?? ''}
        onChange={(event) => ask(event.currentTarget.value.trim())}
      />
      <NativeSelect
        size="xs"
        aria-label="Severity"
        value={search.severity ?? ''}
        data={[{ value: '', label: 'Severity: any' }, ...SEVERITY_ORDER.map((value) => ({ value, label: capital(value) }))]}
        onChange={(event) => {
          const severity = SEVERITY_ORDER.find((value) => value === event.currentTarget.value)
          void navigate({ search: (old) => ({ ...old, severity }) })
        }}
      />
      <NativeSelect
        size="xs"
        aria-label="Environment"
        value={search.environment ?? ''}
        data={[{ value: '', label: 'Environment: any' }, ...environments.map((value) => ({ value, label: value === 'none' ? 'Not known' : legible(value) }))]}
        onChange={(event) => {
          const environment = event.currentTarget.value === '' ? undefined : event.currentTarget.value
          void navigate({ search: (old) => ({ ...old, environment }) })
        }}
      />
      {isNarrowed(search) && (
        <Button size="xs" variant="subtle" onClick={() => void navigate({ search: (old) => ({ rule: old.rule }) })}>
          Clear filters
        </Button>
      )}
    </div>
  )
}
