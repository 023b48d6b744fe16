/** At every visit: does the ledger continue what this browser saw last? Remembers the newest that it may believe. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { ApiError, api } from '../../api.ts'
import type { Reply } from '../../api.ts'
import { Note } from '../../ui/answer.tsx'
import { count } from '../../ui/count.ts'
import { Moment } from '../../ui/moment.tsx'
import { checkContinues } from './light-checks.ts'
import type { Checked } from './light-checks.ts'
import { remember, remembered } from './memory.ts'
import type { Memory } from './memory.ts'
import css from './ledger.module.css'

async function look(memory: Memory, state: Reply<'ledgerState'>): Promise<Checked> {
  if (state.size < memory.size) return { state: 'broken', why: `${count(memory.size)} entries were signed when this browser was here, and ${count(state.size)} are there now.` }
  try {
    const consistency = await api.ledgerConsistency({ query: { oldSize: memory.size } })
    const checked = await checkContinues(memory, consistency)
    if (checked.state === 'holds') remember({ ...memory, checkpoint: consistency.checkpoint, size: consistency.size, at: new Date().toISOString() })
    return checked
  } catch (error) {
    if (error instanceof ApiError) return { state: 'unknown', why: error.problem.detail }
    throw error
  }
}

export function Continuity({ state }: { state: Reply<'ledgerState'> }): ReactElement | null {
  // As it was when the page was opened: what is seen now is remembered for the next time.
  const [memory] = useState(remembered)
  const check = useQuery({
    queryKey: ['ledger-continues', memory?.checkpoint, state.size],
    enabled: memory !== null,
    queryFn: () => (memory ? look(memory, state) : null),
  })
  if (memory === null)
    return (
      <p className="small faint">
        This browser has not seen this ledger before. <Link to="/ledger/verify" className={css['underlined']}>Verify it once</Link>, and every later visit checks that it goes on from there.
      </p>
    )
  const checked = check.data
  if (!checked) return null
  if (checked.state === 'broken')
    return (
      <Note tone="bad">
        <span role="alert">
          <strong>The ledger does not continue what this browser saw.</strong> {checked.why} Somebody rewrote it, or it is another ledger. Keep your last export and tell your auditor.
        </span>
      </Note>
    )
  if (checked.state === 'unknown') return <p className="small faint">{checked.why}</p>
  return (
    <p className="small faint">
      Checked in this browser: it continues the {count(memory.size)} entries seen <Moment at={memory.at} />, signed by the same key.
    </p>
  )
}
