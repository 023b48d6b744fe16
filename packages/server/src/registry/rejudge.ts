/**
 * All rules over all identities for another instant. Worker threads each take a part of the ids; a finding is written
 * only where its standing differs from the stored one, because from one night to the next almost nothing does.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import pg from 'pg'
import type { Address } from '../db/database.ts'
import { openDatabase } from '../db/database.ts'
import { IMPORT_LOCK } from './import.ts'
import type { Progress } from './import-body.ts'
import { FINDING_RANK, REFRESH_RULE_TOTALS } from './import-sql.ts'
import { judged, loadEstate } from './estates.ts'
import { severityRank } from './columns.ts'
import { saveFindings } from './save-findings.ts'

/** Versions `from` up to, not including, `to`: neighbours in time lie side by side on the disk. */
export type Part = { address: Address; asOf: string; source: string; from: number; to: number }
export type PartCount = { rule: string; severity: number; team: string | null; unknown: number }
export type PartMessage =
  | { type: 'progress'; judged: number }
  | { type: 'done'; unknowns: PartCount[]; changed: number }

/** More parts than threads, so that no thread waits long for the last one. */
const PARTS_PER_THREAD = 4
const MAX_THREADS = 4
/** A batch of documents lives as long as it is judged: with room for it, nothing of it is copied by the collector. */
const YOUNG_MB = 64

/** Judges every present identity and scope as of `asOf`, and brings findings, counts and sums up to date. */
export async function rejudge(address: Address, asOf: Date, progress: Progress): Promise<void> {
  const client = new pg.Client({ ...address, application_name: 'onus rules' })
  await client.connect()
  try {
    progress('waiting', 0, null)
    // Beside an import it would judge documents that are being replaced.
    await client.query('select pg_advisory_lock($1)', [IMPORT_LOCK])
    const { rows: sources } = await client.query<{ id: string; identities: number; first: number; last: number }>(`
      select s.id, s.identities, coalesce(min(i.version_id), 0)::float8 as first,
        coalesce(max(i.version_id), 0)::float8 as last
      from source s left join identity i on i.source_id = s.id and i.vanished_at is null group by s.id order by s.id`)
    const total = sources.reduce((sum, { identities }) => sum + identities, 0)
    let done = 0
    for (const source of sources) {
      const whole = {
        address,
        source: source.id,
        asOf,
        size: source.identities,
        first: source.first,
        last: source.last,
      }
      const unknowns = await judgeSource(whole, (count) => {
        done += count
        progress('judging', done, total)
      })
      await judgeScopes(client, address, source.id, asOf, unknowns)
      await count(client, source.id, asOf, unknowns)
    }
  } finally {
    await client.end()
  }
}

type Unknowns = Map<string, PartCount>

const unknownKey = (count: Omit<PartCount, 'unknown'>): string =>
  JSON.stringify([count.rule, count.severity, count.team])

function addUnknowns(unknowns: Unknowns, counts: readonly PartCount[]): void {
  for (const each of counts) {
    const known = unknowns.get(unknownKey(each))
    if (known) known.unknown += each.unknown
    else unknowns.set(unknownKey(each), { ...each })
  }
}

/** `from` up to, not including, `to`, in at most `parts` ranges without gap or overlap. */
export function cuts(from: number, to: number, parts: number): { from: number; to: number }[] {
  const at = (index: number): number => from + Math.floor(((to - from) * index) / parts)
  return Array.from({ length: parts }, (_, index) => ({ from: at(index), to: at(index + 1) })).filter(
    (cut) => cut.from < cut.to,
  )
}

type SourcePart = { address: Address; source: string; asOf: Date; size: number; first: number; last: number }

async function judgeSource(whole: SourcePart, onJudged: (count: number) => void): Promise<Unknowns> {
  const { address, source, asOf, size } = whole
  const unknowns: Unknowns = new Map()
  // A thread takes a fifth of a second to start: below this many identities one is quicker.
  const threads = size < 5_000 ? 1 : Math.min(MAX_THREADS, availableParallelism())
  const waiting = cuts(whole.first, whole.last + 1, threads * PARTS_PER_THREAD).map(({ from, to }): Part => ({
    address,
    asOf: asOf.toISOString(),
    source,
    from,
    to,
  }))
  const take = async (): Promise<void> => {
    const worker = new Worker(new URL('./rejudge-worker.ts', import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    })
    try {
      for (let part = waiting.shift(); part; part = waiting.shift())
        addUnknowns(unknowns, await judgePart(worker, part, onJudged))
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: threads }, take))
  return unknowns
}

function judgePart(worker: Worker, part: Part, onJudged: (count: number) => void): Promise<PartCount[]> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      act()
    }
    const onMessage = (message: PartMessage): void => {
      if (message.type === 'progress') onJudged(message.judged)
      else finish(() => resolve(message.unknowns))
    }
    const onError = (error: unknown): void => finish(() => reject(error))
    const onExit = (code: number): void => finish(() => reject(new Error(`a judging thread ended with ${code}`)))
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    worker.postMessage(part)
  })
}

/** Namespaces, repositories and accounts: few, so their findings are replaced. */
async function judgeScopes(
  client: pg.Client,
  address: Address,
  source: string,
  asOf: Date,
  unknowns: Unknowns,
): Promise<void> {
  const db = openDatabase(address, () => {}, 1)
  try {
    const estate = await loadEstate(db.read, source, asOf)
    if (!estate) return
    const scopes = await db.read.selectFrom('scope').select(['document']).where('source_id', '=', source).execute()
    const found = scopes.flatMap(({ document }) =>
      judged({ scope: document }, estate).map((finding) => ({ finding, environment: document.environment })),
    )
    for (const { finding } of found.filter(({ finding: { verdict } }) => verdict === 'unknown')) {
      addUnknowns(unknowns, [
        { rule: finding.rule, severity: severityRank(finding.severity), team: finding.team, unknown: 1 },
      ])
    }
    await client.query('begin')
    await client.query(
      `delete from finding where source_id = $1 and identity_id is null
      and subject_kind in ('namespace', 'repository', 'cloud-account', 'directory')`,
      [source],
    )
    await saveFindings(
      client,
      source,
      found.filter(({ finding: { verdict } }) => verdict === 'fail'),
    )
    await client.query('commit')
  } finally {
    await db.close()
  }
}

async function count(client: pg.Client, source: string, asOf: Date, unknowns: Unknowns): Promise<void> {
  await client.query('begin')
  await client.query('delete from rule_count where source_id = $1', [source])
  await client.query(
    `insert into rule_count (source_id, rule, severity, team, fail, unknown)
    select $1, rule, severity, team, sum(fail)::int, sum(unknown)::int from (
      select rule, severity, team, count(*) as fail, 0 as unknown from finding where source_id = $1 group by 1, 2, 3
      union all select * from (select rule, severity, team, 0 as fail, unknown
        from json_to_recordset($2) as u (rule text, severity smallint, team text, unknown int)) as unknowns
    ) as sums group by rule, severity, team`,
    [source, JSON.stringify([...unknowns.values()])],
  )
  await client.query(
    `insert into rule_snapshot (source_id, at, rule, severity, fail, unknown, teams)
    select source_id, $2, rule, max(severity), sum(fail), sum(unknown), count(distinct team) filter (where fail > 0)
    from rule_count where source_id = $1 group by source_id, rule`,
    [source, asOf],
  )
  await client.query('update source set judged_as_of = $2 where id = $1', [source, asOf])
  await client.query(REFRESH_RULE_TOTALS)
  await client.query('commit')
}

/** $1: the identities whose findings differ, with their counts, as JSON. */
export const UPDATE_COUNTS = `
  with given as (
    select *, ${FINDING_RANK} as rank from json_to_recordset($1) as given
      (id text, version bigint, low int, medium int, high int, critical int, worst smallint, rules text[], digest text)
  ), judged as (
    update identity_version v set findings_digest = n.digest from given n where v.id = n.version
  )
  update identity t set low = n.low, medium = n.medium, high = n.high, critical = n.critical, worst = n.worst,
    rules = n.rules, finding_rank = n.rank
  from given n where t.id = n.id`
