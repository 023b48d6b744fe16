/** On every screen of those who can decide: the directory reported many people gone, and waits. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'

export function HeldNote({ className }: { className: string | undefined }): ReactElement | null {
  const holds = useQuery(read('listDirectoryHolds'))
  const open = holds.data?.items.find(({ state }) => state === 'open')
  if (open === undefined) return null
  return (
    <div role="status" className={className}>
      The directory was stopped: {open.reason}. <Link to="/directory/holds">Decide what happens</Link>
    </div>
  )
}
