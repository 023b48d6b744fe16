-- The ledger: what was decided, in a Merkle tree that is signed. Rows are added and never changed.
-- A decision adds its entry in its own transaction and locks nothing: the tree is extended afterwards, in batches.

create function ledger_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is only added to: % of % is refused', lower(tg_op), tg_table_name using errcode = 'restrict_violation';
end $$;

-- The name under which checkpoints are signed: for ever the same, and of no other installation.
create table ledger (
  only_row boolean primary key default true check (only_row),
  origin text not null
);
insert into ledger (origin) values ('onus/' || replace(gen_random_uuid()::text, '-', ''));

create table ledger_entry (
  seq bigint generated always as identity primary key, -- the order of insertion; not yet the place in the tree
  id text collate "C" not null unique,
  at timestamptz not null,
  action text collate "C" not null,
  actor_kind text collate "C" not null,
  actor_id text collate "C" not null,
  subject_kind text collate "C" not null,
  subject_id text collate "C" not null,
  change_id text collate "C",
  body text not null -- the exact bytes that are hashed; the columns before it are for finding it
);
create index ledger_entry_at on ledger_entry (at, seq);
create index ledger_entry_of_subject on ledger_entry (subject_id, at, seq);
create index ledger_entry_of_actor on ledger_entry (actor_id, at, seq);
create index ledger_entry_of_action on ledger_entry (action, at, seq);
create index ledger_entry_of_change on ledger_entry (change_id, at, seq) where change_id is not null;

-- Entries that the tree does not have yet. A table of its own: taking one from it rewrites no entry, and an entry that
-- commits late, with a smaller number than others, is not passed over.
create table ledger_queue (seq bigint primary key);

-- The leaves of the tree, and the hashes of its full tiles (C2SP tlog-tiles): at level L, of 256^L leaves each.
create table ledger_leaf (
  index bigint primary key,
  seq bigint not null unique,
  hash bytea not null check (octet_length(hash) = 32)
);
create table ledger_node (
  level smallint not null check (level > 0),
  index bigint not null,
  hash bytea not null check (octet_length(hash) = 32),
  primary key (level, index)
);

create table ledger_checkpoint (
  size bigint primary key,
  root bytea not null check (octet_length(root) = 32),
  at timestamptz not null,
  is_turn boolean not null, -- signed by the old key and the new one
  note text not null
);

create table ledger_key (
  vkey text collate "C" primary key,
  sealed bytea, -- the private key; deleted when the key is retired
  announced_by text collate "C" not null, -- the entry
  created_at timestamptz not null,
  retired_at timestamptz
);

-- What people wrote and are called. The entry has commitments to it; deleting a row erases the value and its salt.
create table ledger_personal (
  entry_id text collate "C" not null,
  slot text collate "C" not null,
  about text collate "C", -- the opaque id of the person it is about
  salt bytea not null check (octet_length(salt) = 32),
  value text not null,
  primary key (entry_id, slot)
);
create index ledger_personal_about on ledger_personal (about) where about is not null;

-- No entry can miss the queue, and the transaction is marked for ledger_required(). By row: for the one entry that most
-- decisions have, a transition table costs more than all the rest.
create function ledger_enqueue() returns trigger language plpgsql as $$
begin
  insert into ledger_queue (seq) values (new.seq);
  perform set_config('onus.ledger', 'appended', true);
  return null;
end $$;
create trigger ledger_enqueue after insert on ledger_entry for each row execute function ledger_enqueue();

-- One statement for an entry and what is personal beside it. A function keeps its plans for as long as the connection
-- lives; planned anew each time, the statement would cost three times as much.
create function ledger_append(
  ids text[], instant timestamptz, actions text[], actor_kinds text[], actor_ids text[], subject_kinds text[],
  subject_ids text[], change_ids text[], bodies text[],
  personal_of text[], slots text[], abouts text[], salts bytea[], given text[]
) returns void language plpgsql as $$
begin
  insert into ledger_entry (id, at, action, actor_kind, actor_id, subject_kind, subject_id, change_id, body)
    select id, instant, action, actor_kind, actor_id, subject_kind, subject_id, change_id, body
    from unnest(ids, actions, actor_kinds, actor_ids, subject_kinds, subject_ids, change_ids, bodies)
      as entry (id, action, actor_kind, actor_id, subject_kind, subject_id, change_id, body);
  if cardinality(personal_of) > 0 then
    insert into ledger_personal (entry_id, slot, about, salt, value)
      select * from unnest(personal_of, slots, abouts, salts, given);
  end if;
end $$;

-- A row leaves the queue only into the tree.
create function ledger_dequeue() returns trigger language plpgsql as $$
begin
  if exists (select from taken where not exists (select from ledger_leaf where ledger_leaf.seq = taken.seq)) then
    raise exception 'an entry leaves the queue of the ledger only into the tree' using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
create trigger ledger_dequeue after delete on ledger_queue
  referencing old table as taken for each statement execute function ledger_dequeue();

-- For tables that hold decisions: a change of them without an entry in the same transaction does not commit.
--   create constraint trigger t after insert or update or delete on <table>
--     deferrable initially deferred for each row execute function ledger_required();
create function ledger_required() returns trigger language plpgsql as $$
begin
  if coalesce(current_setting('onus.ledger', true), '') <> 'appended' then
    raise exception 'a change of % needs an entry of the ledger in the same transaction', tg_table_name using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
create constraint trigger ledger_required after delete on ledger_personal
  deferrable initially deferred for each row execute function ledger_required();

create trigger ledger_refuse before update or delete or truncate on ledger_entry for each statement execute function ledger_refuse();
create trigger ledger_refuse before update or delete or truncate on ledger_leaf for each statement execute function ledger_refuse();
create trigger ledger_refuse before update or delete or truncate on ledger_node for each statement execute function ledger_refuse();
create trigger ledger_refuse before update or delete or truncate on ledger_checkpoint for each statement execute function ledger_refuse();
create trigger ledger_refuse before update or truncate on ledger_queue for each statement execute function ledger_refuse();
create trigger ledger_refuse before update or truncate on ledger_personal for each statement execute function ledger_refuse();
create trigger ledger_refuse before update or delete or truncate on ledger for each statement execute function ledger_refuse();
create trigger ledger_refuse before delete or truncate on ledger_key for each statement execute function ledger_refuse();
