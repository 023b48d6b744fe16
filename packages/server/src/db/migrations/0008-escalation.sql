-- What happens to an orphaned identity until somebody takes over: who was asked, step by step, and when the next is due.
alter table orphaned
  add column step text check (step in ('team', 'sponsor', 'security', 'reminder', 'suspend-due')),
  add column step_at timestamptz,
  add column next_at timestamptz default 'epoch', -- null: the end was reached
  add column asked text[] not null default '{}'; -- ids of people
create index orphaned_by_next on orphaned (next_at) where next_at is not null;
create index orphaned_by_asked on orphaned using gin (asked);

-- How many days there are, as the last server that started was told: decisions of one moment use the same.
create table reassign_days (
  only_row boolean primary key default true check (only_row),
  critical integer not null,
  production integer not null,
  other integer not null
);
insert into reassign_days (critical, production, other) values (7, 14, 30);
