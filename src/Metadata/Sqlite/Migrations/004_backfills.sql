-- Backfills and the windows that each has planned. Times are microseconds since 1970-01-01 UTC, dates days since 0001-01-01, states and kinds the numbers of their enums.
create table etl_backfill (id integer primary key autoincrement, dag integer not null, origin integer not null, first_day integer not null, last_day integer not null, policy integer not null, ordering integer not null,
  parallelism integer not null, parameters text not null, hash text not null, state integer not null, created integer not null, since integer, ended integer, ended_before integer not null, windows integer not null, reason text not null);
create index etl_backfill_state on etl_backfill (state, dag);
create table etl_backfill_window (backfill integer not null, number integer not null, unit integer not null, step integer not null, grain integer not null, start integer not null, finish integer not null, zone integer not null,
  slot_key integer not null, round integer not null, state integer not null, primary key (backfill, number)) without rowid;
create index etl_backfill_window_state on etl_backfill_window (backfill, state, number);
