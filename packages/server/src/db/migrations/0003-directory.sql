-- People, teams, and who belongs to what: dated, so that "who was a member on that day" has an answer. Sessions, links and
-- tokens belong to somebody. New columns have defaults that are true for rows of the version before.

create table person (
  id text collate "C" primary key,
  user_name text not null,
  name_key text collate "C" not null, -- user_name as it is compared; made in one place, when it is written
  display_name text not null,
  email text,
  external_id text, -- what the directory calls them
  oidc_issuer text, -- bound at the first sign-in: names are given to the next person, subjects are not
  oidc_subject text,
  origin text not null check (origin in ('local', 'oidc', 'scim', 'example')),
  is_active boolean not null,
  revision integer not null default 1,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  left_at timestamptz,
  deleted_at timestamptz, -- the directory forgot them; their name is free again, their id never
  check (is_active = (left_at is null))
);
create unique index person_by_name on person (name_key) where deleted_at is null;
create unique index person_by_subject on person (oidc_issuer, oidc_subject) where deleted_at is null;
create index person_by_external_id on person (external_id);
create index person_in_order on person (created_at, id) where deleted_at is null;

-- When somebody was here. Apart from memberships: a directory that suspends and restores says no membership twice.
create table person_activity (
  id bigint generated always as identity primary key,
  person_id text collate "C" not null references person,
  valid_from timestamptz not null,
  valid_to timestamptz,
  check (valid_to >= valid_from)
);
create unique index person_activity_now on person_activity (person_id) where valid_to is null;
create index person_activity_of on person_activity (person_id, valid_from);

create table directory_team (
  id text collate "C" primary key, -- of a discovered team of the same name, so the two meet
  name text not null,
  slug text collate "C" not null,
  kind text not null check (kind in ('business', 'platform', 'security')),
  external_id text,
  origin text not null check (origin in ('local', 'oidc', 'scim', 'example')),
  escalation text, -- an address or a channel
  is_active boolean not null,
  revision integer not null default 1,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  dissolved_at timestamptz,
  check (is_active = (dissolved_at is null))
);
create unique index directory_team_by_slug on directory_team (slug) where is_active;
create index directory_team_in_order on directory_team (created_at, id) where is_active;

create table membership (
  id bigint generated always as identity primary key,
  team_id text collate "C" not null references directory_team,
  person_id text collate "C" not null references person,
  origin text not null check (origin in ('local', 'oidc', 'scim', 'example')),
  valid_from timestamptz not null,
  valid_to timestamptz,
  check (valid_to >= valid_from)
);
create unique index membership_now on membership (team_id, person_id) where valid_to is null;
create index membership_of_person on membership (person_id, valid_from);
create index membership_of_team on membership (team_id, valid_from);

-- The power to answer follows from membership in the accountable team and is not here.
create table power_holder (
  id text collate "C" primary key,
  team_id text collate "C" references directory_team,
  person_id text collate "C" references person,
  power text not null check (power in ('operate', 'guard', 'audit')),
  valid_from timestamptz not null,
  valid_to timestamptz,
  by_change text collate "C", -- the decision it follows from
  check ((team_id is null) <> (person_id is null)),
  check (valid_to >= valid_from)
);
create unique index power_holder_team on power_holder (team_id, power) where valid_to is null;
create unique index power_holder_person on power_holder (person_id, power) where valid_to is null;

-- Whoever reads the terminal of the server. From before any day that is asked about.
insert into person (id, user_name, name_key, display_name, origin, is_active, created_at, changed_at)
  values ('per_local', 'administrator', 'administrator', 'administrator', 'local', true, 'epoch', 'epoch');
insert into person_activity (person_id, valid_from) values ('per_local', 'epoch');
insert into power_holder (id, person_id, power, valid_from) values ('pow_local', 'per_local', 'operate', 'epoch');

-- A departure that makes somebody stop answering for something. Counted over a window, also across restarts: when a
-- directory lets many go at once, it is held until a person has looked.
create table directory_hold (
  id text collate "C" primary key,
  opened_at timestamptz not null,
  reason text not null,
  state text not null default 'open' check (state in ('open', 'released', 'discarded')),
  decided_at timestamptz,
  decided_by text collate "C" references person,
  note text
);
create table departure (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  kind text not null check (kind in ('person-left', 'person-deleted', 'member-left', 'team-dissolved')),
  person_id text collate "C" references person,
  team_id text collate "C" references directory_team,
  origin text not null,
  owners text[] collate "C" not null, -- people who thereby stop answering for a team
  state text not null check (state in ('applied', 'held', 'released', 'discarded', 'withdrawn')),
  hold_id text collate "C" references directory_hold,
  check (state <> 'held' or hold_id is not null)
);
create index departure_by_time on departure (at);
create index departure_of_hold on departure (hold_id);
create index departure_held_person on departure (person_id) where state = 'held';
create index departure_held_team on departure (team_id) where state = 'held';

alter table session
  add column id text collate "C" not null unique default 'ses_' || left(replace(gen_random_uuid()::text, '-', ''), 20),
  add column person_id text collate "C" not null default 'per_local' references person,
  add column persona_id text collate "C" references person, -- of the example company, to look around as
  add column user_agent text not null default '',
  alter column role set default 'reader',
  alter column name set default '';
create index session_of_person on session (person_id);

alter table sign_in_link
  add column person_id text collate "C" not null default 'per_local' references person;

alter table api_token
  add column team_id text collate "C" references directory_team, -- null: the installation's own
  add column scopes text[] collate "C" not null default '{import}',
  add column created_by text collate "C" not null default 'per_local' references person;
create index api_token_of_team on api_token (team_id);

-- A fixed number of buckets: nobody makes it grow, or forget, by coming from many addresses.
create table attempt (
  purpose text collate "C" not null,
  bucket integer not null,
  window_at timestamptz not null,
  count integer not null,
  primary key (purpose, bucket)
);
