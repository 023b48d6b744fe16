/** Single-key shortcuts. They can be switched off (WCAG 2.1.4): speech input types letters that nobody meant as keys. */
import { useEffect, useRef } from 'react'
import { useLocalStorage } from '@mantine/hooks'

const STORED_AS = 'onus-single-key-shortcuts'

export function useSingleKeys(): [isOn: boolean, set: (isOn: boolean) => void] {
  const [isOn, set] = useLocalStorage({ key: STORED_AS, defaultValue: true, getInitialValueInEffect: false })
  return [isOn, set]
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

/** True while a dialog or a menu has the keyboard. */
function isOverlaid(): boolean {
  // Closed ones may stay in the page, hidden.
  const overlays = document.querySelectorAll('[role="dialog"], [role="menu"], [role="listbox"]')
  return [...overlays].some((overlay) => overlay.checkVisibility())
}

/**
 * Runs `keys[key]` when that key is pressed alone, outside of fields and dialogs. Two-key chords are written `g i`.
 * Keys are compared as typed, so `?` means whatever the keyboard needs for it.
 */
export function useShortcuts(keys: Record<string, () => void>): void {
  const [isOn] = useSingleKeys()
  const latest = useRef(keys)
  latest.current = keys
  useEffect(() => {
    if (!isOn) return undefined
    let first = ''
    let firstAt = 0
    const onKey = (event: KeyboardEvent): void => {
      if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return
      if (isTyping(event.target) || isOverlaid()) return
      const chord = event.timeStamp - firstAt < CHORD_MS ? `${first} ${event.key}` : ''
      const run = latest.current[chord] ?? latest.current[event.key]
      first = event.key
      firstAt = event.timeStamp
      if (!run) return
      event.preventDefault()
      run()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [isOn])
}

/** Long enough for two unhurried key presses, short enough that a forgotten `g` does not change a later key. */
const CHORD_MS = 1_200
