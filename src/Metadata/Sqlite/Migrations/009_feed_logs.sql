-- What runners of feeds said, as JSON: [[microseconds, severity, text], …]. Of each feed the newest are kept; one that said nothing has no row.
create table etl_feed_log (feed integer not null, started integer not null, token integer not null, ended integer, body text not null, primary key (feed, started, token)) without rowid;
