/** What a manifest asks of the registry, as `onus plan` says it, with what would become of each request now. */
import { ChangeContent } from '@onus/core/change/content.ts'
import type { ContentOf } from '@onus/core/change/content.ts'
import { isNamed, mayBe, planManifest, standingOf, wishOf } from '@onus/core/manifest/plan.ts'
import type { PlanLine, Standing } from '@onus/core/manifest/plan.ts'
import type { DeclaredIdentity } from '@onus/core/manifest/manifest.ts'
import { parseGroupName } from '@onus/core/team-names.ts'
import type { Assessment } from '../changes/assess.ts'
import { assess } from '../changes/assess.ts'
import type { Author } from '../changes/people.ts'
import { loadSubjects } from '../changes/subjects.ts'
import type { Context } from '../context.ts'
import type { Read, Tx } from '../db/database.ts'
import { listIdentities } from '../registry/identities.ts'
import { readManifest } from './manifest.ts'
import type { Problem } from './manifest.ts'

export type Ownership = ContentOf<'ownership'>
/** One request: what it would be, and the open one that asks for the same. */
export type Asked = { content: Ownership; assessed: Assessment; open: string | null }
export type Planned =
  | { ok: true; team: { id: string; name: string }; lines: PlanLine[]; asked: Asked[] }
  | { ok: false; problems: Problem[]; count: number }

export type Planning = Pick<Context, 'db' | 'cursorKey' | 'clock'>
type PlanAsk = { text: string; path: string; until: Date; authors: readonly Author[] }

/** Pages of a search that are read for one name. */
const MOST_PAGES = 20

export async function planAt(ctx: Planning, { text, path, until, authors }: PlanAsk): Promise<Planned> {
  const read = await readManifest(text, path)
  if (!read.ok) return read
  const { manifest, teamLine } = read
  const team = await teamNamed(ctx.db.read, manifest.team)
  if (team === null) return problem(teamLine, `the directory has no team \`${manifest.team}\` that could answer`)
  const standing = new Map<DeclaredIdentity, Standing[]>()
  for (const declared of manifest.identities) standing.set(declared, await findInRegistry(ctx, declared))
  const plan = planManifest(manifest, team, until.toISOString(), (declared) => standing.get(declared) ?? [])
  const asked: Asked[] = []
  for (const given of plan.changes) {
    const content = ChangeContent.safeParse(given)
    if (!content.success || content.data.kind !== 'ownership')
      return problem(1, `what it asks for is no change: ${content.error?.issues[0]?.message ?? ''}`)
    const assessed = await assess(ctx.db.read, { content: content.data, isEmergency: false, authors }, ctx.clock())
    asked.push({ content: content.data, assessed, open: await openFor(ctx.db.read, content.data, ctx.clock()) })
  }
  return { ok: true, team, lines: plan.lines, asked }
}

/** One problem, as a plan. */
export const problem = (line: number, message: string): Planned => ({
  ok: false,
  problems: [{ line, message }],
  count: 1,
})

async function teamNamed(read: Read, name: string): Promise<{ id: string; name: string } | null> {
  const { slug } = parseGroupName(name)
  const rows = await read
    .selectFrom('directory_team')
    .select(['id', 'name'])
    .where('is_active', '=', true)
    .where('slug', '=', slug)
    .execute()
  const [only, ...others] = rows
  return only && others.length === 0 ? only : null
}

/** The identities of the registry that a declaration is about: by their name, or by their native reference. */
async function findInRegistry(ctx: Planning, { name, namespace, kind }: DeclaredIdentity): Promise<Standing[]> {
  const ids: string[] = []
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const ask = {
      q: name,
      namespace,
      kind,
      presence: 'present',
      sort: 'name',
      order: 'asc',
      limit: 500,
      cursor,
    } as const
    const found = await listIdentities(ctx.db.read, ctx.cursorKey, ask)
    ids.push(...found.items.filter((row) => mayBe(name, row)).map(({ id }) => id))
    cursor = found.nextCursor ?? undefined
    if (cursor === undefined) break
  }
  if (ids.length === 0) return []
  const subjects = await loadSubjects(ctx.db.read, ids, ctx.clock())
  return subjects
    .filter(({ document }) => isNamed(name, document))
    .map(({ document, acceptance }) => standingOf(document, acceptance))
}

/** The open request that asks for the same, whoever proposed it. */
export async function openFor(read: Read | Tx, content: Ownership, now: Date): Promise<string | null> {
  const [first] = content.identities
  const rows = await read
    .selectFrom('change_request')
    .innerJoin('change_identity', 'change_id', 'change_request.id')
    .select(['change_request.id', 'content'])
    .where('identity_id', '=', first ?? '')
    .where('kind', '=', 'ownership')
    .where('state', '=', 'open')
    .where('expires_at', '>', now)
    .orderBy('created_at')
    .execute()
  const wish = wishOf(content)
  return rows.find((row) => row.content.kind === 'ownership' && wishOf(row.content) === wish)?.id ?? null
}
