/** The check of a pull request, and its one comment: what its manifest asks for, what stands against it, who must approve. */
import { ACCEPTANCE_DAYS } from '@onus/core/decision/acceptance.ts'
import type { ChangeDetail } from '@onus/core/change/shapes.ts'
import { seatVerdict } from '../changes/assess.ts'
import type { Assessed } from '../changes/assess.ts'
import { peopleNow } from '../changes/people.ts'
import type { PersonNow } from '../changes/people.ts'
import { changeDetail } from '../changes/view.ts'
import type { Context } from '../context.ts'
import { NOBODY } from '../sessions/index.ts'
import * as api from './api.ts'
import type { CheckOutput, Conclusion, Place, Pull } from './api.ts'
import { approvalsOf } from './approvals.ts'
import type { Approvals, Given } from './approvals.ts'
import { MARKER, write } from './markdown.ts'
import type { Change, Said, Seat } from './markdown.ts'
import { planAt, problem } from './plan.ts'
import type { Asked, Planned } from './plan.ts'
import * as store from './store.ts'
import type { Connection, PullRow } from './store.ts'

export type Working = Pick<Context, 'db' | 'clock' | 'cursorKey' | 'config'>
/** `shown`: digests that whoever reads it has read whole. `isSilent`: no comment is begun for it. */
type Made = { conclusion: Conclusion; output: CheckOutput; shown: string[]; changes: string[]; isSilent: boolean }

const DAY_MS = 86_400_000
/** An end that is nearer is set anew. */
const LEAST_DAYS = 30
const FOOTER =
  'Onus proposes this when the pull request is merged; nothing changes before those who are asked approve. Approvals are ' +
  'given in Onus, or by a review of a code owner whose account is linked, on the last commit, after this was shown.'

/** Reads the pull request and says on it how it stands now. Rejects with `GithubFailed`. */
export async function check(ctx: Working, place: Place, connection: Connection, number: number): Promise<void> {
  const pull = await pullOf(ctx, place, connection, number)
  if (pull === null) return
  const row = await ctx.db.tx((tx) => settle(tx, connection, pull, ctx.clock()))
  if (pull.state === 'closed' && !pull.merged) return
  const made =
    pull.base.ref !== pull.base.repo.default_branch
      ? ELSEWHERE
      : pull.merged
        ? await ofMerged(ctx, pull, row)
        : await ofOpen(ctx, place, connection, pull, row)
  if (made === null) return
  await publish(ctx, place, connection, pull, row, made)
}

/** null: the name is another repository's by now; GitHub tells the new one. */
export async function pullOf(ctx: Working, place: Place, connection: Connection, number: number): Promise<Pull | null> {
  const pull = await api.pull(place, number)
  const { id, full_name: fullName, default_branch: defaultBranch } = pull.base.repo
  if (id !== connection.repositoryId) return null
  await ctx.db.tx((tx) => store.saveFacts(tx, connection.id, { fullName, defaultBranch }))
  return pull
}

/** The row with the head as it is now and an end that is not near; on another head nothing was shown yet. */
export async function settle(tx: Parameters<typeof store.lockPull>[0], connection: Connection, pull: Pull, now: Date): Promise<PullRow> {
  const fresh = new Date(now.getTime() + ACCEPTANCE_DAYS.default * DAY_MS)
  // A whole day, so that the same an hour later is the same change.
  fresh.setUTCHours(0, 0, 0, 0)
  const row = await store.lockPull(tx, connection.id, pull.number, pull.head.sha, fresh)
  const set = {
    ...(row.head_sha === pull.head.sha ? {} : { head_sha: pull.head.sha, shown: '{}', check_run_id: null }),
    ...(row.until.getTime() - now.getTime() > LEAST_DAYS * DAY_MS ? {} : { until: fresh }),
  }
  if (Object.keys(set).length === 0) return row
  await store.savePull(tx, row, set)
  return (await store.pullRow(tx, connection.id, pull.number)) ?? row
}

const NOTHING: Made = {
  conclusion: 'neutral',
  output: { title: 'No manifest', summary: 'There is no manifest at its path.', annotations: [] },
  shown: [],
  changes: [],
  isSilent: true,
}

const ELSEWHERE: Made = {
  ...NOTHING,
  output: { title: 'Not for the default branch', summary: 'Nothing follows from it in Onus.', annotations: [] },
}

async function ofOpen(ctx: Working, place: Place, connection: Connection, pull: Pull, row: PullRow): Promise<Made> {
  const { manifest: path } = connection
  const file = await api.fileAt(place, pull.head.sha, path)
  if (file.kind === 'none') return NOTHING
  const owningAt = [pull.base.sha, await api.tipOf(place, pull.base.ref)]
  const approvals = await approvalsOf(ctx.db.read, place, pull, row, { manifest: path, owningAt })
  await ctx.db.tx((tx) => store.savePull(tx, row, { writers: approvals.writers.map(String) }))
  const planned: Planned =
    file.kind === 'unusable'
      ? problem(1, file.reason)
      : await planAt(ctx, { text: file.text, path, until: row.until, authors: approvals.authors })
  if (!planned.ok) return wrong(planned, path)
  return ofPlan(ctx, pull, row, planned, approvals)
}

function wrong({ problems, count }: Extract<Planned, { ok: false }>, path: string): Made {
  const title = `The manifest has ${count === 1 ? 'a problem' : `${count} problems`}`
  const marked = count > api.MOST_ANNOTATIONS ? `The first ${api.MOST_ANNOTATIONS} are marked in the file. ` : ''
  const said = { ...SILENT, heading: title, problems: problems.map(({ line, message }) => `${path}:${line}: ${message}`), footer: marked + FOOTER }
  const annotations = problems.map(({ line, message }) => ({ path, line, title: 'onus.yaml', message: message.slice(0, 4_000) }))
  return { ...NOTHING, conclusion: 'failure', output: { title, summary: write(said).text, annotations }, isSilent: false }
}
const SILENT: Omit<Said, 'heading' | 'footer'> = { lines: [], changes: [], withheld: [], problems: [] }

type Plan = Extract<Planned, { ok: true }>
type Looked = { change: Change; isPossible: boolean; isFilled: boolean; digest: string | null; open: string | null }

async function ofPlan(ctx: Working, pull: Pull, row: PullRow, plan: Plan, approvals: Approvals): Promise<Made> {
  const people = await peopleNow(ctx.db.read, approvals.given.map(({ person }) => person), ctx.clock())
  const withheld = [...approvals.withheld]
  const looked: Looked[] = []
  for (const asked of plan.asked) {
    if (asked.open !== null) {
      looked.push(lookedOf(ctx, await changeDetail(ctx.db.read, NOBODY, asked.open, ctx.clock())))
      continue
    }
    const late = 'it was given before this was shown'
    const given = approvals.given.filter((each) => isSince(each, asked.assessed.ok ? row.shown[asked.assessed.digest] : undefined))
    for (const { account } of approvals.given.filter((each) => !given.includes(each)))
      if (!withheld.some(({ login, reason }) => login === account.login && reason === late)) withheld.push({ login: account.login, reason: late })
    looked.push(lookAt(asked, plan, given, people))
  }
  const isPossible = looked.every((each) => each.isPossible)
  const isFilled = looked.every((each) => each.isFilled)
  const count = looked.length === 1 ? '1 change' : `${looked.length} changes`
  const title =
    looked.length === 0 ? 'Nothing to approve' : !isPossible ? `${count}, not possible as they are` : isFilled ? `${count}, all approved` : `${count}, approvals are missing`
  const conclusion = !isPossible ? 'failure' : isFilled ? 'success' : 'action_required'
  const isPublic = !pull.base.repo.private
  const said: Said = isPublic
    ? { ...SILENT, heading: title, withheld: approvals.withheld, footer: `What it is about is said in Onus only: this repository is public. ${FOOTER}` }
    : { ...SILENT, heading: title, lines: plan.lines, changes: looked.map(({ change }) => change), withheld, footer: FOOTER }
  const { text, whole } = write(said)
  return {
    conclusion,
    output: { title, summary: text, annotations: [] },
    shown: looked.flatMap(({ digest }, index) => (whole[index] && digest !== null ? [digest] : [])),
    changes: looked.flatMap(({ open }) => open ?? []),
    isSilent: looked.length === 0,
  }
}

/** An approval is given to what was read: it came after `since`, when the check showed exactly that. */
export function isSince({ at }: Pick<Given, 'at'>, since: string | undefined): boolean {
  // Reviews have whole seconds.
  return since !== undefined && at.getTime() >= Math.floor(Date.parse(since) / 1_000) * 1_000
}

function lookAt({ content, assessed }: Asked, plan: Plan, given: readonly Given[], people: ReadonlyMap<string, PersonNow>): Looked {
  const { answers } = content
  const base = {
    state: null,
    url: null,
    answers: [
      { field: 'purpose', value: answers.purpose ?? '' },
      ...(answers.function && 'name' in answers.function ? [{ field: 'business function', value: answers.function.name }] : []),
      { field: 'revocation', value: answers.revocation ?? '' },
      { field: 'until', value: content.until.slice(0, 10) },
    ],
    identities: namesOf(content.identities, plan),
  }
  if (!assessed.ok) {
    const change = { ...base, summary: `${plan.team.name} is to answer for ${content.identities.length} identities`, seats: [], verdicts: [], blocked: [assessed.reason] }
    return { change, isPossible: false, isFilled: false, digest: null, open: null }
  }
  const seats = seatsOf(assessed, given, people)
  return {
    change: {
      ...base,
      summary: assessed.summary,
      seats,
      verdicts: assessed.verdicts.filter(({ outcome }) => outcome !== 'refused').map(({ outcome, rule, found, allowed }) => ({ outcome, text: `${rule}: found ${found}, allowed ${allowed}` })),
      blocked: assessed.blocked.map(({ reason }) => reason),
    },
    isPossible: assessed.blocked.length === 0,
    isFilled: seats.every(({ filledBy }) => filledBy !== null),
    digest: assessed.digest,
    open: null,
  }
}

function namesOf(ids: readonly string[], { lines }: Plan): string[] {
  const names = new Map(lines.flatMap((line) => (line.kind === 'not-found' ? [] : [[line.identity.id, line.identity] as const])))
  return ids.map((id) => {
    const identity = names.get(id)
    if (!identity) return id
    const where = [identity.namespace, identity.environment].filter((one) => one !== null).join(', ')
    return where === '' ? identity.name : `${identity.name} (${where})`
  })
}

/** Who would sit where, by the rules by which every approval is judged; in the order in which they were given. */
function seatsOf(assessed: Assessed, given: readonly Given[], people: ReadonlyMap<string, PersonNow>): Seat[] {
  const filled = new Map<string, { person: PersonNow; login: string }>()
  for (const { person: id, account } of given) {
    const person = people.get(id)
    const seat = assessed.seats.find((each) => {
      if (!person || filled.has(each.id)) return false
      const others = [...filled.values()].map((other) => other.person)
      return seatVerdict({ id: '', kind: 'ownership' }, assessed, each, person, others).isAllowed
    })
    if (person && seat) filled.set(seat.id, { person, login: account.login })
  }
  return assessed.seats.map(({ id, capacity, team, why }) => {
    const by = filled.get(id)
    return { who: team?.name ?? WHO[capacity], why, filledBy: by ? { login: by.login } : null }
  })
}
const WHO = { answer: 'the team that answers', sponsor: 'the sponsor', guard: 'security', operate: 'platform' } as const

function lookedOf(ctx: Working, detail: ChangeDetail): Looked {
  const { id, summary, state, content, seats, verdicts, blocked, identities, identityCount } = detail
  const answers = content.kind === 'ownership' ? content.answers : null
  const change: Change = {
    summary,
    state,
    url: pageOf(ctx, `/changes/${id}`),
    answers: answers ? [{ field: 'purpose', value: answers.purpose ?? '' }, { field: 'revocation', value: answers.revocation ?? '' }] : [],
    identities: [...identities.map(({ name }) => name), ...(identityCount > identities.length ? [`${identityCount - identities.length} more`] : [])],
    seats: seats.map(({ capacity, team, why, filledBy }) => ({ who: team?.name ?? WHO[capacity], why, filledBy: filledBy ? 'in-onus' : null })),
    verdicts: verdicts.filter(({ outcome }) => outcome !== 'refused').map(({ outcome, rule, found, allowed }) => ({ outcome, text: `${rule}: found ${found}, allowed ${allowed}` })),
    blocked: blocked.map(({ reason }) => reason),
  }
  const isPossible = state === 'applied' || (state === 'open' && blocked.length === 0)
  // Of one that is open already nothing new is shown, so no review of the merge is given to it.
  return { change, isPossible, isFilled: state === 'applied', digest: null, open: id }
}

function pageOf({ config }: Working, path: string): string | null {
  return config.publicUrl === null ? null : `${config.publicUrl}${path}`
}

/** Of one that is merged: what was proposed, and how it stands. null: nothing was. */
async function ofMerged(ctx: Working, pull: Pull, row: PullRow): Promise<Made | null> {
  if (row.changes.length === 0 && row.withheld.length === 0) return null
  const looked: Looked[] = []
  for (const id of row.changes) looked.push(lookedOf(ctx, await changeDetail(ctx.db.read, NOBODY, id, ctx.clock())))
  const isPossible = looked.every((each) => each.isPossible)
  const isFilled = looked.every((each) => each.isFilled)
  const count = looked.length === 1 ? '1 change' : `${looked.length} changes`
  const title = looked.length === 0 ? 'Nothing proposed' : !isPossible ? `${count}, not applied` : isFilled ? `${count}, applied` : `${count} proposed, approvals are missing`
  const footer = 'Merged. What is missing is approved in Onus.'
  const said: Said = pull.base.repo.private
    ? { ...SILENT, heading: title, changes: looked.map(({ change }) => change), withheld: row.withheld, footer }
    : { ...SILENT, heading: title, withheld: row.withheld, footer }
  const conclusion = !isPossible ? 'failure' : isFilled ? (looked.length === 0 ? 'neutral' : 'success') : 'action_required'
  return { conclusion, output: { title, summary: write(said).text, annotations: [] }, shown: [], changes: row.changes, isSilent: false }
}

async function publish(ctx: Working, place: Place, connection: Connection, pull: Pull, row: PullRow, made: Made): Promise<void> {
  const { conclusion, output, shown, changes, isSilent } = made
  const [only] = changes
  const url = pageOf(ctx, changes.length === 1 ? `/changes/${only ?? ''}` : '/changes')
  const id = row.check_run_id === null ? null : Number(row.check_run_id)
  const saved = await api.saveCheck(place, id, { number: pull.number, head: pull.head.sha, conclusion, url, output })
  // One that said something before says that it is nothing now.
  const comment = isSilent && row.comment_id === null ? null : await saveComment(place, pull.number, row, output)
  await ctx.db.tx(async (tx) => {
    const now = await store.lockPull(tx, connection.id, pull.number, pull.head.sha, row.until)
    // Pushed to meanwhile: what was shown was not shown of that.
    if (now.head_sha !== pull.head.sha) return
    const at = saved.at.toISOString()
    await store.savePull(tx, now, {
      check_run_id: saved.id,
      comment_id: comment === null ? null : Number(comment),
      // What is shown no more was not what a later approval was given to.
      ...(pull.merged
        ? {}
        : {
            shown: JSON.stringify(Object.fromEntries(shown.map((digest) => [digest, now.shown[digest] ?? at]))),
            changes,
            is_settled: changes.length === 0,
          }),
    })
  })
}

/** The one comment, written anew; made when there is none of the App's own. */
async function saveComment(place: Place, number: number, row: PullRow, { title, summary }: CheckOutput): Promise<number> {
  const body = `${MARKER}\n### Onus: ${title}\n\n${summary}`
  const known = row.comment_id === null ? await api.ownComment(place, number, MARKER) : Number(row.comment_id)
  if (known !== null && (await api.editComment(place, known, body))) return known
  return api.addComment(place, number, body)
}
