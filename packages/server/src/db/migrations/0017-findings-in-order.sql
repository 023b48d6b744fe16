-- How bad a finding is goes with its environment: whoever walks all findings from the worst meets the first one of a
-- test environment after all of production. So those of one environment, and of one team, stand in their own order. The
-- entries of one environment, severity and rule grow at their end, where an import meets few pages.
drop index finding_of_team, finding_of_environment;
create index finding_of_team on finding (team, severity desc, rule);
create index finding_of_environment on finding (environment, severity desc, rule, seq);
