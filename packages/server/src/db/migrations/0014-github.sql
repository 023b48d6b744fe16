-- Repositories that a GitHub App of the company's shows to Onus. A name is given again and a number is not, so a number
-- is what everything hangs on.
create table github_repository (
  id text collate "C" primary key,
  repository_id bigint not null,
  manifest text not null, -- its path
  token_id text collate "C" not null references api_token, -- proposes what nobody who is linked wrote
  connected_by text collate "C" not null,
  connected_at timestamptz not null,
  ended_at timestamptz,
  ended text check (ended in ('disconnected', 'uninstalled', 'deleted', 'transferred')),
  check ((ended_at is null) = (ended is null))
);
create unique index github_repository_now on github_repository (repository_id) where ended_at is null;
create constraint trigger needs_entry after insert or update or delete on github_repository
  deferrable initially deferred for each row execute function ledger_required();

-- As GitHub said last. Apart from the decision that it is connected.
create table github_state (
  connection_id text collate "C" primary key references github_repository,
  installation_id bigint not null,
  full_name text not null,
  default_branch text not null,
  last_at timestamptz,
  last_problem text
);

-- A pull request as far as Onus has to do with it.
create table github_pull (
  connection_id text collate "C" not null references github_repository,
  number integer not null,
  head_sha text collate "C" not null,
  until timestamptz not null, -- of what it asks for; the same every time, so that the digest is
  shown json not null, -- digests that the check showed on this head, each with when, by GitHub's clock
  check_run_id bigint, -- on this head
  comment_id bigint,
  pushers bigint[] not null default '{}', -- accounts that pushed to it
  heard_sha text collate "C", -- the commit up to which every push was heard of; empty: one was missed
  writers bigint[] not null default '{}', -- accounts that opened it, pushed to it or wrote its commits
  changes text[] collate "C" not null default '{}', -- requests for what it asks for
  withheld json not null, -- why approvals of a merge were not taken
  merged_at timestamptz,
  seen text not null default '', -- how the changes stood when the check was last asked for
  is_settled boolean not null default true, -- none of them is open
  primary key (connection_id, number)
);
create index github_pull_unsettled on github_pull (connection_id, number) where not is_settled;

-- One row a thing to do, however often it is asked for.
create table github_job (
  connection_id text collate "C" not null references github_repository,
  number integer not null,
  kind text not null check (kind in ('check', 'merge', 'say')),
  ref text collate "C" not null default '', -- tells several of a kind apart
  body text, -- what to say
  wanted integer not null default 1,
  attempts integer not null default 0,
  next_at timestamptz not null,
  claimed_until timestamptz,
  is_dead boolean not null default false,
  problem text,
  primary key (connection_id, number, kind, ref)
);
create index github_job_due on github_job (next_at) where not is_dead;

-- Deliveries that were taken, by their id and by what was signed: the header with the id is not.
create table github_delivery (
  id text collate "C" primary key,
  digest bytea not null unique,
  at timestamptz not null
);
create index github_delivery_by_time on github_delivery (at);

-- A person and their account on GitHub. Either side has said so.
create table github_link (
  id text collate "C" primary key,
  person_id text collate "C" not null references person,
  account_id bigint not null,
  login text not null, -- as it was called then; for showing
  linked_at timestamptz not null,
  ended_at timestamptz
);
create unique index github_link_of_person on github_link (person_id) where ended_at is null;
create unique index github_link_of_account on github_link (account_id) where ended_at is null;
create constraint trigger needs_entry after insert or update or delete on github_link
  deferrable initially deferred for each row execute function ledger_required();
create table github_link_code (
  person_id text collate "C" primary key references person,
  code_hash bytea not null unique,
  account_id bigint not null, -- the only account whose word it is
  login text not null,
  expires_at timestamptz not null
);
