/** One field for everything: screens, identities, teams, the theme. Opened by Ctrl-K or ⌘-K. */
import { useMantineColorScheme } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { createSpotlight, Spotlight } from '@mantine/spotlight'
import { IconArrowRight, IconHelp, IconKey, IconMoon, IconSearch, IconSun, IconUsersGroup, IconDeviceDesktop } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { read } from '../api.ts'
import { legible } from '../ui/legible.ts'
import { KIND_WORDS, STATE_WORDS } from '../ui/words.ts'
import css from './palette.module.css'

const [store, palette] = createSpotlight()

export function openPalette(): void {
  palette.open()
}

type Entry = { id: string; label: string; description?: string; icon: ReactNode; run(): void }

export function Palette({ onHelp, isOpenAtFirst }: { onHelp(): void; isOpenAtFirst: boolean }): ReactElement {
  const [query, setQuery] = useState('')
  const [asked] = useDebouncedValue(query.trim(), 120)
  useEffect(() => {
    if (isOpenAtFirst) palette.open()
  }, [isOpenAtFirst])
  const fixed = useFixedEntries(onHelp, query.trim().toLowerCase())
  const found = useFoundEntries(asked)
  return (
    // Emptied when it opens: when it closes, the library does so at the end of the fade, which may be after the next opening.
    <Spotlight.Root clearQueryOnClose={false} onSpotlightOpen={() => setQuery('')} store={store} query={query} onQueryChange={setQuery} shortcut="mod + K" scrollable maxHeight={420} tagsToIgnore={[]} title={<span className="visually-hidden">Search everything</span>} classNames={{ header: css['header'] ?? '' }}>
      <Spotlight.Search
        ref={takeFocus}
        placeholder="Go to a screen, an identity, a team …"
        aria-label="Search everything"
        leftSection={<IconSearch size={16} aria-hidden="true" />}
        // A screen that was on its way when it opened gives its heading the focus; what is typed must still arrive here.
        onBlur={({ currentTarget, relatedTarget }) => {
          const isTaken = relatedTarget instanceof Node && !currentTarget.closest('[role="dialog"]')?.contains(relatedTarget)
          if (isTaken && store.getState().opened) currentTarget.focus()
        }}
      />
      <Spotlight.ActionsList>
        <Group label="Identities" entries={found.identities} />
        <Group label="Teams" entries={found.teams} />
        <Group label="Go to" entries={fixed} />
        {fixed.length + found.identities.length + found.teams.length === 0 && (
          <Spotlight.Empty>{found.isAsking ? 'Searching …' : 'Nothing matches.'}</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

/**
 * The dialog does it a moment later, and what is typed meanwhile would be lost. Not within the commit: the dialog notes
 * in its effects where the focus was, to give it back.
 */
const takeFocus = (field: HTMLInputElement | null): void => queueMicrotask(() => field?.focus({ preventScroll: true }))

function Group({ label, entries }: { label: string; entries: Entry[] }): ReactElement | null {
  if (entries.length === 0) return null
  return (
    <Spotlight.ActionsGroup label={label}>
      {entries.map((entry) => (
        <Spotlight.Action
          key={entry.id}
          label={entry.label}
          {...(entry.description === undefined ? {} : { description: entry.description })}
          leftSection={entry.icon}
          onClick={entry.run}
        />
      ))}
    </Spotlight.ActionsGroup>
  )
}

function useFixedEntries(onHelp: () => void, query: string): Entry[] {
  const navigate = useNavigate()
  const { setColorScheme } = useMantineColorScheme()
  const go = <IconArrowRight size={16} />
  const entries: Entry[] = [
    { id: 'overview', label: 'Overview', description: 'what needs someone', icon: go, run: () => void navigate({ to: '/' }) },
    { id: 'identities', label: 'Identities', icon: go, run: () => void navigate({ to: '/identities' }) },
    { id: 'unowned', label: 'Identities that nobody answers for', icon: go, run: () => void navigate({ to: '/identities', search: { state: 'unowned' } }) },
    { id: 'split', label: 'Identities whose ownership is split', icon: go, run: () => void navigate({ to: '/identities', search: { state: 'split' } }) },
    { id: 'findings', label: 'Findings', description: 'by rule', icon: go, run: () => void navigate({ to: '/findings' }) },
    { id: 'findings-team', label: 'Findings by team', icon: go, run: () => void navigate({ to: '/findings', search: { by: 'team' } }) },
    { id: 'teams', label: 'Teams', icon: go, run: () => void navigate({ to: '/teams' }) },
    { id: 'sources', label: 'Sources', description: 'coverage, freshness, unread files', icon: go, run: () => void navigate({ to: '/sources' }) },
    { id: 'add', label: 'Add a source', description: 'scan or upload', icon: go, run: () => void navigate({ to: '/add' }) },
    { id: 'queue', label: 'My queue', description: 'what needs a decision of mine', icon: go, run: () => void navigate({ to: '/queue' }) },
    { id: 'changes', label: 'Changes', description: 'what is proposed', icon: go, run: () => void navigate({ to: '/changes' }) },
    { id: 'propose', label: 'Propose a change', icon: go, run: () => void navigate({ to: '/changes/new' }) },
    { id: 'guardrails', label: 'Guardrails', icon: go, run: () => void navigate({ to: '/guardrails' }) },
    { id: 'exceptions', label: 'Exceptions', description: 'by end date', icon: go, run: () => void navigate({ to: '/exceptions' }) },
    { id: 'ledger', label: 'Ledger', description: 'every decision', icon: go, run: () => void navigate({ to: '/ledger' }) },
    { id: 'verify', label: 'Verify the ledger', icon: go, run: () => void navigate({ to: '/ledger/verify' }) },
    { id: 'tokens', label: 'Tokens', description: 'of automation', icon: go, run: () => void navigate({ to: '/tokens' }) },
    { id: 'powers', label: 'Powers', description: 'who operates, guards, answers and audits; the rules', icon: go, run: () => void navigate({ to: '/powers' }) },
    { id: 'light', label: 'Theme: light', icon: <IconSun size={16} />, run: () => setColorScheme('light') },
    { id: 'dark', label: 'Theme: dark', icon: <IconMoon size={16} />, run: () => setColorScheme('dark') },
    { id: 'auto', label: 'Theme: as the system', icon: <IconDeviceDesktop size={16} />, run: () => setColorScheme('auto') },
    { id: 'help', label: 'Help and shortcuts', icon: <IconHelp size={16} />, run: onHelp },
  ]
  return entries.filter((entry) => `${entry.label} ${entry.description ?? ''}`.toLowerCase().includes(query))
}

function useFoundEntries(asked: string): { identities: Entry[]; teams: Entry[]; isAsking: boolean } {
  const navigate = useNavigate()
  const enabled = asked.length >= 2
  const identities = useQuery({ ...read('listIdentities', { query: { q: asked, limit: 7 } }), enabled, placeholderData: keepPreviousData })
  const teams = useQuery({ ...read('listTeams', { query: { q: asked, limit: 4 } }), enabled, placeholderData: keepPreviousData })
  // Answers to fewer letters stay while the next are on their way, but only those that the letters still fit.
  const fits = (entry: Entry): boolean => `${entry.label} ${entry.description ?? ''}`.toLowerCase().includes(asked.toLowerCase())
  return {
    isAsking: identities.isFetching || teams.isFetching,
    identities: (enabled ? (identities.data?.items ?? []) : []).map((row) => ({
      id: row.id,
      label: legible(row.name),
      description: legible([STATE_WORDS[row.state].word, KIND_WORDS[row.kind], row.namespace, row.environment].filter(Boolean).join(' · ')),
      icon: <IconKey size={16} />,
      run: () => void navigate({ to: '/identities/$id', params: { id: row.id } }),
    })).filter((entry) => !identities.isPlaceholderData || fits(entry)),
    teams: (enabled ? (teams.data?.items ?? []) : []).map((team) => ({
      id: team.id,
      label: legible(team.name),
      description: `answers for ${team.identities}`,
      icon: <IconUsersGroup size={16} />,
      run: () => void navigate({ to: '/teams/$id', params: { id: team.id } }),
    })).filter((entry) => !teams.isPlaceholderData || fits(entry)),
  }
}
