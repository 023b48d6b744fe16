import { ActionIcon, Kbd, useMantineColorScheme } from '@mantine/core'
import type { MantineColorScheme } from '@mantine/core'
import {
  IconAlertTriangle, IconBook2, IconClockPause, IconDatabaseImport, IconDeviceDesktop, IconGitPullRequest, IconHelp, IconInbox, IconKey,
  IconLayoutList, IconLogout, IconMoon, IconScale, IconSearch, IconShieldCheck, IconSun, IconUsersGroup,
} from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read, write } from '../api.ts'
import type { Reply } from '../api.ts'
import { queryClient } from '../query-client.ts'
import { count } from '../ui/count.ts'
import { FoundText } from '../ui/found-text.tsx'
import { Mark } from './mark.tsx'
import { roleWords } from './role.ts'
import css from './rail.module.css'

type Props = { session: Reply<'session'> | undefined; onSearch(): void; onHelp(): void }

export function Rail({ session, onSearch, onHelp }: Props): ReactElement {
  return (
    <nav aria-label="Main" className={css['rail']}>
      <Link to="/" className={css['brand']}>
        <Mark /> Onus
      </Link>
      <button type="button" className={css['search']} onClick={onSearch}>
        <IconSearch size={14} aria-hidden="true" />
        <span>Search</span>
        <Kbd size="xs">{isApple ? '⌘' : 'Ctrl'} K</Kbd>
      </button>
      <Places />
      <div className={css['foot']}>
        <div className={css['tools']}>
          <ThemeButton />
          <ActionIcon variant="subtle" color="gray" size={30} onClick={onHelp} aria-label="Help and shortcuts" title="Help and shortcuts (?)">
            <IconHelp size={17} />
          </ActionIcon>
          <SignOutButton />
        </div>
        <p className={css['who']}>
          {session ? (
            <Link to="/account">
              <FoundText>{session.name}</FoundText>
            </Link>
          ) : (
            ' '
          )}
          <br />
          {session ? roleWords(session) : ' '}
          <br />
          {session ? `version ${session.version}` : ' '}
        </p>
      </div>
    </nav>
  )
}

/** What there is to know, and beneath it what is decided. */
function Places(): ReactElement {
  const overview = useQuery(read('overview', { query: {} }))
  const queue = useQuery(read('queue'))
  const waiting = useQuery(read('listChanges', { query: { awaiting: 'me' } }))
  const findings = overview.data?.needs.reduce((sum, need) => sum + need.count, 0)
  return (
    <>
      <div className={css['nav']}>
        <Link to="/queue" className={css['item']}>
          <IconInbox size={16} aria-hidden="true" /> My queue
          <Tally value={queue.data && queue.data.items.length + (waiting.data?.total ?? 0)} />
        </Link>
        <Link to="/" activeOptions={{ exact: true, includeSearch: false }} className={css['item']}>
          <IconLayoutList size={16} aria-hidden="true" /> Overview
        </Link>
        <Link to="/identities" activeOptions={{ includeSearch: false }} className={css['item']}>
          <IconKey size={16} aria-hidden="true" /> Identities
          <Tally value={overview.data?.identities} />
        </Link>
        <Link to="/findings" activeOptions={{ includeSearch: false }} className={css['item']}>
          <IconAlertTriangle size={16} aria-hidden="true" /> Findings
          <Tally value={findings} />
        </Link>
        <Link to="/teams" activeOptions={{ includeSearch: false }} className={css['item']}>
          <IconUsersGroup size={16} aria-hidden="true" /> Teams
        </Link>
        <Link to="/sources" activeOptions={{ includeSearch: false }} className={css['item']}>
          <IconDatabaseImport size={16} aria-hidden="true" /> Sources
          <Tally value={overview.data?.sources} />
        </Link>
      </div>
      <div className={css['nav']}>
        <Link to="/changes" activeOptions={{ includeSearch: false }} className={css['item']}>
          <IconGitPullRequest size={16} aria-hidden="true" /> Changes
        </Link>
        <Link to="/guardrails" className={css['item']}>
          <IconShieldCheck size={16} aria-hidden="true" /> Guardrails
        </Link>
        <Link to="/exceptions" activeOptions={{ includeSearch: false }} className={css['item']}>
          <IconClockPause size={16} aria-hidden="true" /> Exceptions
        </Link>
        <Link to="/powers" className={css['item']}>
          <IconScale size={16} aria-hidden="true" /> Powers
        </Link>
        <Link to="/ledger" activeOptions={{ includeSearch: false }} className={css['item']}>
          <IconBook2 size={16} aria-hidden="true" /> Ledger
        </Link>
      </div>
    </>
  )
}

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent)

function Tally({ value }: { value: number | undefined }): ReactElement | null {
  return value === undefined || value === 0 ? null : <span className={css['tally']}>{count(value)}</span>
}

const SCHEMES: MantineColorScheme[] = ['auto', 'light', 'dark']
const SCHEME_WORDS: Record<MantineColorScheme, string> = { auto: 'as the system', light: 'light', dark: 'dark' }

function ThemeButton(): ReactElement {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const next = SCHEMES[(SCHEMES.indexOf(colorScheme) + 1) % SCHEMES.length] ?? 'auto'
  const label = `Theme: ${SCHEME_WORDS[colorScheme]}. Change to ${SCHEME_WORDS[next]}`
  const Icon = colorScheme === 'auto' ? IconDeviceDesktop : colorScheme === 'light' ? IconSun : IconMoon
  return (
    <ActionIcon variant="subtle" color="gray" size={30} onClick={() => setColorScheme(next)} aria-label={label} title={label}>
      <Icon size={17} />
    </ActionIcon>
  )
}

function SignOutButton(): ReactElement {
  const navigate = useNavigate()
  const signOut = useMutation({
    ...write('signOut'),
    onSuccess: async () => {
      queryClient.clear()
      await navigate({ to: '/sign-in' })
    },
  })
  return (
    <ActionIcon variant="subtle" color="gray" size={30} loading={signOut.isPending} onClick={() => signOut.mutate({})} aria-label="Sign out" title="Sign out">
      <IconLogout size={17} />
    </ActionIcon>
  )
}
