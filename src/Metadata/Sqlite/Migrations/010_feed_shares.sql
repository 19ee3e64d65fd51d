-- The processes that land a feed, each under a lease, and which partition each of them has: of those whose lander is not listed any more, or has no lease, nobody has any.
-- landed_until: all that was in the partition before it has landed. Times are microseconds since 1970-01-01 UTC.
create table etl_feed_lander (feed integer not null, token integer not null, lease_end integer not null, primary key (feed, token)) without rowid;
create table etl_feed_part (feed integer not null, part integer not null, token integer not null, landed_until integer, primary key (feed, part)) without rowid;
