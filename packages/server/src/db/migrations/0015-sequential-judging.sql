-- What a version was judged to lies beside the document that is judged: a run of all rules reads one table in its order,
-- and does not look up a row of another for each document.
alter table identity_version add findings_digest text collate "C" not null default ''; -- of the stored findings
update identity_version v set findings_digest = i.findings_digest
  from identity i where i.version_id = v.id and i.findings_digest <> '';
alter table identity drop findings_digest;

-- An import pays for each page of an index that it touches. That a finding is stored once follows from who may write:
-- an import or a run of rules (one lock), or a decision that holds the row of the identity. So the widest index can go,
-- and the others hold equal keys together. What one team or environment has is few enough to be sorted, or so much that
-- walking in order of severity meets it soon.
alter table finding drop constraint finding_pkey;
drop index finding_of_team, finding_of_environment;
alter table finding add primary key (seq);
create index finding_about on finding (about);
create index finding_of_team on finding (team);
create index finding_of_environment on finding (environment);
