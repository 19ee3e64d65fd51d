-- Which store this is: files of the lake name the store that lists them, so that no other takes them for its own leavings.
create table etl_store (id integer primary key check (id = 1), name text not null);
insert into etl_store (id, name) values (1, lower(hex(randomblob(16))));
