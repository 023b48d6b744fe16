/** The frame around every screen: rail, search, theme, help. On narrow screens the rail becomes a drawer. */
import { ActionIcon, Drawer } from '@mantine/core'
import { useDisclosure, useHotkeys } from '@mantine/hooks'
import { IconMenu2, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import type { MouseEvent, ReactElement } from 'react'
import { read } from '../api.ts'
import { HeldNote } from '../screens/directory/held-note.tsx'
import { Personas } from '../screens/sign-in/personas.tsx'
import { useShortcuts } from '../ui/shortcuts.ts'
import { HelpDialog } from './help-dialog.tsx'
import { Mark } from './mark.tsx'
import { Rail } from './rail.tsx'
import css from './shell.module.css'

const Palette = lazy(() => import('./palette.tsx').then((module) => ({ default: module.Palette })))

export function Shell(): ReactElement {
  const [isMenuOpen, menu] = useDisclosure(false)
  const [isHelpOpen, help] = useDisclosure(false)
  const palette = usePalette()
  const path = useLocation({ select: (location) => location.pathname })
  const session = useQuery(read('session'))
  useEffect(() => menu.close(), [path, menu.close])
  useGoto()
  useShortcuts({ '?': help.open })
  const rail = <Rail session={session.data} onSearch={palette.open} onHelp={help.open} />
  return (
    <div className={css['shell']}>
      <a href="#main" className={css['skip']} onClick={skipToMain}>
        Skip to content
      </a>
      <nav className={css['top']} aria-label="Top">
        <ActionIcon variant="subtle" color="gray" size={36} onClick={menu.open} aria-label="Menu" aria-expanded={isMenuOpen}>
          <IconMenu2 size={20} />
        </ActionIcon>
        <Link to="/" className={css['brand']} aria-label="Onus, overview">
          <Mark /> Onus
        </Link>
        <ActionIcon variant="subtle" color="gray" size={36} onClick={palette.open} aria-label="Search everything">
          <IconSearch size={18} />
        </ActionIcon>
      </nav>
      <div className={css['side']}>{rail}</div>
      <Drawer opened={isMenuOpen} onClose={menu.close} size="16rem" title="Menu" closeButtonProps={{ 'aria-label': 'Close menu' }}>
        {rail}
      </Drawer>
      <main id="main" tabIndex={-1} className={css['main']}>
        {session.data?.isExampleLoaded && (
          <div className={css['example']}>
            Example company: everything here is made up.
            <Personas session={session.data} />
          </div>
        )}
        {session.data?.powers.includes('operate') && <HeldNote className={css['example']} />}
        <Outlet />
      </main>
      <HelpDialog isOpen={isHelpOpen} onClose={help.close} />
      {palette.isWanted && (
        <Suspense>
          <Palette onHelp={help.open} isOpenAtFirst />
        </Suspense>
      )}
    </div>
  )
}

/** Moves the keyboard without leaving `#main` in the address, which holds the state of the screen. */
function skipToMain(event: MouseEvent): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

/** The palette is fetched when it is first asked for; from then on it listens to its own keys. */
function usePalette(): { isWanted: boolean; open(): void } {
  const [isWanted, setWanted] = useState(false)
  const open = (): void => {
    if (!isWanted) setWanted(true)
    else void import('./palette.tsx').then((module) => module.openPalette())
  }
  useHotkeys([['mod+K', () => (isWanted ? undefined : open()), { preventDefault: true }]], [])
  return { isWanted, open }
}

function useGoto(): void {
  const navigate = useNavigate()
  useShortcuts({
    'g o': () => void navigate({ to: '/' }),
    'g i': () => void navigate({ to: '/identities' }),
    'g f': () => void navigate({ to: '/findings' }),
    'g t': () => void navigate({ to: '/teams' }),
    'g s': () => void navigate({ to: '/sources' }),
    'g q': () => void navigate({ to: '/queue' }),
    'g c': () => void navigate({ to: '/changes' }),
    'g l': () => void navigate({ to: '/ledger' }),
  })
}
