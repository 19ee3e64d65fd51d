using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Sources.Weather;

namespace Etl.Jobs.Weather;

/// <summary>The weather of some places, hour by hour and day by day: each day anew for today and a week back, as forecasts and archives are mended.</summary>
/// <remarks>Takes over from the Airflow DAG of this name. Its windows are its own: <see cref="HistoricMainDag"/> fills them too, and builds none.</remarks>
public sealed class MainDag(WeatherNames names) : IDagSource
{
    /// <summary>Datasets of what has landed, whatever the topics are called.</summary>
    public const string Hours = "hourlymetrics", Days = "dailymetrics";

    /// <summary>The source's name in polls; which server it is, or the offline climate, is configuration.</summary>
    public const string Source = "weather";

    /// <summary>Hours of today are told ahead.</summary>
    private static readonly Acceptance Forecasts = new(null, TimeSpan.FromDays(2));

    public Dag Define()
    {
        var dag = new Dag("main") { Zone = WeatherDefaults.Zone, Schedule = Schedule.Cron("0 6 * * *"), LookbackDays = 7, Arguments = new WeatherArguments(isHistoric: false) };
        var hours = dag.Land(topic: names.HourlyTopic, time: "hour", identity: ["place", "hour"], dataset: Hours, accept: Forecasts);
        var days = dag.Land(topic: names.DailyTopic, time: "day_start", identity: ["place", "date", "zone"], dataset: Days, accept: Forecasts);
        dag.Poll("poll_weather", Source, into: [hours, days]);
        var hourly = dag.Build("hourlydata", Grain.Hour, "hourlydata.sql", from: hours, key: ["place"]);
        var daily = dag.Build("dailydata", Grain.Day, "dailydata.sql", from: days, key: ["place"]);
        var own = dag.Build("dailydata_own", Grain.Day, "dailydata_own.sql", from: hourly, key: ["place"]);
        dag.Check(daily, "dailydata.checks.sql", beside: own);
        dag.Publish(hourly, to: [Sinks.Sqlite, Sinks.MySql, Sinks.Cassandra], table: names.HourlyTable);
        dag.Publish(daily, to: [Sinks.Sqlite, Sinks.MySql, Sinks.Cassandra], table: names.DailyTable);
        return dag;
    }
}
