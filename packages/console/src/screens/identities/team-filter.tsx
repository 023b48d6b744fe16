import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import { legible } from '../../ui/legible.ts'
import { useTeamName } from '../../ui/team-name.ts'
import css from './identities.module.css'

/** A company may have thousands of teams: the list is what the server finds for the letters typed so far. */
export function TeamFilter({ value, onChange }: { value: string | undefined; onChange(team: string): void }): ReactElement {
  const [typed, setTyped] = useState('')
  const [asked] = useDebouncedValue(typed, 150)
  const name = useTeamName(value)
  const isOwnLabel = asked === name || asked === ''
  const teams = useQuery({
    ...read('listTeams', { query: { limit: 50, ...(isOwnLabel ? {} : { q: asked }) } }),
    placeholderData: keepPreviousData,
  })
  const found = (teams.data?.items ?? []).map((team) => ({ value: team.id, label: legible(team.name) }))
  const fixed = [{ value: 'none', label: 'no team' }]
  const current = value === undefined || [...fixed, ...found].some((option) => option.value === value) ? [] : [{ value, label: name }]
  return (
    <Select
      size="xs"
      className={css['select']}
      data-on={value !== undefined}
      aria-label="Team"
      placeholder="Team: any"
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'Any team' }}
      nothingFoundMessage="no such team"
      data={[...fixed, ...current, ...found]}
      // The server has already filtered.
      filter={({ options }) => options}
      value={value ?? null}
      onChange={(team) => onChange(team ?? '')}
      onSearchChange={setTyped}
    />
  )
}
