import { Button, Checkbox, Modal, NativeSelect, Select, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { FormEvent, ReactElement } from 'react'
import { MAX_TOKEN_DAYS, TokenScope } from '@onus/core/contract/session-routes.ts'
import { write } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { queryClient } from '../../query-client.ts'
import { Note, ProblemNote } from '../../ui/answer.tsx'
import { CopyText } from '../../ui/evidence.tsx'
import { legible } from '../../ui/legible.ts'
import { TeamField } from '../changes/forms/fields.tsx'
import css from './tokens.module.css'

type Scope = Reply<'listTokens'>['items'][number]['scopes'][number]
const SCOPE_WORDS: Record<Scope, string> = {
  import: 'import: brings scan reports',
  read: 'read: reads what everybody reads',
  propose: 'propose: proposes changes, decides none',
  audit: 'audit: reads the whole ledger, with what people wrote',
  scim: 'scim: writes people and teams',
}
const DAYS = [30, 90, 180, 365, MAX_TOKEN_DAYS]

export function CreateDialog({ session, onClose }: { session: Reply<'session'>; onClose(): void }): ReactElement {
  const create = useMutation({ ...write('createToken'), onSuccess: () => queryClient.invalidateQueries({ queryKey: ['listTokens'] }) })
  return (
    <Modal opened onClose={onClose} size="lg" title={create.data ? 'The token is made' : 'Make a token'} closeButtonProps={{ 'aria-label': 'Close' }} closeOnClickOutside={!create.data}>
      {create.data ? <Made made={create.data} onClose={onClose} /> : <Form session={session} error={create.error} isBusy={create.isPending} onMake={(body) => create.mutate({ body })} onClose={onClose} />}
    </Modal>
  )
}

type Body = { purpose: string; team: string; scopes: Scope[]; days: number }
type FormProps = { session: Reply<'session'>; error: Error | null; isBusy: boolean; onMake(body: Body): void; onClose(): void }

function Form({ session, error, isBusy, onMake, onClose }: FormProps): ReactElement {
  const isOperator = session.powers.includes('operate')
  const [purpose, setPurpose] = useState('')
  const [team, setTeam] = useState<string | null>(session.teams[0]?.id ?? null)
  const [scopes, setScopes] = useState<Scope[]>(['import'])
  const [days, setDays] = useState(90)
  const isFilled = purpose.trim() !== '' && team !== null && scopes.length > 0
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (isFilled) onMake({ purpose: purpose.trim(), team, scopes, days })
  }
  const toggle = (scope: Scope): void => setScopes(scopes.includes(scope) ? scopes.filter((each) => each !== scope) : [...scopes, scope])
  return (
    <form onSubmit={submit} className="stack">
      <TextInput label="What for?" placeholder="The nightly scan of the pipeline" required maxLength={200} value={purpose} onChange={(event) => setPurpose(event.currentTarget.value)} />
      {isOperator ? (
        <TeamField label="The team that answers for it" value={team} onChange={setTeam} />
      ) : (
        <Select label="The team that answers for it" required data={session.teams.map(({ id, name }) => ({ value: id, label: legible(name) }))} value={team} onChange={setTeam} />
      )}
      <fieldset className={css['scopes']}>
        <legend className="small">What it may</legend>
        {TokenScope.options.map((scope) => (
          <Checkbox key={scope} size="sm" checked={scopes.includes(scope)} onChange={() => toggle(scope)} label={SCOPE_WORDS[scope]} />
        ))}
      </fieldset>
      <NativeSelect label="It ends after" description="None lives for ever" value={String(days)} data={DAYS.map((value) => ({ value: String(value), label: `${value} days` }))} onChange={(event) => setDays(Number(event.currentTarget.value))} />
      {error !== null && <ProblemNote error={error} />}
      <div className={css['buttons']}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" disabled={!isFilled} loading={isBusy}>
          Make it
        </Button>
      </div>
    </form>
  )
}

function Made({ made, onClose }: { made: Reply<'createToken'>; onClose(): void }): ReactElement {
  return (
    <div className="stack">
      <Note tone="warn">It is shown now and never again: Onus keeps only its fingerprint. Put it where your pipeline keeps secrets.</Note>
      <div className={css['secret']}>
        <code data-secret>{made.secret}</code>
        <CopyText text={made.secret} what="the token" />
      </div>
      <p className="small soft">It ends on {made.token.expiresAt.slice(0, 10)}.</p>
      <div className={css['buttons']}>
        <Button onClick={onClose}>I have it</Button>
      </div>
    </div>
  )
}
