/** The set-based statements of an import; `import.ts` runs them in this order. $1 source, $2 import, $3 instant. */

export const IDENTITY_COLUMNS = [
  'id',
  'system',
  'kind',
  'name',
  'namespace',
  'environment',
  'is_production',
  'state',
  'team',
  'team_name',
  'file',
  'line',
  'credentials',
  'oldest_rotation_at',
  'meaning_hash',
  'document_hash',
  'search',
  'sort_name',
  'sort_namespace',
  'sort_team',
  'state_rank',
  'rotated_key',
  'document',
] as const
/** What `identity` takes over from `incoming`: all but the document, which goes into the version. */
const HELD = IDENTITY_COLUMNS.filter((column) => column !== 'document')
const COUNTED = ['low', 'medium', 'high', 'critical', 'worst', 'rules', 'finding_rank']
const VERSIONED = ['kind', 'namespace', 'environment', 'state', 'team', 'team_name', 'search', 'sort_name', 'document']

const from = (alias: string, columns: readonly string[]): string =>
  columns.map((column) => `${alias}.${column}`).join(', ')
const set = (alias: string, columns: readonly string[]): string =>
  columns.map((column) => `${column} = ${alias}.${column}`).join(', ')

/** Digits of base 1000, so that one critical finding outranks any number of high ones (up to 999). */
export const FINDING_RANK = `least(critical, 999)::bigint * 1000000000 + least(high, 999)::bigint * 1000000
  + least(medium, 999) * 1000 + least(low, 999)`

export const CREATE_INCOMING = `
  create temporary table incoming on commit drop as
    select ${from('i', HELD)}, v.document from identity i join identity_version v on false with no data;
  create temporary table incoming_finding on commit drop as select * from finding with no data;
  create temporary table incoming_unknown (identity_id text collate "C", rule text, severity smallint, team text)
    on commit drop;
  create temporary table incoming_scope on commit drop as select * from scope with no data`

/** Everything in them is read whole, so they need no index, but the planner must know their sizes. */
export const ANALYZE_INCOMING = 'analyze incoming; analyze incoming_finding; analyze incoming_unknown'

/** An identity that another source holds stays with it. */
export const SET_OVERLAPS_ASIDE = `
  with taken as (
    delete from incoming i using identity h
    where h.id = i.id and h.source_id <> $1 and h.vanished_at is null returning i.id
  )
  insert into overlap (identity_id, source_id, last_seen_at) select id, $1, $2 from taken
  on conflict (identity_id, source_id) do update set last_seen_at = excluded.last_seen_at`
export const DROP_OLD_OVERLAPS = 'delete from overlap where source_id = $1 and last_seen_at < $2'
export const HOLDER_OF_OVERLAPS = `
  select s.label, count(*)::int as count
  from overlap o join identity i on i.id = o.identity_id join source s on s.id = i.source_id
  where o.source_id = $1 group by s.label order by count desc limit 1`

/** Findings about identities that are not ours, or not in the report, are not ours either. */
export const KEEP_OWN_FINDINGS = `
  delete from incoming_finding f where f.identity_id is not null
    and not exists (select from incoming i where i.id = f.identity_id)`
export const KEEP_OWN_UNKNOWNS = `
  delete from incoming_unknown u where u.identity_id is not null
    and not exists (select from incoming i where i.id = u.identity_id)`
/** Of a finding that the report has twice, one. */
export const KEEP_ONE_FINDING = `
  delete from incoming_finding f using (
    select id, min(ctid) as first from incoming_finding group by id having count(*) > 1
  ) as repeated where f.id = repeated.id and f.ctid <> repeated.first`
/** Identities of the report about which people decided something. */
export const FIND_DECIDED = `
  create temporary table decided on commit drop as
  select id from incoming i where exists (select from acceptance a where a.identity_id = i.id)
    or exists (select from refusal r where r.identity_id = i.id);
  analyze decided`
/** A scan judges what it sees; what follows from decisions is judged here (\`restand.ts\`), and stays as it is. */
export const KEEP_DECIDED_FINDINGS = 'delete from incoming_finding f using decided d where f.identity_id = d.id'
export const DECIDED_TO_RESTAND = "select id from decided join change using (id) where kind <> 'same'"
export const COUNT_FINDINGS = `
  create temporary table counted on commit drop as
  select *, ${FINDING_RANK} as finding_rank from (
    select identity_id as id,
      count(*) filter (where severity = 1)::int as low, count(*) filter (where severity = 2)::int as medium,
      count(*) filter (where severity = 3)::int as high, count(*) filter (where severity = 4)::int as critical,
      max(severity) as worst, array_agg(distinct rule order by rule) as rules,
      md5(string_agg(id || ':' || severity || ':' || coalesce(team, ''), ',' order by id)) as findings_digest
    from incoming_finding where identity_id is not null group by identity_id
  ) as sums;
  create index on counted (id); analyze counted`

export const PLAN = `
  create temporary table change on commit drop as
  select i.id, h.version_id, case
      when h.id is null then 'appeared'
      when h.vanished_at is not null then 'returned'
      when h.meaning_hash <> i.meaning_hash then 'changed'
      when h.document_hash <> i.document_hash then 'moved'
      else 'same' end as kind
  from incoming i left join identity h on h.id = i.id;
  create index on change (id); analyze change`

export const CLOSE_CHANGED = `
  update identity_version v set valid_to = $3, closed_by = $2
  from change c where c.kind = 'changed' and v.id = c.version_id and $1 <> ''`
/** A version begins with what its identity's counts are of: of its own findings, of those before, or of none. */
export const OPEN_VERSIONS = `
  with opened as (
    insert into identity_version (identity_id, source_id, valid_from, opened_by, findings_digest, ${VERSIONED.join(', ')})
    select i.id, $1, $3, $2,
      case c.kind when 'appeared' then coalesce(n.findings_digest, '') when 'changed' then v.findings_digest else '' end,
      ${from('i', VERSIONED)}
    from incoming i join change c using (id) left join counted n using (id)
      left join identity_version v on v.id = c.version_id
    where c.kind in ('appeared', 'changed', 'returned')
    returning id, identity_id
  )
  update change c set version_id = o.id from opened o where o.identity_id = c.id`
export const REPLACE_MOVED = `
  update identity_version v set document = i.document, search = i.search
  from change c join incoming i using (id) where c.kind = 'moved' and v.id = c.version_id`

export const INSERT_APPEARED = `
  insert into identity (source_id, version_id, first_seen_at, last_seen_at, ${HELD.join(', ')}, ${COUNTED.join(', ')})
  select $1, c.version_id, $2, $2, ${from('i', HELD)}, coalesce(n.low, 0), coalesce(n.medium, 0), coalesce(n.high, 0),
    coalesce(n.critical, 0), coalesce(n.worst, 0), coalesce(n.rules, '{}'), coalesce(n.finding_rank, 0)
  from incoming i join change c using (id) left join counted n using (id) where c.kind = 'appeared'`
export const UPDATE_CHANGED = `
  update identity t set source_id = $1, version_id = c.version_id, last_seen_at = $2, vanished_at = null,
    ${set(
      'i',
      HELD.filter((column) => column !== 'id'),
    )}
  from change c join incoming i using (id) where c.kind in ('changed', 'returned', 'moved') and t.id = c.id`
/** Touches no indexed column, so PostgreSQL writes no index. */
export const TOUCH_SAME = `update identity t set last_seen_at = $1 from change c where c.kind = 'same' and t.id = c.id`
/** Where the findings differ from those that were counted. What follows from decisions is counted by itself. */
export const UPDATE_COUNTS = `
  with differing as (
    update identity_version v set findings_digest = coalesce(n.findings_digest, '')
    from change c left join counted n using (id)
    where v.id = c.version_id and v.findings_digest <> coalesce(n.findings_digest, '')
      and not exists (select from decided d where d.id = c.id)
    returning v.identity_id
  )
  update identity t set low = coalesce(n.low, 0), medium = coalesce(n.medium, 0), high = coalesce(n.high, 0),
    critical = coalesce(n.critical, 0), worst = coalesce(n.worst, 0), rules = coalesce(n.rules, '{}'),
    finding_rank = coalesce(n.finding_rank, 0)
  from differing d left join counted n on n.id = d.identity_id where t.id = d.identity_id`
const NO_FINDINGS = `low = 0, medium = 0, high = 0, critical = 0, worst = 0, rules = '{}', finding_rank = 0`

/** $4: systems of which silence proves nothing. Answers how many vanished. */
export const MARK_VANISHED = `
  with gone as (
    update identity set vanished_at = $3, ${NO_FINDINGS}
    where source_id = $1 and vanished_at is null and last_seen_at < $3 and system <> all ($4::text[])
    returning version_id
  )
  update identity_version v set valid_to = $3, closed_by = $2 from gone where v.id = gone.version_id`

/** $3: false keeps findings about scopes that the report does not name, because it did not read everything. */
export const DELETE_FINDINGS = `
  delete from finding f where f.source_id = $1
    and not exists (select from incoming_finding n where n.id = f.id and n.hash = f.hash)
    and not exists (select from decided d where d.id = f.identity_id)
    and case when f.identity_id is null then $3 or exists (select from incoming_scope s where s.id = f.subject_id)
      else exists (select from identity i
        where i.id = f.identity_id and (i.last_seen_at = $2 or i.vanished_at is not null)) end`
const FOUND = [
  'id',
  'source_id',
  'rule',
  'severity',
  'subject_kind',
  'subject_id',
  'identity_id',
  'credential',
  'team',
  'title',
  'detail',
  'evidence',
  'hash',
]
/** Those of identities that the registry did not know cannot be there yet. */
export const INSERT_FINDINGS = `
  insert into finding (about, environment, ${FOUND.join(', ')})
  select coalesce(f.identity_id, f.subject_id), coalesce(i.environment, s.environment), ${from('f', FOUND)}
  from incoming_finding f left join incoming i on i.id = f.identity_id left join incoming_scope s on s.id = f.subject_id
    left join change c on c.id = f.identity_id
  where c.kind is not distinct from 'appeared'
    or not exists (select from finding x where x.about = coalesce(f.identity_id, f.subject_id) and x.id = f.id
      and x.source_id = f.source_id)`

export const DELETE_SCOPES = `
  delete from scope s where s.source_id = $1 and ($2 or exists (select from incoming_scope n where n.id = s.id))`
/** A scope that another source holds stays with it. */
export const INSERT_SCOPES = 'insert into scope select * from incoming_scope on conflict (id) do nothing'

export const CLEAR_TEAMS = 'delete from team where source_id = $1'
export const CLEAR_RECORDS = 'delete from record where source_id = $1'

const COUNT_RULES = `
  select $1::text as source_id, rule, severity, team, sum(fail)::int as fail, sum(unknown)::int as unknown from (
    select rule, severity, team, count(*) as fail, 0 as unknown from finding where source_id = $1 group by 1, 2, 3
    union all select rule, severity, team, 0, count(*) from incoming_unknown group by 1, 2, 3
  ) as sums group by rule, severity, team`
export const CLEAR_RULE_COUNTS = 'delete from rule_count where source_id = $1'
export const INSERT_RULE_COUNTS = `
  insert into rule_count (source_id, rule, severity, team, fail, unknown) ${COUNT_RULES}`
export const INSERT_SNAPSHOT = `
  insert into rule_snapshot (source_id, at, rule, severity, fail, unknown, teams)
  select source_id, $2, rule, max(severity), sum(fail), sum(unknown), count(distinct team) filter (where fail > 0)
  from rule_count where source_id = $1 group by source_id, rule`

export const CLEAR_TALLY = 'delete from tally where source_id = $1'
/** By the dimensions that are asked for together: the coarse ones stay small when there are thousands of teams. */
export const INSERT_TALLY = `
  insert into tally (source_id, grain, kind, environment, team, state, identities, credentials)
  select source_id, case grouping(kind, environment, team) when 0 then 'full' when 5 then 'environment' else 'team' end,
    kind, environment, team, state, count(*), sum(credentials)
  from identity where source_id = $1 and vanished_at is null
  group by grouping sets (
    (source_id, kind, environment, team, state), (source_id, environment, state), (source_id, team, state))`
/** Over all sources, so that a team that two of them name counts once. */
export const REFRESH_RULE_TOTALS = `
  delete from rule_total;
  insert into rule_total (rule, severity, fail, unknown, teams)
  select rule, max(severity), sum(fail), sum(unknown), count(team) filter (where fail > 0)
  from (select rule, team, max(severity) as severity, sum(fail) as fail, sum(unknown) as unknown
    from rule_count group by rule, team) as teams group by rule`

export const REFRESH_SOURCE = `
  update source s set
    identities = (select coalesce(sum(identities), 0) from tally t
      where t.source_id = s.id and t.grain = 'environment'),
    credentials = (select coalesce(sum(credentials), 0) from tally t
      where t.source_id = s.id and t.grain = 'environment'),
    vanished = (select count(*) from identity i where i.source_id = s.id and i.vanished_at is not null)
  where s.id = $1`
