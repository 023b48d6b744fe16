/** Saying that somebody is to hear of something: in the transaction of its cause, so neither is without the other. */
import { sql } from 'kysely'
import type { Tx } from '../db/database.ts'

export type Notice = {
  /** People by id; a team, which hears in its channel or each member by mail; whoever holds a power. */
  to: { people: readonly string[] } | { team: string } | { power: 'guard' | 'operate' }
  /** One sentence with names, and no secret. What was discovered may stand in it: it is made harmless here. */
  text: string
  /** Where in the console one decides: `/changes/chg_1`. */
  path: string
  /** People who know already. */
  except?: readonly string[]
  /** Does not wait for the end of quiet hours. */
  isUrgent?: boolean
}

const MOST_TEXT = 400

/** One line; names from outside can hold line breaks, escapes and marks that turn the direction of text. */
export function oneLine(text: string): string {
  const plain = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
  return plain.length > MOST_TEXT ? `${plain.slice(0, MOST_TEXT).toWellFormed()}…` : plain
}

type Row = {
  text: string
  path: string
  except: readonly string[]
  urgent: boolean
  person: string | null
  team: string | null
  power: string | null
}

export async function notify(tx: Tx, notices: readonly Notice[], now: Date): Promise<void> {
  const rows = notices.flatMap(({ to, text, path, except = [], isUrgent = false }): Row[] => {
    const said = { text: oneLine(text), path, except, urgent: isUrgent }
    if ('people' in to) return to.people.map((person) => ({ ...said, person, team: null, power: null }))
    return 'team' in to
      ? [{ ...said, person: null, team: to.team, power: null }]
      : [{ ...said, person: null, team: null, power: to.power }]
  })
  if (rows.length === 0) return
  await sql`insert into notice (at, person_id, team_id, power, except_people, text, path, is_urgent)
    select ${now}, person, team, power, array(select json_array_elements_text("except")), text, path, urgent
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as n
      (person text, team text, power text, "except" json, text text, path text, urgent boolean)`.execute(tx)
}
