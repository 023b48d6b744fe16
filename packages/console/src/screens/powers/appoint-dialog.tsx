import { Button, Modal, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { FormEvent, ReactElement } from 'react'
import { write } from '../../api.ts'
import { queryClient } from '../../query-client.ts'
import { ProblemNote } from '../../ui/answer.tsx'
import { HolderField } from '../changes/forms/fields.tsx'
import css from './powers.module.css'

export type Appointed = 'guard' | 'audit'

/** The one decision that a single person takes alone, because there is nobody yet who could share it. Never for oneself. */
export function AppointDialog({ power, onClose }: { power: Appointed; onClose(): void }): ReactElement {
  const appoint = useMutation({
    ...write('appointFirst'),
    onSuccess: async () => {
      await queryClient.invalidateQueries()
      onClose()
    },
  })
  const [isTeam, setTeam] = useState(true)
  const [id, setId] = useState<string | null>(null)
  const [reason, setReason] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (id !== null && reason.trim().length >= 3) appoint.mutate({ body: { power, holder: isTeam ? { team: id } : { person: id }, reason: reason.trim() } })
  }
  return (
    <Modal opened onClose={onClose} title={power === 'guard' ? 'Who is to guard?' : 'Who is to audit?'} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit} className="stack">
        <p className="soft">You decide this alone, once, and not for yourself. From then on the power is given and ended by changes that security approves.</p>
        <HolderField
          isTeam={isTeam}
          id={id}
          onChange={(toTeam, chosen) => {
            setTeam(toTeam)
            setId(chosen)
          }}
        />
        <Textarea label="Why?" description="Kept in the ledger" required minLength={3} maxLength={2_000} autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        {appoint.error !== null && <ProblemNote error={appoint.error} />}
        <div className={css['buttons']}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={id === null || reason.trim().length < 3} loading={appoint.isPending}>
            Appoint
          </Button>
        </div>
      </form>
    </Modal>
  )
}
