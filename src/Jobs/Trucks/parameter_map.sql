-- The raw points, under the names that people know from TRUCK_PARAMETER_MAP.
select truck_id, sequence, "timestamp", distance_covered, engine_speed, fuel_consumed
from truck_telemetry
