-- One row for each truck and hour. Speeds in km/h, distances in km, fuel in l; the states let a day merge its hours without rounding.
select
    truck_id,
    count(*)                                                         as events,
    min("timestamp")                                                 as first_at,
    max("timestamp")                                                 as last_at,
    exact_sum(engine_speed)                                          as engine_speed_sum,
    min(engine_speed)                                                as engine_speed_min,
    max(engine_speed)                                                as engine_speed_max,
    exact_avg(engine_speed)                                          as engine_speed_avg,
    exact_stddev_samp(engine_speed)                                  as engine_speed_stddev,
    min(distance_covered)                                            as distance_covered_min,
    max(distance_covered)                                            as distance_covered_max,
    exact_sum(fuel_consumed)                                         as fuel_consumed_sum,
    max(fuel_consumed)                                               as fuel_consumed_max,
    exact_corr(distance_covered, epoch_us("timestamp") / 1e6::double) as distance_time_corr,
    exact_corr(engine_speed, epoch_us("timestamp") / 1e6::double)     as engine_speed_time_corr,
    exact_state(engine_speed)                                        as engine_speed_state,
    exact_state(fuel_consumed)                                       as fuel_consumed_state,
    exact_state(distance_covered, epoch_us("timestamp") / 1e6::double) as distance_time_state,
    exact_state(engine_speed, epoch_us("timestamp") / 1e6::double)   as engine_speed_time_state
from truck_telemetry
group by truck_id
