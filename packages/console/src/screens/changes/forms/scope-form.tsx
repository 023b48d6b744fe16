import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ReactElement } from 'react'
import type { ContentOf } from '@onus/core/change/content.ts'
import { GRANT_LEVELS } from '@onus/core/identity.ts'
import type { GrantLevel } from '@onus/core/identity.ts'
import { read } from '../../../api.ts'
import { FoundText } from '../../../ui/found-text.tsx'
import css from '../changes.module.css'
import { useTold } from './content-form.tsx'
import type { FormProps } from './content-form.tsx'
import { DayField, IdentityField, dayFromNow, endOf, isDay } from './fields.tsx'

type Wish = { permission: string; resource: string; environment: string; level: GrantLevel; until: string }
type Key = ContentOf<'scope'>['remove'][number]

const keyOf = ({ permission, resource, environment }: Key): string => JSON.stringify([permission, resource, environment])
const isComplete = (wish: Wish): boolean => wish.permission.trim() !== '' && wish.resource.trim() !== '' && (wish.until === '' || isDay(wish.until))
const wanted = (wish: Wish): ContentOf<'scope'>['add'][number] => ({
  permission: wish.permission.trim(),
  resource: wish.resource.trim(),
  environment: wish.environment.trim() || null,
  level: wish.level,
  until: wish.until === '' ? null : endOf(wish.until),
})
const emptyWish = (): Wish => ({ permission: '', resource: '', environment: '', level: 'read', until: dayFromNow(90) })

export function ScopeForm({ search, initial, onContent }: FormProps<'scope'>): ReactElement {
  const [identity, setIdentity] = useState<string | null>(initial?.identity ?? search.identity ?? null)
  const [add, setAdd] = useState<Wish[]>(initial ? initial.add.map((each) => ({ ...each, environment: each.environment ?? '', until: each.until?.slice(0, 10) ?? '' })) : [emptyWish()])
  const [remove, setRemove] = useState<Key[]>(initial?.remove ?? [])
  const isFilled = identity !== null && add.every(isComplete) && add.length + remove.length > 0
  useTold(isFilled ? { kind: 'scope', identity, add: add.map(wanted), remove } : null, onContent)
  const choose = (id: string | null): void => {
    setIdentity(id)
    setRemove([])
  }
  const set = (at: number, part: Partial<Wish>): void => setAdd(add.map((wish, index) => (index === at ? { ...wish, ...part } : wish)))
  return (
    <>
      <IdentityField label="Identity" value={identity} onChange={choose} />
      {add.map((wish, index) => (
        <WishFields key={index} wish={wish} number={index + 1} onChange={(part) => set(index, part)} onDrop={() => setAdd(add.filter((_, at) => at !== index))} />
      ))}
      <div>
        <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />} disabled={add.length >= 50} onClick={() => setAdd([...add, emptyWish()])}>
          {add.length === 0 ? 'Grant something' : 'Grant something more'}
        </Button>
      </div>
      {identity !== null && <Held identity={identity} chosen={remove} onChange={setRemove} />}
    </>
  )
}

type WishProps = { wish: Wish; number: number; onChange(part: Partial<Wish>): void; onDrop(): void }

function WishFields({ wish, number, onChange, onDrop }: WishProps): ReactElement {
  return (
    <fieldset className={css['wish']}>
      <legend>Grant {number}</legend>
      <TextInput label="Permission" placeholder="s3:GetObject" required maxLength={300} value={wish.permission} onChange={(event) => onChange({ permission: event.currentTarget.value })} />
      <TextInput label="On" placeholder="arn:aws:s3:::invoices" required maxLength={300} value={wish.resource} onChange={(event) => onChange({ resource: event.currentTarget.value })} />
      <NativeSelect label="What it amounts to" value={wish.level} data={[...GRANT_LEVELS]} onChange={(event) => onChange({ level: GRANT_LEVELS.find((level) => level === event.currentTarget.value) ?? 'unknown' })} />
      <TextInput label="Environment of the resource" placeholder="as the identity" maxLength={64} value={wish.environment} onChange={(event) => onChange({ environment: event.currentTarget.value })} />
      <div className={css['wide']}>
        <DayField label="Until" description="Empty: no end" isRequired={false} value={wish.until} onChange={(until) => onChange({ until })} />
      </div>
      <div className={css['wide']}>
        <Button size="compact-xs" variant="subtle" onClick={onDrop}>
          Leave grant {number} out
        </Button>
      </div>
    </fieldset>
  )
}

/** Rows drawn; an account may have thousands, and what is not here is taken away through the API. */
const SHOWN = 100

function Held({ identity, chosen, onChange }: { identity: string; chosen: Key[]; onChange(keys: Key[]): void }): ReactElement | null {
  const detail = useQuery(read('identity', { params: { id: identity } }))
  const seen = new Map((detail.data?.identity.grants ?? []).map(({ permission, resource, environment }) => [keyOf({ permission, resource, environment }), { permission, resource, environment }]))
  // What a change before this one granted is not among what sources report, but may stand in what is edited.
  for (const key of chosen) seen.set(keyOf(key), key)
  if (seen.size === 0) return null
  const held = [...seen.entries()].slice(0, SHOWN)
  const isChosen = new Set(chosen.map(keyOf))
  return (
    <fieldset className={css['held']}>
      <legend className="small">Take away</legend>
      {held.map(([text, key]) => (
        <Checkbox
          key={text}
          size="sm"
          checked={isChosen.has(text)}
          onChange={() => onChange(isChosen.has(text) ? chosen.filter((each) => keyOf(each) !== text) : [...chosen, key])}
          label={
            <>
              <FoundText mono>{key.permission}</FoundText> on <FoundText mono>{key.resource}</FoundText>
            </>
          }
        />
      ))}
      {seen.size > SHOWN && <p className="small faint">The first {SHOWN} of {seen.size}.</p>}
    </fieldset>
  )
}
