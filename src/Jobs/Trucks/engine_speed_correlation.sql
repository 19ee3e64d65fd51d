-- A truck's speed at its last event of the hour, the seconds from its first event to that, and how speed goes with time.
select
    truck_id,
    arg_max(engine_speed, sequence)                                   as engine_speed,
    (epoch_us(max("timestamp")) - epoch_us(min("timestamp"))) / 1e6::double as time_elapsed,
    exact_corr(engine_speed, epoch_us("timestamp") / 1e6::double)     as correlation
from truck_telemetry
group by truck_id
