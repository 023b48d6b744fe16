/** Finds the browser that the console's tests drive; installs Debian's package when the machine lets it. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import process from 'node:process'

/** The headless shell first: the same engine without the windows around it, in half the time. */
const PLACES = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
]

/** How to start Chromium so that it asks nobody anything and draws the same everywhere. */
export const CHROMIUM_ARGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--force-color-profile=srgb',
  // The sandbox refuses to start as root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

/**
 * Promises the path of a Chromium that exists: `ONUS_CHROMIUM`, else one of the usual places, else Debian's headless
 * shell, installed with apt-get when running as root. Throws with what to do when none of these works.
 */
export async function ensureChromium(): Promise<string> {
  const named = process.env['ONUS_CHROMIUM']
  if (named) {
    if (existsSync(named)) return named
    throw new Error(`ONUS_CHROMIUM names ${named}, which does not exist. Unset it or name a Chromium.`)
  }
  const found = PLACES.find((place) => existsSync(place))
  if (found) return found
  installFromDebian()
  const installed = PLACES.find((place) => existsSync(place))
  if (installed) return installed
  throw new Error('apt-get installed chromium, but it is in none of the usual places. Set ONUS_CHROMIUM to its path.')
}

function installFromDebian(): void {
  const advice = 'Install it (`apt-get install chromium`), or set ONUS_CHROMIUM to the path of one.'
  if (process.getuid?.() !== 0) throw new Error(`Chromium is missing, and only root may install it. ${advice}`)
  if (!existsSync('/usr/bin/apt-get'))
    throw new Error(`Chromium is missing, and this machine has no apt-get. ${advice}`)
  process.stderr.write('onus: installing Chromium from Debian (once) ...\n')
  if (!apt('update', '-qq')) throw new Error(`apt-get update failed; see the lines above. ${advice}`)
  // Older releases have only the whole browser.
  const isThere = ['chromium-headless-shell', 'chromium'].some((name) =>
    apt('install', '-y', '-qq', '--no-install-recommends', name),
  )
  if (!isThere) throw new Error(`apt-get install failed; see the lines above. ${advice}`)
}

function apt(...args: string[]): boolean {
  const { status } = spawnSync('/usr/bin/apt-get', args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  return status === 0
}
