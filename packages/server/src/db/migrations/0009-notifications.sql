-- What people are to hear. A notice is written in the transaction of its cause; notices become messages, a message is
-- sent at least once, always under its own id.
create table notice (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  person_id text collate "C", -- one of the three
  team_id text collate "C",
  power text check (power in ('guard', 'operate')),
  except_people text[] not null default '{}',
  text text not null,
  path text not null, -- of the console
  is_urgent boolean not null default false, -- does not wait for the end of quiet hours
  told_at timestamptz,
  check (num_nonnulls(person_id, team_id, power) = 1)
);
create index notice_untold on notice (id) where told_at is null;
create index notice_told on notice (told_at) where told_at is not null;

create table message (
  id text collate "C" primary key,
  channel text not null check (channel in ('mail', 'chat')),
  person_id text collate "C",
  team_id text collate "C",
  subject text not null,
  body text not null,
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'dead', 'nowhere')),
  attempts integer not null default 0,
  next_at timestamptz not null,
  claimed_until timestamptz,
  problem text,
  created_at timestamptz not null,
  ended_at timestamptz,
  check (num_nonnulls(person_id, team_id) = 1)
);
create index message_due on message (next_at) where state = 'waiting';
create index message_ended on message (ended_at desc, id desc) where state in ('dead', 'nowhere');

-- Where a team hears instead of each member by mail. The address is a secret of the chat system, so it is sealed.
create table team_channel (
  team_id text collate "C" primary key references directory_team,
  host text not null,
  sealed bytea not null,
  set_by text collate "C" not null,
  set_at timestamptz not null
);
create constraint trigger needs_entry after insert or update or delete on team_channel
  deferrable initially deferred for each row execute function ledger_required();
