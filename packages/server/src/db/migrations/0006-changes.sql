-- Change requests, what people decided on them, and what followed. A row of these tables changes only together with an
-- entry of the ledger.
create table change_request (
  id text collate "C" primary key,
  kind text not null,
  state text not null check (state in ('open', 'applied', 'rejected', 'withdrawn', 'expired')),
  summary text not null,
  content json not null,
  base json not null, -- what it was written against
  digest text collate "C" not null, -- of kind, content and base; what an approval is given to
  is_emergency boolean not null,
  revision integer not null,
  plan json not null, -- as it was when it was written or closed
  author_kind text not null check (author_kind in ('person', 'token')),
  author_id text collate "C" not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  expires_at timestamptz not null,
  closed_at timestamptz,
  closed_by_kind text,
  closed_by text collate "C",
  check ((state = 'open') = (closed_at is null))
);
create index change_in_order on change_request (created_at desc, id desc);
create index change_by_state on change_request (state, created_at desc, id desc);
create index change_by_end on change_request (expires_at) where state = 'open';
create index change_of_author on change_request (author_id, created_at desc, id desc);

-- Whoever wrote or edited it; a person behind a token too.
create table change_author (
  change_id text collate "C" not null references change_request,
  kind text not null check (kind in ('person', 'token')),
  author_id text collate "C" not null,
  at timestamptz not null,
  primary key (change_id, kind, author_id)
);
create table change_identity (
  change_id text collate "C" not null references change_request,
  identity_id text collate "C" not null,
  primary key (identity_id, change_id)
);
create index change_identity_of_change on change_identity (change_id);
-- As they were when it was written, to find what waits for somebody; who may decide is asked anew each time.
create table change_seat (
  change_id text collate "C" not null references change_request,
  seat text collate "C" not null,
  capacity text not null check (capacity in ('answer', 'sponsor', 'guard', 'operate')),
  team_id text collate "C",
  person_id text collate "C",
  is_filled boolean not null default false,
  primary key (change_id, seat)
);
create index change_seat_of_team on change_seat (team_id) where team_id is not null and not is_filled;
create index change_seat_of_person on change_seat (person_id) where person_id is not null and not is_filled;
create index change_seat_of_capacity on change_seat (capacity) where not is_filled;

create table change_decision (
  id text collate "C" primary key,
  change_id text collate "C" not null references change_request,
  digest text collate "C" not null,
  seat text collate "C" not null,
  verdict text not null check (verdict in ('approve', 'reject')),
  person_id text collate "C" not null references person,
  human text not null, -- the same for two accounts of one person
  at timestamptz not null,
  voided_at timestamptz
);
create index change_decision_of on change_decision (change_id, at);
-- One seat, one person; one person, one seat.
create unique index change_decision_seat on change_decision (change_id, seat) where voided_at is null and verdict = 'approve';
create unique index change_decision_human on change_decision (change_id, human) where voided_at is null;

-- Grants and credentials that were decided here. What a source reports stands beside them and decides nothing.
create table decided_grant (
  id text collate "C" primary key,
  identity_id text collate "C" not null,
  permission text not null,
  resource text not null,
  environment text,
  level text not null,
  until timestamptz,
  change_id text collate "C" not null references change_request,
  granted_at timestamptz not null,
  ended_at timestamptz,
  ended_by text collate "C" references change_request
);
create unique index decided_grant_now on decided_grant (identity_id, permission, resource, coalesce(environment, '')) where ended_at is null;
create table removed_grant (
  identity_id text collate "C" not null,
  permission text not null,
  resource text not null,
  environment text,
  change_id text collate "C" not null references change_request,
  removed_at timestamptz not null
);
create index removed_grant_of on removed_grant (identity_id);
create table decided_credential (
  id text collate "C" primary key,
  identity_id text collate "C" not null,
  kind text not null,
  name text not null,
  purpose text not null,
  expires_at timestamptz,
  revocation text not null,
  change_id text collate "C" not null references change_request,
  decided_at timestamptz not null,
  ended_at timestamptz
);
create unique index decided_credential_now on decided_credential (identity_id, name) where ended_at is null;

create table decided_function (
  function_id text collate "C" not null,
  version integer not null,
  name text not null,
  team_id text collate "C" not null references directory_team,
  sponsor text collate "C" not null references person,
  data_classes text[] not null,
  criticality text not null,
  change_id text collate "C" not null references change_request,
  valid_from timestamptz not null,
  valid_to timestamptz,
  primary key (function_id, version)
);
create unique index decided_function_now on decided_function (function_id) where valid_to is null;

-- A version without text retires the guardrail. Two hold at once when the older one was loosened a while ago.
create table guardrail_version (
  guardrail_id text collate "C" not null,
  version integer not null,
  title text not null,
  text text,
  stage text not null check (stage in ('off', 'warn', 'enforce')),
  grace_until timestamptz,
  change_id text collate "C" not null references change_request,
  valid_from timestamptz not null,
  valid_to timestamptz,
  primary key (guardrail_id, version)
);
create index guardrail_version_by_end on guardrail_version (valid_to);

create table exception (
  id text collate "C" primary key,
  rule text collate "C" not null,
  rule_kind text not null check (rule_kind in ('rule', 'guardrail')),
  identity_id text collate "C" not null,
  control text not null,
  valid_from timestamptz not null,
  until timestamptz not null,
  change_id text collate "C" not null references change_request,
  replaced_at timestamptz,
  lapse_told_at timestamptz, -- that it is over follows from its end; this is only about telling
  check (until > valid_from)
);
create unique index exception_now on exception (rule, identity_id) where replaced_at is null and lapse_told_at is null;
create index exception_of_identity on exception (identity_id, until);
create index exception_by_end on exception (until, id);

do $$
declare decided text;
begin
  foreach decided in array array['change_request', 'change_author', 'change_decision', 'decided_grant', 'removed_grant',
    'decided_credential', 'decided_function', 'guardrail_version', 'exception', 'power_holder'] loop
    execute format('create constraint trigger needs_entry after insert or update or delete on %I
      deferrable initially deferred for each row execute function ledger_required()', decided);
  end loop;
end $$;

-- The answer to a write under the key that its caller chose, kept in the transaction of its effect.
create table idempotency_key (
  actor text collate "C" not null,
  key text collate "C" not null,
  request_hash bytea not null,
  answer json not null,
  at timestamptz not null,
  primary key (actor, key)
);
create index idempotency_key_by_age on idempotency_key (at);
