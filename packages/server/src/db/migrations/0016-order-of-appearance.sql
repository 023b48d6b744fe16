-- Rows with equal keys follow as they appeared: new ones go to the end of their run, into pages that are in memory, where
-- ids would scatter them over the index; and a number is a third of an id.
alter table identity add seq bigint generated always as identity;
drop index identity_by_name, identity_by_namespace, identity_by_team, identity_by_state, identity_by_findings,
  identity_by_rotation, identity_by_first_seen, identity_vanished;
create index identity_by_name on identity (sort_name, seq);
create index identity_by_namespace on identity (sort_namespace, seq);
create index identity_by_team on identity (sort_team, seq);
create index identity_by_state on identity (state_rank, seq);
create index identity_by_findings on identity (finding_rank, seq);
create index identity_by_rotation on identity (rotated_key, seq);
create index identity_by_first_seen on identity (first_seen_at, seq);
create index identity_vanished on identity (sort_name, seq) where vanished_at is not null;
