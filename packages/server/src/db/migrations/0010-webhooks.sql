-- Who hears of decisions by machine. What is sent is the ledger, in the order of its tree, so an event is never without
-- its decision and never out of order.
create table webhook (
  id text collate "C" primary key,
  url text not null,
  purpose text not null,
  actions text[] not null, -- such as `change` or `change.apply`; empty: all
  sealed bytea not null, -- the secret by which it is signed
  is_active boolean not null,
  created_by text collate "C" not null,
  created_at timestamptz not null
);
create constraint trigger needs_entry after insert or update or delete on webhook
  deferrable initially deferred for each row execute function ledger_required();

-- Apart from the decision that it is there: how far it is.
create table webhook_progress (
  webhook_id text collate "C" primary key references webhook on delete cascade,
  next_index bigint not null, -- of the first leaf of the ledger that it has not been given
  delivered bigint not null default 0,
  last_at timestamptz,
  last_problem text,
  gone_at timestamptz -- the other side said that it is gone for ever
);
create table webhook_event (
  webhook_id text collate "C" not null references webhook on delete cascade,
  index bigint not null,
  object text collate "C" not null, -- what it is about: its events come one after another
  attempts integer not null default 0,
  next_at timestamptz not null,
  claimed_until timestamptz,
  is_dead boolean not null default false,
  primary key (webhook_id, index)
);
create index webhook_event_due on webhook_event (next_at) where not is_dead;
create index webhook_event_of_object on webhook_event (webhook_id, object, index) where not is_dead;
