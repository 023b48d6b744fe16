import { findManifests } from '@onus/connectors/manifest/find.ts'
import { ACCEPTANCE_DAYS } from '@onus/core/decision/acceptance.ts'
import type { ContentOf } from '@onus/core/change/content.ts'
import type { Client, Reply } from '@onus/core/contract/client.ts'
import { MANIFEST_NAMES, type DeclaredIdentity, type Manifest } from '@onus/core/manifest/manifest.ts'
import {
  isNamed,
  mayBe,
  planManifest,
  standingOf,
  wishOf,
  type Plan,
  type PlanLine,
  type Standing,
} from '@onus/core/manifest/plan.ts'
import { parseGroupName } from '@onus/core/team-names.ts'
import { EXIT, Stop, writeAll, type ExitCode, type Io } from '../io.ts'
import { plain } from '../output/plain.ts'
import { count } from '../output/words.ts'
import { checkPaths } from '../paths.ts'
import { serverOf, type Server, type ServerOptions } from '../server.ts'

export type PlanCommand = ServerOptions & { format: 'table' | 'json'; failOnChanges?: boolean }
export type ApplyCommand = ServerOptions & { format: 'table' | 'json'; reason: string }

type Preview = Reply<'previewChange'>
type IdentityRow = Reply<'listIdentities'>['items'][number]
/** One change that a manifest asks for, what the server says of it, and the request that already asks for the same. */
type Asked = { content: ContentOf<'ownership'>; preview: Preview; open: string | null }
type Planned = { file: string; team: { id: string; name: string }; lines: PlanLine[]; asked: Asked[] }

/** `onus plan`: what would have to change for the registry to say what the manifests say, and who would have to agree. */
export async function planCommand(paths: readonly string[], options: PlanCommand, io: Io): Promise<ExitCode> {
  const server = serverOf(options, io)
  const planned = await planAll(paths, server, io)
  if (options.format === 'json')
    await writeAll(io.stdout, [`${JSON.stringify({ onus: { plan: 1 }, plans: planned }, null, 2)}\n`])
  else
    await writeAll(
      io.stdout,
      planned.flatMap((one) => [...describe(one)]),
    )
  const left = planned.flatMap(({ asked }) => asked).filter(({ open }) => open === null)
  if (options.format === 'table')
    await writeAll(io.stdout, [
      left.length === 0
        ? 'Nothing to propose.\n'
        : `${count(left.length, 'change')} to propose: \`onus apply\` does it.\n`,
    ])
  return options.failOnChanges && left.length > 0 ? EXIT.findings : EXIT.ok
}

/** `onus apply`: proposes what `onus plan` shows; approving is for people. The same again proposes nothing twice. */
export async function applyCommand(paths: readonly string[], options: ApplyCommand, io: Io): Promise<ExitCode> {
  const server = serverOf(options, io)
  const planned = await planAll(paths, server, io)
  const proposed: { id: string; summary: string; page: string; isNew: boolean }[] = []
  for (const { asked, file } of planned) {
    for (const { content, preview, open } of asked) {
      if (open !== null) {
        proposed.push({ id: open, summary: preview.summary, page: server.page(`/changes/${open}`), isNew: false })
        continue
      }
      const { reason } = options
      const body = { content, reason: `${reason} (${file})`.slice(0, 2_000) }
      const { id, summary } = await server.client(preview.digest).proposeChange({ body })
      proposed.push({ id, summary, page: server.page(`/changes/${id}`), isNew: true })
    }
  }
  if (options.format === 'json')
    await writeAll(io.stdout, [`${JSON.stringify({ onus: { apply: 1 }, proposed }, null, 2)}\n`])
  else
    await writeAll(io.stdout, [
      ...proposed.map(
        ({ isNew, summary, page }) => `${isNew ? 'proposed' : 'is open '} ${plain(summary)}\n         ${page}\n`,
      ),
      proposed.length === 0 ? 'Nothing to propose.\n' : 'Nothing changes until those who are asked approve.\n',
    ])
  return EXIT.ok
}

async function planAll(paths: readonly string[], server: Server, io: Io): Promise<Planned[]> {
  await checkPaths(paths)
  const manifests = await findManifests(paths, io.signal)
  if (manifests.length === 0) throw new Stop(EXIT.usage, `no ${MANIFEST_NAMES.join(' or ')} in ${paths.join(', ')}`)
  const planned: Planned[] = []
  for (const { file, read } of manifests) {
    if ('problems' in read) {
      const [first] = read.problems
      throw new Stop(
        EXIT.usage,
        `${file}:${first?.line ?? 1}: ${first?.field ?? ''} ${first?.reason ?? ''}; \`onus check\` says everything`,
      )
    }
    const team = await teamOf(read.manifest, file, server)
    const { lines, changes } = await planOne(read.manifest, team, server, io)
    const asked: Asked[] = []
    for (const content of changes) asked.push(await askAbout(content, server))
    planned.push({ file, team, lines, asked })
  }
  return planned
}

async function teamOf({ team }: Manifest, file: string, server: Server): Promise<{ id: string; name: string }> {
  const { slug } = parseGroupName(team)
  const { items } = await server.client().listDirectoryTeams({ query: { q: slug } })
  const found = items.filter(({ name }) => parseGroupName(name).slug === slug)
  const [only, ...others] = found
  if (!only || others.length > 0)
    throw new Stop(
      EXIT.usage,
      `${file}: the server knows no team \`${team}\` that could answer: is it in the directory?`,
    )
  return { id: only.id, name: only.name }
}

async function planOne(manifest: Manifest, team: { id: string; name: string }, server: Server, io: Io): Promise<Plan> {
  const standing = new Map<DeclaredIdentity, Standing[]>()
  for (const declared of manifest.identities) standing.set(declared, await findInRegistry(declared, server))
  const until = new Date(io.now().getTime() + ACCEPTANCE_DAYS.default * 86_400_000)
  // A whole day, so that the same plan an hour later is the same change.
  until.setUTCHours(0, 0, 0, 0)
  return planManifest(manifest, team, until.toISOString(), (declared) => standing.get(declared) ?? [])
}

async function findInRegistry({ name, namespace, kind }: DeclaredIdentity, server: Server): Promise<Standing[]> {
  const client = server.client()
  const query = {
    q: name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(kind === undefined ? {} : { kind }),
    limit: 100,
  }
  const found: Standing[] = []
  for await (const row of rowsOf(client, query)) {
    if (!mayBe(name, row)) continue
    const { identity } = await client.identity({ params: { id: row.id } })
    if (!isNamed(name, identity)) continue
    const { acceptance } = await client.accountability({ params: { id: row.id } })
    found.push(standingOf(identity, acceptance))
  }
  return found
}

async function* rowsOf(client: Client, query: { q: string; limit: number }): AsyncGenerator<IdentityRow> {
  let cursor: string | null = null
  do {
    const page: Reply<'listIdentities'> = await client.listIdentities({
      query: { ...query, ...(cursor === null ? {} : { cursor }) },
    })
    yield* page.items
    cursor = page.nextCursor
  } while (cursor !== null)
}

async function askAbout(content: ContentOf<'ownership'>, server: Server): Promise<Asked> {
  const client = server.client()
  const preview = await client.previewChange({ body: { content } })
  const [first] = content.identities
  const { items } = await client.listChanges({
    query: { state: 'open', kind: 'ownership', ...(first === undefined ? {} : { identity: first }) },
  })
  for (const { id } of items) {
    const { content: asked } = await client.change({ params: { id } })
    if (asked.kind === 'ownership' && wishOf(asked) === wishOf(content)) return { content, preview, open: id }
  }
  return { content, preview, open: null }
}

function* describe({ file, team, lines, asked }: Planned): Generator<string> {
  yield `${plain(file)}: ${plain(team.name)}\n`
  for (const line of lines) yield `  ${plain(wordsOf(line))}\n`
  for (const { preview, open } of asked) {
    yield `\n  ${open === null ? 'to propose:' : 'proposed already:'} ${plain(preview.summary)}\n`
    for (const { team: who, person, why } of preview.seats)
      yield `    asks     ${plain(who?.name ?? person?.name ?? 'security')} (${plain(why)})\n`
    for (const { rule, outcome, found, allowed } of preview.verdicts)
      yield `    ${outcome.padEnd(8)} ${plain(rule)}: found ${plain(found)}, allowed ${plain(allowed)}\n`
    for (const { reason } of preview.blocked) yield `    blocked  ${plain(reason)}\n`
  }
  yield '\n'
}

function wordsOf(line: PlanLine): string {
  if (line.kind === 'not-found') return `? ${line.name}: not in the registry: scan it with --push first`
  const { name, namespace, environment } = line.identity
  const where = [namespace, environment].filter((one) => one !== null).join(', ')
  const what = where === '' ? name : `${name} (${where})`
  switch (line.kind) {
    case 'stands':
      return `= ${what}: answered for until ${line.until.slice(0, 10)}`
    case 'differs':
      return `~ ${what}: ${line.differences.map(({ field, stands, declared }) => `${field}: ${stands ?? 'not said'} → ${declared}`).join('; ')} (said anew when it is accepted again)`
    case 'hand-over':
      return `+ ${what}: ${line.from === null ? 'nobody has accepted it' : 'another team answers'}`
  }
}
