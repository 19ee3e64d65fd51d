-- Values of DAGs' parameters that are kept by name, as JSON {"name": "text"}; and the set that a run's were taken from. Times are microseconds since 1970-01-01 UTC.
create table if not exists etl_parameter_set (dag bigint not null, name varchar(64) not null, parameters mediumtext not null, saved bigint not null, code_version varchar(200) not null, primary key (dag, name));
create table if not exists etl_run_set (run bigint not null primary key, name varchar(64) not null);
