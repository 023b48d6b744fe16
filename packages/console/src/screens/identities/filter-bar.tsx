import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedCallback, useDisclosure } from '@mantine/hooks'
import { IconAdjustmentsHorizontal, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { KeyboardEvent, ReactElement } from 'react'
import { ACCOUNTABILITY_STATES, IDENTITY_KINDS } from '@onus/core/identity.ts'
import { read } from '../../api.ts'
import { legible } from '../../ui/legible.ts'
import { useShortcuts } from '../../ui/shortcuts.ts'
import { capital, KIND_WORDS, SEVERITY_ORDER, STATE_WORDS } from '../../ui/words.ts'
import type { FilterKey, IdentitiesSearch } from './search.ts'
import { TeamFilter } from './team-filter.tsx'
import css from './identities.module.css'

type Option = { value: string; label: string }
type Props = { search: IdentitiesSearch; sort: string; order: string }

export function FilterBar({ search, sort, order }: Props): ReactElement {
  const [isOpen, toggle] = useDisclosure(false)
  const set = useSetFilter()
  return (
    <div className={css['bar']} role="search" aria-label="Filter identities">
      <SearchBox value={search.q ?? ''} onChange={(q) => set('q', q, true)} />
      <Button
        className={css['more']}
        variant="default"
        size="xs"
        onClick={toggle.toggle}
        aria-expanded={isOpen}
        leftSection={<IconAdjustmentsHorizontal size={14} />}
      >
        Filters and order
      </Button>
      <div className={css['selects']} data-open={isOpen}>
        <Choices search={search} onSet={set} />
        <SortChoice sort={sort} order={order} />
      </div>
    </div>
  )
}

function Choices({ search, onSet }: { search: IdentitiesSearch; onSet(key: FilterKey, value: string): void }): ReactElement {
  const environments = useEnvironments(search.environment)
  const rules = useRules(search.rule)
  const choice = (key: FilterKey, label: string, options: Option[], any = 'any'): ReactElement => (
    <NativeSelect
      key={key}
      size="xs"
      aria-label={label}
      className={css['select']}
      data-on={search[key] !== undefined}
      value={search[key] ?? ''}
      data={[{ value: '', label: `${label}: ${any}` }, ...options]}
      onChange={(event) => onSet(key, event.currentTarget.value)}
    />
  )
  return (
    <>
      {choice('state', 'Answers', ACCOUNTABILITY_STATES.map((state) => ({ value: state, label: STATE_WORDS[state].word })))}
      <TeamFilter value={search.team} onChange={(team) => onSet('team', team)} />
      {choice('environment', 'Environment', environments)}
      {choice('kind', 'Kind', IDENTITY_KINDS.map((kind) => ({ value: kind, label: capital(KIND_WORDS[kind]) })))}
      {choice('severity', 'Findings', SEVERITY_ORDER.map((severity) => ({ value: severity, label: severity === 'critical' ? 'Critical' : `${capital(severity)} or worse` })))}
      {choice('rule', 'Rule', rules)}
      {choice('presence', 'Presence', [{ value: 'vanished', label: 'Vanished only' }, { value: 'all', label: 'Present and vanished' }], 'present')}
    </>
  )
}

const SORTS: Option[] = [
  { value: 'name asc', label: 'Order: name' },
  { value: 'findings desc', label: 'Order: most findings' },
  { value: 'rotated asc', label: 'Order: oldest rotation' },
  { value: 'firstSeen desc', label: 'Order: newest first' },
  { value: 'team asc', label: 'Order: team' },
  { value: 'namespace asc', label: 'Order: namespace' },
  { value: 'state asc', label: 'Order: who answers' },
]

/** On narrow screens, where the column heads are out of sight. */
function SortChoice({ sort, order }: { sort: string; order: string }): ReactElement {
  const navigate = useNavigate({ from: '/identities' })
  const value = `${sort} ${order}`
  const data = SORTS.some((known) => known.value === value) ? SORTS : [{ value, label: `Order: ${sort}, ${order}` }, ...SORTS]
  return (
    <NativeSelect
      size="xs"
      aria-label="Order"
      className={css['sortChoice']}
      value={value}
      data={data}
      onChange={(event) => {
        const [by, way] = event.currentTarget.value.split(' ')
        // The values above are made of the API's own words.
        const next = { sort: by as NonNullable<IdentitiesSearch['sort']>, order: way as 'asc' | 'desc' }
        void navigate({ search: (old) => ({ ...old, ...next }) })
      }}
    />
  )
}

/** Types at once, asks after a pause, and follows the address when that changes by itself (back, a saved view). */
function SearchBox({ value, onChange }: { value: string; onChange(q: string): void }): ReactElement {
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(value)
  const asked = useRef(value)
  const ask = useDebouncedCallback((next: string) => {
    asked.current = next
    onChange(next)
  }, 180)
  useEffect(() => {
    if (value !== asked.current) {
      asked.current = value
      setText(value)
    }
  }, [value])
  useShortcuts({ '/': () => input.current?.select() })
  return (
    <TextInput
      ref={input}
      size="xs"
      className={css['searchBox']}
      type="search"
      aria-label="Search identities by name, namespace, team or reference"
      placeholder="Name, namespace, team, reference"
      leftSection={<IconSearch size={14} aria-hidden="true" />}
      maxLength={200}
      value={text}
      onKeyDown={leaveOnKey}
      onChange={(event) => {
        setText(event.currentTarget.value)
        ask(event.currentTarget.value.trim())
      }}
    />
  )
}

/** Escape and Enter leave the field for the rows and keep its words; the browser's own Escape would empty it. */
function leaveOnKey(event: KeyboardEvent<HTMLInputElement>): void {
  if (event.key !== 'Escape' && event.key !== 'Enter') return
  event.preventDefault()
  event.currentTarget.blur()
}

/** Typing replaces the history entry; choosing adds one, so that back undoes a choice and not a letter. */
function useSetFilter(): (key: FilterKey, value: string, replace?: boolean) => void {
  const navigate = useNavigate({ from: '/identities' })
  return (key, value, replace = false) =>
    void navigate({ search: (old) => ({ ...old, [key]: value === '' ? undefined : value }), replace })
}

function useEnvironments(current: string | undefined): Option[] {
  const overview = useQuery(read('overview', { query: {} }))
  const known = overview.data?.byEnvironment.map(({ environment }) => environment ?? 'none') ?? []
  const all = current === undefined || known.includes(current) ? known : [current, ...known]
  return all.map((value) => ({ value, label: value === 'none' ? 'Not known' : legible(value) }))
}

function useRules(current: string | undefined): Option[] {
  const rules = useQuery(read('listRules', { query: {} }))
  const known = rules.data?.items.filter((rule) => rule.fail > 0 && rule.about !== 'scope').map((rule) => ({ value: rule.id, label: legible(rule.title) })) ?? []
  return current === undefined || known.some((rule) => rule.value === current) ? known : [{ value: current, label: legible(current) }, ...known]
}
