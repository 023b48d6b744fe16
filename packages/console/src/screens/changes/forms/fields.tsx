/** Fields that several forms share: an identity, a person, a team, whoever holds a power, a day. */
import { SegmentedControl, Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { read } from '../../../api.ts'
import { legible } from '../../../ui/legible.ts'

type PickProps = { label: string; description?: string; value: string | null; onChange(id: string | null): void; isRequired?: boolean }
type Option = { value: string; label: string }

const FOUND = 30
const PAUSE_MS = 150

function Pick({ options, onSearch, ...props }: PickProps & { options: Option[]; onSearch(text: string): void }): ReactElement {
  const { label, description, value, onChange, isRequired = true } = props
  return (
    <Select
      label={label}
      {...(description === undefined ? {} : { description })}
      data={options}
      value={value}
      onChange={onChange}
      onSearchChange={onSearch}
      // The server has searched; what it found for the last letters is shown until it has found for the next.
      filter={({ options: all }) => all}
      searchable
      clearable
      required={isRequired}
      placeholder="Type a part of its name"
      nothingFoundMessage="Nothing of that name is here"
    />
  )
}

/** The chosen one stays among the options, whatever is searched for. */
const withChosen = (options: Option[], chosen: Option | null): Option[] => (chosen === null || options.some(({ value }) => value === chosen.value) ? options : [chosen, ...options])

export function IdentityField(props: PickProps): ReactElement {
  const [typed, setTyped] = useState('')
  const [q] = useDebouncedValue(typed, PAUSE_MS)
  const chosen = useQuery({ ...read('identity', { params: { id: props.value ?? '' } }), enabled: props.value !== null })
  const chosenName = chosen.data ? legible(chosen.data.identity.name) : (props.value ?? '')
  const isSearched = q.trim() !== '' && q !== chosenName
  const found = useQuery({ ...read('listIdentities', { query: { limit: FOUND, ...(isSearched ? { q } : {}) } }), placeholderData: keepPreviousData })
  const options = (found.data?.items ?? []).map((row) => ({ value: row.id, label: legible([row.name, row.namespace, row.environment].filter(Boolean).join(' · ')) }))
  return <Pick {...props} options={withChosen(options.filter(({ value }) => value !== props.value), props.value === null ? null : { value: props.value, label: chosenName })} onSearch={setTyped} />
}

export function PersonField(props: PickProps): ReactElement {
  return <FoundField {...props} useFound={usePeople} />
}

/** A team that exists, so that it can answer. */
export function TeamField(props: PickProps): ReactElement {
  return <FoundField {...props} useFound={useTeams} />
}

type UseFound = (part: { q?: string }) => Option[]

const usePeople: UseFound = (part) =>
  (useQuery({ ...read('listPeople', { query: { limit: FOUND, ...part } }), placeholderData: keepPreviousData }).data?.items ?? []).map((person) => ({ value: person.id, label: legible(person.displayName) }))

const useTeams: UseFound = (part) =>
  (useQuery({ ...read('listDirectoryTeams', { query: { limit: FOUND, ...part } }), placeholderData: keepPreviousData }).data?.items ?? []).map((team) => ({ value: team.id, label: legible(team.name) }))

/** Searches while one types; what was chosen stays in the list, whatever is searched for. */
function FoundField({ useFound, ...props }: PickProps & { useFound: UseFound }): ReactElement {
  const [typed, setTyped] = useState('')
  const [q] = useDebouncedValue(typed, PAUSE_MS)
  const [chosen, setChosen] = useState<Option | null>(null)
  const isSearched = q.trim() !== '' && q !== chosen?.label
  const options = useFound(isSearched ? { q } : {})
  const all = withChosen(options, props.value === null ? null : (chosen ?? { value: props.value, label: props.value }))
  return (
    <Pick
      {...props}
      options={all}
      onSearch={setTyped}
      onChange={(id) => {
        setChosen(all.find(({ value }) => value === id) ?? null)
        props.onChange(id)
      }}
    />
  )
}

type HolderProps = { isTeam: boolean; id: string | null; onChange(isTeam: boolean, id: string | null): void }

/** Who holds a power: a team or a person. Whoever changes the kind chooses anew. */
export function HolderField({ isTeam, id, onChange }: HolderProps): ReactElement {
  return (
    <>
      <SegmentedControl
        aria-label="Who holds it"
        value={isTeam ? 'team' : 'person'}
        onChange={(value) => onChange(value === 'team', null)}
        data={[
          { value: 'team', label: 'A team' },
          { value: 'person', label: 'A person' },
        ]}
      />
      {isTeam ? <TeamField label="Team" value={id} onChange={(team) => onChange(true, team)} /> : <PersonField label="Person" value={id} onChange={(person) => onChange(false, person)} />}
    </>
  )
}

const DAY_MS = 86_400_000
/** `2026-12-31`, that many days from now. */
export const dayFromNow = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10)
/** The end of a day in UTC, as the API takes it. */
export const endOf = (day: string): string => `${day}T23:59:59.000Z`

type DayProps = { label: string; description?: string; value: string; onChange(day: string): void; most?: number; isRequired?: boolean }

/** A day from tomorrow on, `most` days ahead at the latest; it counts to its end, in UTC. */
export function DayField({ label, description, value, onChange, most, isRequired = true }: DayProps): ReactElement {
  return (
    <TextInput
      type="date"
      label={label}
      {...(description === undefined ? {} : { description })}
      required={isRequired}
      min={dayFromNow(0)}
      {...(most === undefined ? {} : { max: dayFromNow(most) })}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

/** True for what a date field holds when it is filled. */
export const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text)
