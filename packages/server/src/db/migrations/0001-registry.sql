-- The registry: what sources said (replaced by a re-import), with its history; sessions and jobs of the server.
-- Ids and sort keys compare by code point ("C"), so a page cursor means the same on every database.

-- Search needs it to be fast, not to be right: without it the same query reads the whole table.
do $$ begin create extension if not exists pg_trgm; exception when others then raise notice 'pg_trgm is not available'; end $$;

create table installation (
  only_row boolean primary key default true check (only_row),
  cursor_key bytea not null
);
-- Two UUIDs of 122 random bits each.
insert into installation (cursor_key) values (decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

create table source (
  id text collate "C" primary key,
  name text not null unique,
  path text not null,
  label text not null,
  as_of timestamptz not null,
  judged_as_of timestamptz not null, -- the instant the stored findings were judged for
  last_import_at timestamptz not null,
  last_import_id text not null,
  is_complete boolean not null,
  is_example boolean not null default false,
  knows_groups boolean not null,
  limits json not null, -- of the conventions it was judged by, in days
  identities integer not null,
  credentials integer not null,
  vanished integer not null,
  files integer not null,
  unread integer not null,
  readers json not null
);

create table import (
  id text collate "C" primary key,
  source_id text collate "C" not null references source deferrable initially deferred,
  at timestamptz not null,
  as_of timestamptz not null,
  result json not null
);

-- One row an identity, the first source that reported it holds it. The document is in its current version.
create table identity (
  id text collate "C" primary key,
  source_id text collate "C" not null,
  version_id bigint not null,
  system text collate "C" not null, -- the reader that could see it vanish
  kind text collate "C" not null,
  name text not null,
  namespace text collate "C",
  environment text collate "C",
  is_production boolean,
  state text collate "C" not null,
  team text collate "C",
  team_name text,
  file text not null,
  line integer not null,
  credentials integer not null,
  oldest_rotation_at timestamptz,
  low integer not null default 0,
  medium integer not null default 0,
  high integer not null default 0,
  critical integer not null default 0,
  worst smallint not null default 0, -- 0 none, 1 low ... 4 critical
  rules text[] collate "C" not null default '{}', -- rules that fail, for the filter
  findings_digest text collate "C" not null default '', -- of the stored findings: a re-run writes only what differs
  meaning_hash bytea not null, -- of what is said, without where: moved lines make no new version
  document_hash bytea not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  vanished_at timestamptz,
  search text not null, -- lower case: name, namespace, team, reference
  sort_name text collate "C" not null,
  sort_namespace text collate "C" not null,
  sort_team text collate "C" not null,
  state_rank smallint not null,
  finding_rank bigint not null default 0, -- critical, high, medium, low as digits of base 1000
  rotated_key bigint not null -- ms since 1970; unknown sorts last
) with (fillfactor = 90);

create index identity_by_name on identity (sort_name, id);
create index identity_by_namespace on identity (sort_namespace, id);
create index identity_by_team on identity (sort_team, id);
create index identity_by_state on identity (state_rank, id);
create index identity_by_findings on identity (finding_rank, id);
create index identity_by_rotation on identity (rotated_key, id);
create index identity_by_first_seen on identity (first_seen_at, id);
create index identity_of_state on identity (state, sort_name, id);
create index identity_of_team on identity (team, sort_name, id);
create index identity_of_environment on identity (environment, sort_name, id);
create index identity_of_kind on identity (kind, sort_name, id);
create index identity_of_namespace on identity (namespace, sort_name, id);
create index identity_of_source on identity (source_id, sort_name, id);
create index identity_vanished on identity (sort_name, id) where vanished_at is not null;
create index identity_failing on identity using gin (rules);
-- The planner judges `like` by these samples; a coarse histogram makes it read a common word through the index.
alter table identity alter search set statistics 1000, alter rules set statistics 300;
do $$ begin
  if exists (select from pg_extension where extname = 'pg_trgm') then
    create index identity_search on identity using gin (search gin_trgm_ops);
  end if;
end $$;

create table identity_version (
  id bigint generated always as identity primary key,
  identity_id text collate "C" not null,
  source_id text collate "C" not null,
  valid_from timestamptz not null,
  valid_to timestamptz,
  opened_by text collate "C" not null, -- import
  closed_by text collate "C",
  kind text collate "C" not null,
  namespace text collate "C",
  environment text collate "C",
  state text collate "C" not null,
  team text collate "C",
  team_name text,
  search text not null,
  sort_name text collate "C" not null,
  document json not null
);
create index identity_version_of on identity_version (identity_id, valid_from);
create index identity_version_by_name on identity_version (sort_name, identity_id);

-- Another source reports an identity that is held already.
create table overlap (
  identity_id text collate "C" not null,
  source_id text collate "C" not null,
  last_seen_at timestamptz not null,
  primary key (identity_id, source_id)
);

create table finding (
  id text collate "C" not null,
  source_id text collate "C" not null,
  rule text collate "C" not null,
  severity smallint not null, -- 1 low ... 4 critical
  subject_kind text not null,
  subject_id text collate "C" not null,
  identity_id text collate "C",
  about text collate "C" not null, -- the identity, else the subject
  credential text,
  team text collate "C",
  environment text collate "C",
  title text not null,
  detail text not null,
  evidence json not null,
  hash text collate "C" not null, -- of everything said above
  primary key (id, source_id)
) with (fillfactor = 90);
create index finding_about on finding (about);
create index finding_by_severity on finding (severity desc, rule, id);
create index finding_of_rule on finding (rule, severity desc, id);
create index finding_of_team on finding (team, severity desc, rule, id);
create index finding_of_environment on finding (environment, severity desc, rule, id);
create index finding_of_source on finding (source_id);

create table rule_count (
  source_id text collate "C" not null,
  rule text collate "C" not null,
  severity smallint not null,
  team text collate "C",
  fail integer not null,
  unknown integer not null
);
create index rule_count_of_source on rule_count (source_id);
create index rule_count_of_team on rule_count (team);

-- The same over all sources and teams.
create table rule_total (
  rule text collate "C" primary key,
  severity smallint not null,
  fail integer not null,
  unknown integer not null,
  teams integer not null
);

-- Counts as they were after each import and re-run, for the overview of an earlier date.
create table rule_snapshot (
  source_id text collate "C" not null,
  at timestamptz not null,
  rule text collate "C" not null,
  severity smallint not null,
  fail integer not null,
  unknown integer not null,
  teams integer not null
);
create index rule_snapshot_at on rule_snapshot (source_id, at);

-- What a report said about its rules, for rules that this server does not know.
create table rule_said (
  rule text collate "C" primary key,
  severity smallint not null,
  fix text not null,
  missing text not null default '',
  maps json not null
);

-- Present identities by the dimensions that the overview and the totals ask for.
create table tally (
  source_id text collate "C" not null,
  grain text not null, -- full: all dimensions; environment, team: only that one and the state
  kind text collate "C",
  environment text collate "C",
  team text collate "C",
  state text collate "C" not null,
  identities integer not null,
  credentials integer not null
);
create index tally_of_source on tally (source_id);
create index tally_of_team on tally (team, grain);

create table team (
  source_id text collate "C" not null,
  id text collate "C" not null,
  name text not null,
  is_known boolean not null,
  search text not null,
  sort_name text collate "C" not null,
  document json not null,
  primary key (id, source_id)
);
create index team_of_source on team (source_id);

create table scope (
  id text collate "C" primary key,
  source_id text collate "C" not null,
  kind text not null,
  name text not null,
  environment text,
  state text collate "C" not null,
  team text collate "C",
  search text not null,
  sort_name text collate "C" not null,
  document json not null
);
create index scope_by_name on scope (sort_name, id);
create index scope_of_source on scope (source_id);
create index scope_of_team on scope (team);

-- Services, business functions and APIs: small, looked up by id, listed by name.
create table record (
  kind text collate "C" not null check (kind in ('service', 'function', 'api')),
  source_id text collate "C" not null,
  id text collate "C" not null,
  search text not null,
  sort_name text collate "C" not null,
  document json not null,
  primary key (id, source_id)
);
create index record_by_name on record (kind, sort_name, id);
create index record_of_source on record (source_id);

create table job (
  id text collate "C" primary key,
  kind text not null check (kind in ('scan', 'import', 'rules')),
  ask json not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed')),
  stage text not null default 'waiting',
  done bigint not null default 0,
  total bigint,
  message text,
  result json,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz
);
create index job_open on job (created_at) where state in ('queued', 'running');

-- Secrets are kept as SHA-256: each is 256 random bits, so a slow hash would add nothing.
create table session (
  token_hash bytea primary key,
  role text not null check (role in ('administrator', 'reader')),
  name text not null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null
);
create table sign_in_link (
  token_hash bytea primary key,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create table api_token (
  id text collate "C" primary key,
  token_hash bytea not null unique,
  purpose text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);

create table saved_view (
  id text collate "C" primary key,
  name text not null,
  screen text not null,
  search json not null,
  created_at timestamptz not null
);
