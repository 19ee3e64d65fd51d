-- Places of pools that somebody has (waits = 0), and turns of those who wait for one (waits = 1), over all processes. Times are microseconds since 1970-01-01 UTC, lanes the numbers of their enum.
create table if not exists etl_pool (pool bigint not null primary key);
create table if not exists etl_pool_place (id bigint not null auto_increment primary key, pool bigint not null, token bigint not null, who varchar(200) not null, lane tinyint not null, waits tinyint not null,
  lease_end bigint not null, key etl_pool_place_pool (pool, id));
