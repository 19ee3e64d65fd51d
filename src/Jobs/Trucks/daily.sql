-- One row for each truck and day, merged from its hours alone.
select
    truck_id,
    sum(events)::bigint                       as events,
    count(*)                                  as hours,
    min(first_at)                             as first_at,
    max(last_at)                              as last_at,
    exact_sum(engine_speed_state)             as engine_speed_sum,
    min(engine_speed_min)                     as engine_speed_min,
    max(engine_speed_max)                     as engine_speed_max,
    exact_avg(engine_speed_state)             as engine_speed_avg,
    exact_stddev_samp(engine_speed_state)     as engine_speed_stddev,
    min(distance_covered_min)                 as distance_covered_min,
    max(distance_covered_max)                 as distance_covered_max,
    exact_sum(fuel_consumed_state)            as fuel_consumed_sum,
    max(fuel_consumed_max)                    as fuel_consumed_max,
    exact_corr(distance_time_state)           as distance_time_corr,
    exact_corr(engine_speed_time_state)       as engine_speed_time_corr
from truck_hourly
group by truck_id
