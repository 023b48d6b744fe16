import type { ReactElement } from 'react'
import { FoundText } from './found-text.tsx'
import { webAddress } from './web-address.ts'

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
