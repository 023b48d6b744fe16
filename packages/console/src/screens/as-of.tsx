import { Button, Popover, TextInput } from '@mantine/core'
import { IconClock } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { Note } from '../ui/answer.tsx'

/** Asks the same question for another date. The date is in the URL, so an answer of the past can be sent to someone. */
export function AsOfControl({ from, asOf }: { from: '/' | '/identities'; asOf: string | undefined }): ReactElement {
  const navigate = useNavigate()
  const set = (date: string): void => {
    void navigate({ to: from, search: (old: object) => ({ ...old, asOf: date === '' ? undefined : date }) })
  }
  return (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" size="xs" leftSection={<IconClock size={14} />}>
          {asOf === undefined ? 'As of now' : `As of ${asOf.slice(0, 10)}`}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="As of">
        <TextInput
          type="date"
          label="As it was at the end of"
          size="xs"
          value={asOf?.slice(0, 10) ?? ''}
          max={new Date().toISOString().slice(0, 10)}
          onChange={(event) => set(event.currentTarget.value)}
        />
      </Popover.Dropdown>
    </Popover>
  )
}

/** Said on every screen that shows the past, with the way back. */
export function AsOfNote({ asOf }: { asOf: string }): ReactElement {
  const navigate = useNavigate()
  return (
    <Note tone="warn">
      <span>
        This is the registry as it was at the end of <strong>{asOf.slice(0, 10)}</strong> (UTC), not as it is now.
      </span>
      <Button
        size="compact-xs"
        variant="default"
        onClick={() => void navigate({ to: '.', search: (old: object) => ({ ...old, asOf: undefined }) })}
      >
        Back to now
      </Button>
    </Note>
  )
}
