/**
 * What lapsed is escalated until somebody takes over: first people of the team, then the sponsor, then security, each
 * once; a reminder; and at the end it is to be suspended, which security has in its queue with what would break. A step
 * and what it tells are one transaction, so a crash takes none twice and loses none.
 */
import { sql } from 'kysely'
import { CRITICAL, nextStep } from '@onus/core/decision/escalation.ts'
import type { EscalationStep } from '@onus/core/decision/escalation.ts'
import type { Tx } from '../db/database.ts'
import { append } from '../ledger/index.ts'
import type { NewEntry } from '../ledger/index.ts'
import { notify } from '../notifications/notices.ts'
import type { Notice } from '../notifications/notices.ts'
import { startTime } from './orphans.ts'

/** Identities of one transaction. */
export const STEPS_AT_ONCE = 500
/** People told in an entry; the rest is a number. */
const TOLD = 20
const CLOCK: NewEntry['actor'] = { kind: 'job', id: 'escalation-clock' }

const ACTIONS: Record<EscalationStep, string> = {
  team: 'escalation.ask',
  sponsor: 'escalation.ask',
  security: 'escalation.ask',
  reminder: 'escalation.remind',
  'suspend-due': 'escalation.suspend-due',
}

type Due = {
  identity_id: string
  acceptance_id: string
  since: Date
  due_at: Date
  step: EscalationStep | null
  step_at: Date | null
  asked: string[]
  name: string
  team_id: string
  team_name: string
  sponsor: string | null
  accepted_by: string
  ended_at: Date
}
type Step = { identity: string; name: string; teamName: string; step: EscalationStep; asked: string[]; due: Date }

/** In the transaction in which acceptances end. Answers the day of each identity by which somebody takes over. */
export function startEscalation(tx: Tx, acceptances: readonly string[], now: Date): Promise<Map<string, Date>> {
  return startTime(tx, acceptances, CRITICAL, now)
}

/** Takes the next step of those that are due, each at most one. Answers how many were looked at. */
export async function escalate(tx: Tx, now: Date): Promise<number> {
  const due = await dueNow(tx, now)
  if (due.length === 0) return 0
  const people = await loadPeople(tx, due)
  const rows: (Step & { at: Date | null; next: Date | null; all: string[] })[] = []
  for (const each of due) {
    const teamPeople = people.ofTeam(each)
    const sponsor = each.sponsor !== null && people.isHere(each.sponsor) ? [each.sponsor] : []
    const has = (step: 'team' | 'sponsor'): boolean => (step === 'team' ? teamPeople : sponsor).length > 0
    const given = { since: each.since, due: each.due_at, last: each.step, lastAt: each.step_at }
    const next = nextStep(given, has)
    const told = { identity: each.identity_id, name: each.name, teamName: each.team_name, due: each.due_at }
    // Whoever was there when it was planned is gone, or came back: then it waits for another time.
    if (!next || next.at > now) {
      rows.push({ ...told, step: each.step ?? 'team', asked: [], at: null, next: next?.at ?? null, all: each.asked })
      continue
    }
    const asked = { team: teamPeople, sponsor, security: people.security, reminder: each.asked, 'suspend-due': people.security }[next.step]
    const after = nextStep({ ...given, last: next.step, lastAt: now }, has)
    rows.push({ ...told, step: next.step, asked, at: now, next: after?.at ?? null, all: [...new Set([...each.asked, ...asked])] })
  }
  await save(tx, rows)
  const taken = rows.filter(({ at }) => at !== null)
  await append(tx, taken.map(entryOf), now)
  await notify(tx, noticesOf(taken), now)
  return due.length
}

async function dueNow(tx: Tx, now: Date): Promise<Due[]> {
  const { rows } = await sql<Due>`
    select o.identity_id, o.acceptance_id, o.since, o.due_at, o.step, o.step_at, o.asked,
      i.name, a.team_id, a.team_name, a.sponsor, a.accepted_by, coalesce(a.ended_at, o.since) as ended_at
    from orphaned o
    join acceptance a on a.id = o.acceptance_id
    join identity i on i.id = o.identity_id and i.vanished_at is null
    where o.next_at <= ${now}
    order by o.next_at, o.identity_id limit ${STEPS_AT_ONCE} for update of o skip locked`.execute(tx)
  return rows
}

async function save(
  tx: Tx,
  rows: readonly { identity: string; step: EscalationStep; at: Date | null; next: Date | null; all: string[] }[],
): Promise<void> {
  const given = JSON.stringify(rows.map(({ identity, step, at, next, all }) => ({ id: identity, step, at, next, asked: all })))
  await sql`update orphaned o
    set step = case when n.at is null then o.step else n.step end, step_at = coalesce(n.at, o.step_at), next_at = n.next,
      asked = array(select json_array_elements_text(n.asked))
    from json_to_recordset(${given}::text::json) as n (id text, step text, at timestamptz, next timestamptz, asked json)
    where o.identity_id = n.id`.execute(tx)
}

function entryOf({ identity, step, asked, due }: Step): NewEntry {
  return {
    action: ACTIONS[step],
    actor: CLOCK,
    capacity: 'none',
    subject: { kind: 'identity', id: identity },
    after: { step, people: asked.slice(0, TOLD), count: asked.length, reassignBy: due.toISOString() },
  }
}

/** One notice a person, step and team, however many identities there are. */
function noticesOf(steps: readonly Step[]): Notice[] {
  const groups = new Map<string, Step[]>()
  for (const each of steps) {
    const key = JSON.stringify([each.step, each.teamName, each.due, each.asked])
    groups.set(key, [...(groups.get(key) ?? []), each])
  }
  return [...groups.values()].map(noticeOf)
}

function noticeOf(steps: readonly Step[]): Notice {
  // A group is made with its first.
  const [first] = steps as [Step, ...Step[]]
  const what = steps.length === 1 ? `\`${first.name}\`` : `${steps.length} identities, among them \`${first.name}\`,`
  const verb = steps.length === 1 ? 'has' : 'have'
  const day = first.due.toISOString().slice(0, 10)
  const text =
    first.step === 'suspend-due'
      ? `${what} ${verb} found no team after ${first.teamName}: to be suspended, or given to a team`
      : `${first.step === 'reminder' ? 'Reminder: ' : ''}${what} ${verb} no team since ${first.teamName} answers no more; a team accepts by ${day}, or it is to be suspended`
  return { to: { people: first.asked }, text, path: steps.length === 1 ? `/identities/${first.identity}` : '/queue' }
}

type People = { ofTeam(due: Due): string[]; isHere(person: string): boolean; security: string[] }

/**
 * Of a team that is there: its members. Of one that is gone: who was in it at its end and is still here, and whoever
 * accepted; they know it best.
 */
async function loadPeople(tx: Tx, due: readonly Due[]): Promise<People> {
  const teams = [...new Set(due.map(({ team_id: team }) => team))]
  const { rows: members } = await sql<{ team_id: string; person_id: string; valid_to: Date | null }>`
    select distinct on (m.team_id, m.person_id) m.team_id, m.person_id, m.valid_to
    from membership m join person p on p.id = m.person_id and p.is_active
    where m.team_id = any(${teams}) and (m.valid_to is null or m.valid_to >= ${oldest(due)})
    order by m.team_id, m.person_id, m.valid_to desc nulls first`.execute(tx)
  const named = [...new Set(due.flatMap(({ sponsor, accepted_by: by }) => (sponsor === null ? [by] : [sponsor, by])))]
  const { rows: here } = await sql<{ id: string }>`
    select id from person where id = any(${named}) and is_active`.execute(tx)
  const active = new Set(here.map(({ id }) => id))
  return {
    isHere: (person) => active.has(person),
    ofTeam: ({ team_id: team, ended_at: ended, accepted_by: by }) => {
      const ofIt = members.filter((each) => each.team_id === team)
      const now = ofIt.filter((each) => each.valid_to === null)
      const then = ofIt.filter((each) => each.valid_to !== null && each.valid_to >= ended)
      const ids = (now.length > 0 ? now : then).map(({ person_id: id }) => id)
      return [...new Set([...ids, ...(now.length === 0 && active.has(by) ? [by] : [])])]
    },
    security: await guards(tx),
  }
}

const oldest = (due: readonly Due[]): Date => new Date(Math.min(...due.map(({ ended_at: at }) => at.getTime())))

/** Who guards; before anybody was appointed, who operates. */
async function guards(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ id: string; power: string }>`
    select distinct p.id, h.power from power_holder h
    join person p on p.is_active and (p.id = h.person_id or exists (select from membership m
      where m.team_id = h.team_id and m.person_id = p.id and m.valid_to is null))
    where h.valid_to is null and h.power in ('guard', 'operate') order by p.id`.execute(tx)
  const of = (power: string): string[] => rows.filter((row) => row.power === power).map(({ id }) => id)
  return of('guard').length > 0 ? of('guard') : of('operate')
}
