-- Times are microseconds since 1970-01-01 UTC; names are numbers of etl_name; states, kinds, grains and lanes are the numbers of their enums.
-- A CREATE commits by itself here, so every statement can be run again after a kill.
create table if not exists etl_head (id tinyint not null primary key, head bigint not null);
insert ignore into etl_head (id, head) values (1, 0);
create table if not exists etl_name (id bigint not null auto_increment primary key, name varchar(700) not null, unique key etl_name_name (name));

create table if not exists etl_writer (token bigint not null auto_increment primary key, name varchar(200) not null, opened bigint not null, lease_end bigint not null, state tinyint not null);
create table if not exists etl_commit (number bigint not null primary key, at bigint not null, kind tinyint not null, token bigint not null, note varchar(200) not null);
create table if not exists etl_cursor (reader varchar(200) not null primary key, number bigint not null);

create table if not exists etl_file (id bigint not null auto_increment primary key, dataset bigint not null, path varchar(700) not null, row_count bigint not null, byte_count bigint not null,
  schema_version int not null, added_in bigint not null, retired_in bigint,
  unique key etl_file_path (path), key etl_file_dataset (dataset, retired_in, added_in), key etl_file_retired (retired_in));
create table if not exists etl_file_hour (dataset bigint not null, start bigint not null, file bigint not null, row_count bigint not null, primary key (dataset, start, file), key etl_file_hour_file (file));
create table if not exists etl_file_range (file bigint not null, topic bigint not null, generation int not null, part int not null, from_offset bigint not null, to_offset bigint not null,
  primary key (file, topic, generation, part, from_offset));

create table if not exists etl_progress (topic bigint not null, generation int not null, part int not null, topic_id varchar(200) not null, next_offset bigint not null, token bigint not null,
  last_hash varchar(200) not null, landed bigint not null, rejected bigint not null, halt varchar(2000), number bigint not null, primary key (topic, generation, part));
create table if not exists etl_changed (dataset bigint not null, start bigint not null, number bigint not null, primary key (dataset, start), key etl_changed_number (number));
create table if not exists etl_frontier (dataset bigint not null primary key, at bigint not null);
create table if not exists etl_schema (dataset bigint not null, version int not null, column_list mediumtext not null, registry_id int not null, avro mediumtext not null, number bigint not null,
  primary key (dataset, version));
create table if not exists etl_reject (id bigint not null auto_increment primary key, dataset bigint not null, topic bigint not null, generation int not null, part int not null, at_offset bigint not null,
  reason varchar(200) not null, detail varchar(4000) not null, key_bytes mediumblob not null, value_bytes mediumblob not null, number bigint not null,
  unique key etl_reject_place (dataset, topic, generation, part, at_offset));

create table if not exists etl_slot (id bigint not null auto_increment primary key, step bigint not null, start bigint not null, finish bigint not null, grain tinyint not null, zone bigint not null,
  slot_key bigint not null, lane tinyint not null, state tinyint not null, round int not null, attempt int not null, not_before bigint, due bigint, token bigint not null, as_of bigint not null,
  digest bigint not null, version bigint not null, row_count bigint not null, checksum varchar(200) not null, reason varchar(2000) not null,
  unique key etl_slot_identity (step, start, slot_key, grain), key etl_slot_due (step, lane, due), key etl_slot_state (state, step, start));
create table if not exists etl_step (step bigint not null primary key);
create table if not exists etl_attempt (slot bigint not null, round int not null, attempt int not null, token bigint not null, started bigint not null, ended bigint, state tinyint,
  row_count bigint not null, reason varchar(2000) not null, number bigint not null, primary key (slot, round, attempt));

create table if not exists etl_publish (sink bigint not null, target bigint not null, grain tinyint not null, start bigint not null, version bigint not null, number bigint not null,
  primary key (sink, target, grain, start), key etl_publish_version (version));
create table if not exists etl_intent (id bigint not null auto_increment primary key, sink bigint not null, target bigint not null, grain tinyint not null, start bigint not null, version bigint not null,
  unique key etl_intent_place (sink, target, grain, start, version), key etl_intent_version (version));
