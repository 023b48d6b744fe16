-- What a guardrail would hit is asked as a job; its result is the simulation.
alter table job drop constraint job_kind_check;
alter table job add constraint job_kind_check check (kind in ('scan', 'import', 'rules', 'simulation'));
