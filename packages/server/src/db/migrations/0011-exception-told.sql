-- That the end of an exception is near was told. Apart from the exception, whose every change is a decision.
create table exception_told (
  exception_id text collate "C" primary key references exception,
  at timestamptz not null
);
