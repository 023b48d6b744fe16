/** Looking around the example company as one of its people. */
import { NativeSelect } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import type { Persona } from '@onus/core/contract/session-routes.ts'
import { write } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { queryClient } from '../../query-client.ts'
import { startOf } from '../../shell/role.ts'
import { FoundText } from '../../ui/found-text.tsx'
import css from './personas.module.css'

const PERSONA_WORDS: Record<Persona, string> = {
  owner: 'a service owner',
  platform: 'a platform engineer',
  security: 'a security engineer',
  auditor: 'an auditor',
}

/** Nothing where there are no personas, which is wherever real things are. */
export function Personas({ session }: { session: Reply<'session'> }): ReactElement | null {
  const navigate = useNavigate()
  const take = useMutation({
    ...write('takePersona'),
    onSuccess: async (session) => {
      await navigate({ to: startOf(session) })
      // Nothing that one person saw stays for the next.
      await queryClient.resetQueries()
    },
  })
  if (session.personas.length === 0) return null
  return (
    <span className={css['personas']}>
      <label htmlFor="persona">Look around as</label>
      <NativeSelect
        id="persona"
        size="xs"
        value={session.persona ?? ''}
        disabled={take.isPending}
        onChange={({ currentTarget }) => {
          const persona = session.personas.find((each) => each === currentTarget.value) ?? null
          take.mutate({ body: { persona } })
        }}
        data={[{ value: '', label: 'yourself, the administrator' }, ...session.personas.map((persona) => ({ value: persona, label: PERSONA_WORDS[persona] }))]}
      />
      {session.persona !== null && <span>
          You are <FoundText>{session.name}</FoundText>.
        </span>}
      {take.error !== null && <span role="alert">That did not work: {take.error.message}</span>}
    </span>
  )
}
