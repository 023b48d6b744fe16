import type { ReactElement } from 'react'
import { FoundText } from './found-text.tsx'

/** The address when it is plain http(s), else null. Everything else (`javascript:`, `data:`, addresses with a password) is text. */
export function webAddress(text: string): string | null {
  if (!/^https?:\/\//i.test(text)) return null
  try {
    const url = new URL(text)
    const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
    return isWeb && url.username === '' && url.password === '' ? url.href : null
  } catch {
    return null
  }
}

/** The one way out of the console: a discovered address becomes a link only when it is http(s), else it stays text. */
export function SafeLink({ to }: { to: string }): ReactElement {
  const address = webAddress(to)
  if (address === null) return <FoundText>{to}</FoundText>
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow">
      <FoundText>{to}</FoundText>
    </a>
  )
}
