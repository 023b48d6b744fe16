import { Button, Modal, Select, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { FormEvent, ReactElement } from 'react'
import { read } from '../api.ts'
import { FoundText } from '../ui/found-text.tsx'
import type { Chosen, Decision } from './pending.ts'
import css from './decisions.module.css'

type Named = { id: string; name: string }
type Props = { team: Named; chosen: Chosen; about: string; count: number; onClose(): void; onDecided(decision: Decision): void }

/** The team's no: with a reason, and the team that answers instead, as far as one knows. */
export function RefuseDialog({ team, chosen, about, count, onClose, onDecided }: Props): ReactElement {
  const [reason, setReason] = useState('')
  const [suggested, setSuggested] = useState<string | null>(null)
  const [asked, setAsked] = useState('')
  const teams = useQuery(read('listDirectoryTeams', { query: { limit: 50, ...(asked === '' ? {} : { q: asked }) } }))
  const options = (teams.data?.items ?? []).filter(({ id }) => id !== team.id).map(({ id, name }) => ({ value: id, label: name }))
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (reason.trim().length < 3) return
    onDecided({ kind: 'refuse', team, about, count, ask: { team: team.id, chosen, reason: reason.trim(), suggested } })
  }
  return (
    <Modal opened onClose={onClose} closeButtonProps={{ 'aria-label': 'Close' }} title={<>Not ours: {about}</>} size="lg">
      <form onSubmit={submit} className="stack">
        <p className="soft">
          The sources go on naming <FoundText>{team.name}</FoundText>, and everyone sees that it refused. Nobody answers
          for these until a team accepts.
        </p>
        <Textarea label="Why not?" required minLength={3} maxLength={2_000} autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        <Select label="Whose is it? (optional)" description="The team is asked next" placeholder="Not known" data={options} value={suggested} onChange={setSuggested} searchable clearable onSearchChange={setAsked} nothingFoundMessage="No team of that name is here" />
        <div className={css['buttons']}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={reason.trim().length < 3}>
            Refuse
          </Button>
        </div>
      </form>
    </Modal>
  )
}
