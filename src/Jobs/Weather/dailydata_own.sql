-- One row for each place: the local date made of its hours. A value is there when every hour has one.
select
    place,
    count(*)                                                                                    as hours,
    case when count(weather_code) = count(*) then max(weather_code) end                         as weather_code,
    case when count(temperature_2m) = count(*) then max(temperature_2m) end                     as temperature_2m_max,
    case when count(temperature_2m) = count(*) then min(temperature_2m) end                     as temperature_2m_min,
    case when count(temperature_2m) = count(*) then exact_avg(temperature_2m) end               as temperature_2m_mean,
    case when count(apparent_temperature) = count(*) then max(apparent_temperature) end         as apparent_temperature_max,
    case when count(apparent_temperature) = count(*) then min(apparent_temperature) end         as apparent_temperature_min,
    case when count(precipitation) = count(*) then exact_sum(precipitation) end                 as precipitation_sum,
    case when count(rain) = count(*) then exact_sum(rain) end                                   as rain_sum,
    case when count(snowfall) = count(*) then exact_sum(snowfall) end                           as snowfall_sum,
    case when count(precipitation) = count(*) then count(*) filter (where precipitation > 0)::double end as precipitation_hours,
    case when count(wind_speed_10m) = count(*) then max(wind_speed_10m) end                     as wind_speed_10m_max,
    case when count(wind_gusts_10m) = count(*) then max(wind_gusts_10m) end                     as wind_gusts_10m_max,
    case when count(shortwave_radiation) = count(*) then exact_sum(shortwave_radiation) * 0.0036 end as shortwave_radiation_sum -- W/m² over an hour → MJ/m²
from hourlydata
group by place
