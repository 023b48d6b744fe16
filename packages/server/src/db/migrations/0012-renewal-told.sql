-- That an acceptance is to be given again was told. Apart from the acceptance, whose every change is a decision.
create table renewal_told (
  acceptance_id text collate "C" primary key references acceptance,
  at timestamptz not null
);
