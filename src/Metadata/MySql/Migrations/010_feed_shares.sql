-- The processes that land a feed, each under a lease, and which partition each of them has: of those whose lander is not listed any more, or has no lease, nobody has any.
-- landed_until: all that was in the partition before it has landed. Times are microseconds since 1970-01-01 UTC.
create table if not exists etl_feed_lander (feed bigint not null, token bigint not null, lease_end bigint not null, primary key (feed, token));
create table if not exists etl_feed_part (feed bigint not null, part int not null, token bigint not null, landed_until bigint, primary key (feed, part));
