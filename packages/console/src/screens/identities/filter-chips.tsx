import { Button } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import { legible } from '../../ui/legible.ts'
import { useTeamName } from '../../ui/team-name.ts'
import { KIND_WORDS, STATE_WORDS } from '../../ui/words.ts'
import { FILTER_KEYS } from './search.ts'
import type { FilterKey, IdentitiesSearch } from './search.ts'
import css from './identities.module.css'

const LABELS: Record<FilterKey, string> = {
  q: 'search', state: 'answers', team: 'team', kind: 'kind', environment: 'environment', namespace: 'namespace',
  source: 'source', rule: 'rule', severity: 'findings', presence: 'presence',
}

/** The filters in force, each taken away by its button. */
export function FilterChips({ search }: { search: IdentitiesSearch }): ReactElement | null {
  const navigate = useNavigate({ from: '/identities' })
  const words = useWords(search)
  const active = FILTER_KEYS.filter((key) => search[key] !== undefined)
  if (active.length === 0) return null
  const clear = (keys: readonly FilterKey[]): void => {
    const gone = Object.fromEntries(keys.map((key) => [key, undefined]))
    void navigate({ search: (old) => ({ ...old, ...gone }) })
  }
  return (
    <ul className={css['chips']} aria-label="Filters in force">
      {active.map((key) => (
        <li key={key}>
          <button type="button" className={css['chip']} onClick={() => clear([key])} aria-label={`Remove filter ${LABELS[key]}: ${words(key)}`}>
            <span className="faint">{LABELS[key]}</span> <bdi>{words(key)}</bdi> <IconX size={12} aria-hidden="true" />
          </button>
        </li>
      ))}
      {active.length > 1 && (
        <li>
          <Button size="compact-xs" variant="subtle" onClick={() => clear(FILTER_KEYS)}>
            Clear all
          </Button>
        </li>
      )}
    </ul>
  )
}

function useWords(search: IdentitiesSearch): (key: FilterKey) => string {
  const team = useTeamName(search.team)
  const rules = useQuery(read('listRules', { query: {} }))
  const rule = rules.data?.items.find((known) => known.id === search.rule)?.title
  return (key) => {
    const value = search[key]
    if (value === undefined) return ''
    if (key === 'team') return team
    if (key === 'rule' && rule !== undefined) return legible(rule)
    if (key === 'state' && search.state) return STATE_WORDS[search.state].word.toLowerCase()
    if (key === 'kind' && search.kind) return KIND_WORDS[search.kind]
    if (key === 'severity' && value !== 'critical') return `${value} or worse`
    if (key === 'environment' && value === 'none') return 'not known'
    if (key === 'presence') return value === 'all' ? 'present and vanished' : 'vanished only'
    return legible(value)
  }
}
