-- Values of DAGs' parameters that are kept by name, as JSON {"name": "text"}; and the set that a run's were taken from. Times are microseconds since 1970-01-01 UTC.
create table etl_parameter_set (dag integer not null, name text not null, parameters text not null, saved integer not null, code_version text not null, primary key (dag, name)) without rowid;
create table etl_run_set (run integer primary key, name text not null);
