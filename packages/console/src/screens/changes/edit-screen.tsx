/** Writing a change anew: it keeps its kind, and what was decided on it is void. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { read } from '../../api.ts'
import { Denial } from '../../changes/seats.tsx'
import { Answered, Note, SkeletonLines } from '../../ui/answer.tsx'
import { legible } from '../../ui/legible.ts'
import { Screen } from '../../ui/screen.tsx'
import { ChangeEditor } from './change-editor.tsx'
import { useSeen } from './seen.ts'
import type { Change } from '../../changes/words.ts'

export function EditScreen(): ReactElement {
  const { id } = useParams({ from: '/shell/changes/$id/edit' })
  const change = useQuery(read('change', { params: { id } }))
  return (
    <Screen title="Edit the change" lead={change.data ? legible(change.data.summary) : undefined}>
      <Answered question={change} waiting={<SkeletonLines lines={10} height={24} />}>
        {(data) => <Edit change={data} />}
      </Answered>
    </Screen>
  )
}

function Edit({ change }: { change: Change }): ReactElement {
  const navigate = useNavigate()
  const search = useSearch({ from: '/shell/changes/$id/edit' })
  const { seen } = useSeen(change)
  if (!change.may.edit.isAllowed)
    return (
      <Note tone="plain">
        <Denial verdict={change.may.edit} />
      </Note>
    )
  const given = change.decisions.filter(({ voidedAt }) => voidedAt === null).length
  return (
    <>
      {given > 0 && <Note tone="warn">{given === 1 ? 'One approval was given; an edit voids it.' : `${given} approvals were given; an edit voids them.`}</Note>}
      <ChangeEditor kind={seen.kind} edits={seen} search={search} onDone={({ id }) => void navigate({ to: '/changes/$id', params: { id } })} />
    </>
  )
}
