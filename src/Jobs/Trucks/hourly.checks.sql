-- Must return no row: each row is a figure that cannot be.
select truck_id, events, engine_speed_min, engine_speed_avg, engine_speed_max
from truck_hourly
where events < 1
   or engine_speed_min > engine_speed_max
   or engine_speed_avg not between engine_speed_min and engine_speed_max
   or last_at < first_at
   or distance_covered_min < 0
