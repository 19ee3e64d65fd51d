-- Must return no row: each row is a value of the source's day that differs from the one made of its hours by more than their rounding explains.
-- Tolerances: 0 where a value is picked from the hours; half a unit of each printed number where they are added up or averaged (25 hours at most).
-- Held against each other are days of 24 hours that the source cut as the zone does: it takes one offset for all seasons.
select place, value.variable, value.told, value.own, value.tolerance
from (
    select d.place, unnest([
        {variable: 'weather_code', told: d.weather_code, own: o.weather_code, tolerance: 0.0::double},
        {variable: 'temperature_2m_max', told: d.temperature_2m_max, own: o.temperature_2m_max, tolerance: 0.0},
        {variable: 'temperature_2m_min', told: d.temperature_2m_min, own: o.temperature_2m_min, tolerance: 0.0},
        {variable: 'temperature_2m_mean', told: d.temperature_2m_mean, own: o.temperature_2m_mean, tolerance: 0.1},
        {variable: 'apparent_temperature_max', told: d.apparent_temperature_max, own: o.apparent_temperature_max, tolerance: 0.0},
        {variable: 'apparent_temperature_min', told: d.apparent_temperature_min, own: o.apparent_temperature_min, tolerance: 0.0},
        {variable: 'precipitation_sum', told: d.precipitation_sum, own: o.precipitation_sum, tolerance: 0.13},
        {variable: 'rain_sum', told: d.rain_sum, own: o.rain_sum, tolerance: 0.13},
        {variable: 'snowfall_sum', told: d.snowfall_sum, own: o.snowfall_sum, tolerance: 0.13},
        {variable: 'precipitation_hours', told: d.precipitation_hours, own: o.precipitation_hours, tolerance: 0.0},
        {variable: 'wind_speed_10m_max', told: d.wind_speed_10m_max, own: o.wind_speed_10m_max, tolerance: 0.0},
        {variable: 'wind_gusts_10m_max', told: d.wind_gusts_10m_max, own: o.wind_gusts_10m_max, tolerance: 0.0},
        {variable: 'shortwave_radiation_sum', told: d.shortwave_radiation_sum, own: o.shortwave_radiation_sum, tolerance: 0.05}
    ]) as value
    from dailydata d join dailydata_own o using (place)
    where o.hours = 24
      and epoch(window_end()) - epoch(window_start()) = 86400
      and d.utc_offset_seconds = epoch(d.day::timestamp) - epoch(d.day_start)
)
where abs(value.told - value.own) > value.tolerance + 1e-9
