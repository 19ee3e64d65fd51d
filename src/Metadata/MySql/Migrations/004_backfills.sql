-- Backfills and the windows that each has planned. Times are microseconds since 1970-01-01 UTC, dates days since 0001-01-01, states and kinds the numbers of their enums.
create table if not exists etl_backfill (id bigint not null auto_increment primary key, dag bigint not null, origin tinyint not null, first_day int not null, last_day int not null, policy tinyint not null,
  ordering tinyint not null, parallelism int not null, parameters mediumtext not null, hash varchar(200) not null, state tinyint not null, created bigint not null, since bigint, ended bigint,
  ended_before bigint not null, windows bigint not null, reason varchar(2000) not null, key etl_backfill_state (state, dag));
create table if not exists etl_backfill_window (backfill bigint not null, number int not null, unit int not null, step bigint not null, grain tinyint not null, start bigint not null, finish bigint not null,
  zone bigint not null, slot_key bigint not null, round int not null, state tinyint not null, primary key (backfill, number), key etl_backfill_window_state (backfill, state, number));
