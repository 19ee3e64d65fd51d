-- What was taken of the limits that sources set. Times are microseconds since 1970-01-01 UTC, weights thousandths, lanes the numbers of their enum.
create table etl_source (source integer primary key, held_until integer not null);
create table etl_source_use (id integer primary key autoincrement, source integer not null, at integer not null, lane integer not null, weight integer not null);
create index etl_source_use_at on etl_source_use (source, at);
