-- One row for each device and hour; angles in radians.
select
    device_id,
    count(*)             as events,
    exact_avg(roll)      as roll_avg,
    exact_avg(pitch)     as pitch_avg,
    exact_avg(yaw)       as yaw_avg,
    min(roll)            as roll_min,
    max(roll)            as roll_max,
    min(pitch)           as pitch_min,
    max(pitch)           as pitch_max,
    min(yaw)             as yaw_min,
    max(yaw)             as yaw_max
from device_orientation
group by device_id
