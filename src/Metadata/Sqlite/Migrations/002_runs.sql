-- Runs of DAGs; what a DAG's schedule has reached; feeds. Times are microseconds since 1970-01-01 UTC, states and kinds the numbers of their enums.
create table etl_run (id integer primary key autoincrement, dag integer not null, kind integer not null, fire integer not null, from_time integer not null, to_time integer not null,
  lane integer not null, parameters text not null, state integer not null, round integer not null, token integer not null, due integer, created integer not null, started integer, ended integer,
  windows integer not null, row_count integer not null, reason text not null, code_version text not null);
create unique index etl_run_identity on etl_run (dag, kind, fire);
create index etl_run_state on etl_run (state, dag);
create table etl_dag (dag integer primary key, paused integer not null, reached integer, changed integer not null, note text not null);
create table etl_feed (feed integer primary key, state integer not null, token integer not null, lease_end integer not null, since integer not null, landed integer not null, lag integer, lag_at integer,
  failures integer not null, last_error text not null, error_at integer);
