-- Times are microseconds since 1970-01-01 UTC; names are numbers of etl_name; states, kinds, grains and lanes are the numbers of their enums.
create table etl_head (id integer primary key check (id = 1), head integer not null);
insert into etl_head (id, head) values (1, 0);
create table etl_name (id integer primary key, name text not null unique);

create table etl_writer (token integer primary key autoincrement, name text not null, opened integer not null, lease_end integer not null, state integer not null);
create table etl_commit (number integer primary key, at integer not null, kind integer not null, token integer not null, note text not null);
create table etl_cursor (reader text primary key, number integer not null) without rowid;

create table etl_file (id integer primary key, dataset integer not null, path text not null unique, row_count integer not null, byte_count integer not null,
  schema_version integer not null, added_in integer not null, retired_in integer);
create index etl_file_dataset on etl_file (dataset, retired_in, added_in);
create index etl_file_retired on etl_file (retired_in) where retired_in is not null;
create table etl_file_hour (dataset integer not null, start integer not null, file integer not null, row_count integer not null, primary key (dataset, start, file)) without rowid;
create index etl_file_hour_file on etl_file_hour (file);
create table etl_file_range (file integer not null, topic integer not null, generation integer not null, part integer not null, from_offset integer not null, to_offset integer not null,
  primary key (file, topic, generation, part, from_offset)) without rowid;

create table etl_progress (topic integer not null, generation integer not null, part integer not null, topic_id text not null, next_offset integer not null, token integer not null,
  last_hash text not null, landed integer not null, rejected integer not null, halt text, number integer not null, primary key (topic, generation, part)) without rowid;
create table etl_changed (dataset integer not null, start integer not null, number integer not null, primary key (dataset, start)) without rowid;
create index etl_changed_number on etl_changed (number);
create table etl_frontier (dataset integer primary key, at integer not null);
create table etl_schema (dataset integer not null, version integer not null, column_list text not null, registry_id integer not null, avro text not null, number integer not null,
  primary key (dataset, version)) without rowid;
create table etl_reject (id integer primary key autoincrement, dataset integer not null, topic integer not null, generation integer not null, part integer not null, at_offset integer not null,
  reason text not null, detail text not null, key_bytes blob not null, value_bytes blob not null, number integer not null);
create unique index etl_reject_place on etl_reject (dataset, topic, generation, part, at_offset);

create table etl_slot (id integer primary key, step integer not null, start integer not null, finish integer not null, grain integer not null, zone integer not null, slot_key integer not null,
  lane integer not null, state integer not null, round integer not null, attempt integer not null, not_before integer, due integer, token integer not null, as_of integer not null,
  digest integer not null, version integer not null, row_count integer not null, checksum text not null, reason text not null);
create unique index etl_slot_identity on etl_slot (step, start, slot_key, grain);
create index etl_slot_due on etl_slot (step, lane, due) where due is not null;
create index etl_slot_state on etl_slot (state, step, start);
create table etl_step (step integer primary key);
create table etl_attempt (slot integer not null, round integer not null, attempt integer not null, token integer not null, started integer not null, ended integer, state integer,
  row_count integer not null, reason text not null, number integer not null, primary key (slot, round, attempt)) without rowid;

create table etl_publish (sink integer not null, target integer not null, grain integer not null, start integer not null, version integer not null, number integer not null,
  primary key (sink, target, grain, start)) without rowid;
create index etl_publish_version on etl_publish (version);
create table etl_intent (id integer primary key autoincrement, sink integer not null, target integer not null, grain integer not null, start integer not null, version integer not null);
create unique index etl_intent_place on etl_intent (sink, target, grain, start, version);
create index etl_intent_version on etl_intent (version);
