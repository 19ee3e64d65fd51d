-- One row for each place: the hour as the source tells it. Units stand in the schema hourlymetrics.
select
    place, latitude, longitude, source,
    temperature_2m, relative_humidity_2m, dew_point_2m, apparent_temperature, precipitation, rain, surface_pressure, temperature_80m,
    weather_code, pressure_msl, cloud_cover, wind_speed_10m, wind_direction_10m, wind_gusts_10m, snowfall, shortwave_radiation
from hourlymetrics
