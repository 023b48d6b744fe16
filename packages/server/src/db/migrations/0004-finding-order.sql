-- Findings are listed by severity and rule, then in the order in which they were stored. A counter instead of the random
-- id keeps new rows side by side in the indexes: an import writes half a million of them.
alter table finding add seq bigint generated always as identity;
drop index finding_by_severity, finding_of_rule, finding_of_team, finding_of_environment;
create index finding_by_severity on finding (severity desc, rule, seq);
create index finding_of_rule on finding (rule, severity desc, seq);
create index finding_of_team on finding (team, severity desc, rule, seq);
create index finding_of_environment on finding (environment, severity desc, rule, seq);
