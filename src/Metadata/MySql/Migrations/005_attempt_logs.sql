-- What attempts of slots said, as JSON: [[microseconds, severity, text], …]. One that said nothing has no row.
create table if not exists etl_attempt_log (slot bigint not null, round int not null, attempt int not null, ended bigint not null, body mediumtext not null,
  primary key (slot, round, attempt), key etl_attempt_log_ended (ended));
