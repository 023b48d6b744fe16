import { useState } from 'react'
import type { Change } from '../../changes/words.ts'

export type Seen = { seen: Change; isEdited: boolean; look(): void }

/**
 * The change as the reader has read it, and whether it says something else by now. A decision goes out with the digest
 * of what was read, so an answer that arrives in the background never changes what one is about to approve.
 */
export function useSeen(change: Change): Seen {
  const [seen, setSeen] = useState(change)
  const isEdited = seen.digest !== change.digest
  // Of the same content the newest answer counts: names and approvals may differ.
  return { seen: isEdited ? seen : change, isEdited, look: () => setSeen(change) }
}
