-- Who answers for what, as teams decided it. An acceptance is never changed but for its end, so the table says who was
-- accountable on any day; what follows for the identity is in its versions.
create table acceptance (
  id text collate "C" primary key,
  batch text collate "C" not null, -- accepted in one decision
  identity_id text collate "C" not null,
  team_id text collate "C" not null references directory_team,
  team_name text not null, -- as it was called then
  accepted_by text collate "C" not null references person,
  accepted_at timestamptz not null,
  until timestamptz not null,
  purpose text,
  function_id text collate "C",
  function_name text,
  sponsor text collate "C" references person,
  revocation text,
  change_id text collate "C",
  ended_at timestamptz,
  ended text check (ended in ('renewed', 'handed-over', 'ran-out', 'team-dissolved', 'team-without-member')),
  check ((ended_at is null) = (ended is null)),
  check (until > accepted_at)
);
create unique index acceptance_now on acceptance (identity_id) where ended_at is null;
create index acceptance_of_identity on acceptance (identity_id, accepted_at desc);
create index acceptance_of_team on acceptance (team_id) where ended_at is null;
create index acceptance_by_end on acceptance (until) where ended_at is null;

-- A team's no to a claim. It stands until the team accepts after all.
create table refusal (
  identity_id text collate "C" not null,
  team_id text collate "C" not null references directory_team,
  team_name text not null,
  refused_by text collate "C" not null references person,
  refused_at timestamptz not null,
  suggested_id text collate "C" references directory_team,
  suggested_name text,
  primary key (identity_id, team_id)
);
create index refusal_suggesting on refusal (suggested_id) where suggested_id is not null;

-- Somebody must take over, or the identity is to be suspended. Open until it is accepted again.
create table orphaned (
  identity_id text collate "C" primary key,
  acceptance_id text collate "C" not null references acceptance,
  since timestamptz not null,
  due_at timestamptz not null
);
create index orphaned_by_due on orphaned (due_at);

-- Identities whose standing is to be computed again, because what it depends on has changed.
create table restanding (
  identity_id text collate "C" primary key,
  since timestamptz not null
);
