-- What was taken of the limits that sources set. Times are microseconds since 1970-01-01 UTC, weights thousandths, lanes the numbers of their enum.
create table if not exists etl_source (source bigint not null primary key, held_until bigint not null);
create table if not exists etl_source_use (id bigint not null auto_increment primary key, source bigint not null, at bigint not null, lane tinyint not null, weight bigint not null,
  key etl_source_use_at (source, at));
