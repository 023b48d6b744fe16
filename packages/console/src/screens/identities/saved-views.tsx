import { ActionIcon, Button, Popover, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconBookmark, IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { FormEvent, ReactElement } from 'react'
import { read, write } from '../../api.ts'
import { queryClient } from '../../query-client.ts'
import { FoundText } from '../../ui/found-text.tsx'
import { searchToText, validSearch } from '../../ui/search-state.ts'
import { IdentitiesSearch } from './search.ts'
import css from './identities.module.css'

/** Questions that everyone asks; people save their own beside them. */
const BUILT_IN: { name: string; search: IdentitiesSearch }[] = [
  { name: 'Everything', search: {} },
  { name: 'Nobody answers', search: { state: 'unowned' } },
  { name: 'Ownership is split', search: { state: 'split' } },
  { name: 'High or critical findings', search: { severity: 'high', sort: 'findings', order: 'desc' } },
  { name: 'Production without an answer', search: { environment: 'production', state: 'unowned' } },
  { name: 'Oldest credentials', search: { sort: 'rotated', order: 'asc' } },
  { name: 'Vanished', search: { presence: 'vanished' } },
]

export function SavedViews({ search }: { search: IdentitiesSearch }): ReactElement {
  const navigate = useNavigate()
  const [isOpen, setOpen] = useState(false)
  const views = useQuery(read('listViews'))
  const remove = useMutation({ ...write('deleteView'), onSuccess: refreshViews, onError: say('The view was not deleted.') })
  const own = (views.data?.items ?? []).filter((view) => view.screen === 'identities')
  const open = (next: IdentitiesSearch): void => {
    setOpen(false)
    void navigate({ to: '/identities', search: next })
  }
  const isCurrent = (other: IdentitiesSearch): boolean => searchToText(sorted(other)) === searchToText(sorted(search))
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" trapFocus returnFocus width={270}>
      <Popover.Target>
        <Button variant="default" size="xs" onClick={() => setOpen(!isOpen)} leftSection={<IconBookmark size={14} />}>
          Views
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Saved views" className={css['views']}>
        <ul>
          {BUILT_IN.map((view) => (
            <li key={view.name}>
              <button type="button" className={css['view']} aria-current={isCurrent(view.search)} onClick={() => open(view.search)}>
                {view.name}
              </button>
            </li>
          ))}
        </ul>
        {own.length > 0 && (
          <ul aria-label="Own views">
            {own.map((view) => (
              <li key={view.id} className={css['ownView']}>
                <button type="button" className={css['view']} onClick={() => open(validSearch(IdentitiesSearch, view.search))}>
                  <FoundText>{view.name}</FoundText>
                </button>
                <ActionIcon variant="subtle" color="gray" size={24} aria-label={`Delete view ${view.name}`} onClick={() => remove.mutate({ params: { id: view.id } })}>
                  <IconTrash size={14} />
                </ActionIcon>
              </li>
            ))}
          </ul>
        )}
        <SaveForm search={search} />
      </Popover.Dropdown>
    </Popover>
  )
}

function SaveForm({ search }: { search: IdentitiesSearch }): ReactElement {
  const [name, setName] = useState('')
  const save = useMutation({
    ...write('saveView'),
    onSuccess: async (view) => {
      setName('')
      notifications.show({ message: `Saved as “${view.name}”.` })
      await refreshViews()
    },
    onError: say('The view was not saved.'),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const words = Object.fromEntries(Object.entries(search).map(([key, value]) => [key, String(value)]))
    if (name.trim() !== '') save.mutate({ body: { name: name.trim(), screen: 'identities', search: words } })
  }
  return (
    <form onSubmit={submit} className={css['saveForm']}>
      <TextInput size="xs" aria-label="Name of the view" placeholder="Save this view as …" maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Button type="submit" size="xs" variant="default" loading={save.isPending} disabled={name.trim() === ''}>
        Save
      </Button>
    </form>
  )
}

function refreshViews(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ['listViews'] })
}

function say(what: string): (error: Error) => void {
  return (error) => notifications.show({ title: what, message: error.message, color: 'red' })
}

function sorted(search: IdentitiesSearch): Record<string, unknown> {
  return Object.fromEntries(Object.entries(search).sort(([a], [b]) => a.localeCompare(b)))
}
