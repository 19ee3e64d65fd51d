-- How far a truck had come at its last event of the hour, the seconds from its first event to that, and how the two go together.
select
    truck_id,
    arg_max(distance_covered, sequence)                               as distance_covered,
    (epoch_us(max("timestamp")) - epoch_us(min("timestamp"))) / 1e6::double as time_elapsed,
    exact_corr(distance_covered, epoch_us("timestamp") / 1e6::double) as correlation
from truck_telemetry
group by truck_id
