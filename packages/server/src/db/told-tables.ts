/** Tables of what is told outside: notices, messages, channels; a part of `tables.ts`. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely'

type NoticeTable = {
  id: GeneratedAlways<string>
  at: Date
  person_id: string | null
  team_id: string | null
  power: 'guard' | 'operate' | null
  except_people: string[]
  text: string
  path: string
  is_urgent: boolean
  told_at: ColumnType<Date | null, Date | null | undefined, Date | null>
}
type MessageTable = {
  id: string
  channel: 'mail' | 'chat'
  person_id: string | null
  team_id: string | null
  subject: string
  body: string
  state: Generated<'waiting' | 'sent' | 'dead' | 'nowhere'>
  attempts: Generated<number>
  next_at: Date
  claimed_until: ColumnType<Date | null, Date | null | undefined, Date | null>
  problem: ColumnType<string | null, string | null | undefined, string | null>
  created_at: Date
  ended_at: ColumnType<Date | null, Date | null | undefined, Date | null>
}
export type ToldTables = {
  notice: NoticeTable
  message: MessageTable
  team_channel: { team_id: string; host: string; sealed: Buffer; set_by: string; set_at: Date }
}
