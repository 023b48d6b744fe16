/** Tables of what is told outside: notices, messages, channels, webhooks; a part of `tables.ts`. */
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
type Bigint = ColumnType<string, number | string, number | string>
type WebhookTable = {
  id: string
  url: string
  purpose: string
  actions: string[]
  sealed: Buffer
  is_active: boolean
  created_by: string
  created_at: Date
}
type WebhookProgressTable = {
  webhook_id: string
  next_index: Bigint
  delivered: Generated<string>
  last_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  last_problem: ColumnType<string | null, string | null | undefined, string | null>
  gone_at: ColumnType<Date | null, Date | null | undefined, Date | null>
}
type WebhookEventTable = {
  webhook_id: string
  index: Bigint
  object: string
  attempts: Generated<number>
  next_at: Date
  claimed_until: ColumnType<Date | null, Date | null | undefined, Date | null>
  is_dead: Generated<boolean>
}
export type ToldTables = {
  webhook: WebhookTable
  webhook_progress: WebhookProgressTable
  webhook_event: WebhookEventTable
  notice: NoticeTable
  message: MessageTable
  team_channel: { team_id: string; host: string; sealed: Buffer; set_by: string; set_at: Date }
}
