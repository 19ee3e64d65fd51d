-- Runs of DAGs; what a DAG's schedule has reached; feeds. Times are microseconds since 1970-01-01 UTC, states and kinds the numbers of their enums.
create table if not exists etl_run (id bigint not null auto_increment primary key, dag bigint not null, kind tinyint not null, fire bigint not null, from_time bigint not null, to_time bigint not null,
  lane tinyint not null, parameters mediumtext not null, state tinyint not null, round int not null, token bigint not null, due bigint, created bigint not null, started bigint, ended bigint,
  windows bigint not null, row_count bigint not null, reason varchar(2000) not null, code_version varchar(200) not null,
  unique key etl_run_identity (dag, kind, fire), key etl_run_state (state, dag));
create table if not exists etl_dag (dag bigint not null primary key, paused tinyint not null, reached bigint, changed bigint not null, note varchar(2000) not null);
create table if not exists etl_feed (feed bigint not null primary key, state tinyint not null, token bigint not null, lease_end bigint not null, since bigint not null, landed bigint not null, lag bigint, lag_at bigint,
  failures int not null, last_error varchar(2000) not null, error_at bigint);
