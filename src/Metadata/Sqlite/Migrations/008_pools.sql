-- Places of pools that somebody has (waits = 0), and turns of those who wait for one (waits = 1), over all processes. Times are microseconds since 1970-01-01 UTC, lanes the numbers of their enum.
create table etl_pool (pool integer primary key);
create table etl_pool_place (id integer primary key autoincrement, pool integer not null, token integer not null, who text not null, lane integer not null, waits integer not null, lease_end integer not null);
create index etl_pool_place_pool on etl_pool_place (pool, id);
