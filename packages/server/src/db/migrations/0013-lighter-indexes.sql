-- What an import pays for is pages: each index whose keys lie scattered has another one to read and write for every row.
-- An index of few values keeps equal keys together, in the order in which rows come, and stays a hundredth of the size.
-- In what order the rows are shown is answered by the indexes of the orders, or by sorting what a filter leaves over.
drop index identity_of_state, identity_of_team, identity_of_environment, identity_of_kind, identity_of_namespace,
  identity_of_source;
create index identity_of_state on identity (state);
create index identity_of_team on identity (team);
create index identity_of_environment on identity (environment);
create index identity_of_kind on identity (kind);
create index identity_of_namespace on identity (namespace);
create index identity_of_source on identity (source_id);

-- The findings of one identity lie side by side. A rule has one severity as a rule, so the order by severity finds it.
alter table finding drop constraint finding_pkey;
drop index finding_about, finding_of_rule;
alter table finding add primary key (about, id, source_id);
