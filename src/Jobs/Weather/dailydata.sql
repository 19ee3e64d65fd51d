-- One row for each place: the local date as the source sums it up. Units stand in the schema dailymetrics.
select
    place, latitude, longitude, zone, day_start, utc_offset_seconds, source,
    weather_code, temperature_2m_max, temperature_2m_min, temperature_2m_mean, apparent_temperature_max, apparent_temperature_min,
    precipitation_sum, rain_sum, snowfall_sum, precipitation_hours, wind_speed_10m_max, wind_gusts_10m_max, shortwave_radiation_sum
from dailymetrics
where day_start = window_start() -- not a day of another zone that begins inside this one
