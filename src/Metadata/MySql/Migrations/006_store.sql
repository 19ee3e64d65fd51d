-- Which store this is: files of the lake name the store that lists them, so that no other takes them for its own leavings.
create table if not exists etl_store (id int not null primary key, name varchar(36) not null);
insert ignore into etl_store (id, name) values (1, lower(replace(uuid(), '-', '')));
