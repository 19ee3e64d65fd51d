-- What runners of feeds said, as JSON: [[microseconds, severity, text], …]. Of each feed the newest are kept; one that said nothing has no row.
create table if not exists etl_feed_log (feed bigint not null, started bigint not null, token bigint not null, ended bigint, body mediumtext not null, primary key (feed, started, token));
