-- What attempts of slots said, as JSON: [[microseconds, severity, text], …]. One that said nothing has no row.
create table etl_attempt_log (slot integer not null, round integer not null, attempt integer not null, ended integer not null, body text not null, primary key (slot, round, attempt));
create index etl_attempt_log_ended on etl_attempt_log (ended);
