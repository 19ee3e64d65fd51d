using System.Globalization;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Sources.Weather;

namespace Etl.Jobs.Weather;

/// <summary>The parameters of the weather DAGs, by the names and in the comma form of the Airflow pipeline's variables.</summary>
/// <param name="isHistoric">Whether the dates must be given. Then each place is fetched for itself, so that one more place fetches no other again.</param>
public sealed class WeatherArguments(bool isHistoric) : IDagArguments
{
    /// <summary>Days of places in one call; more are several calls.</summary>
    public const int SlotsMax = 500_000;

    /// <summary>Days of a place in one call.</summary>
    public const int DaysPerFetch = 31;

    /// <summary>Until the archive has a date, its values are those of a forecast.</summary>
    private static readonly TimeSpan ForecastsLast = TimeSpan.FromDays(6);

    public IReadOnlyList<DagParameter> Parameters { get; } =
    [
        new(DagCall.FirstDate, $"First local date, included, from {WeatherParameters.FirstDate:yyyy-MM-dd} on{(isHistoric ? "" : "; without dates: today and the days of the lookback")}"),
        new(DagCall.LastDate, "Last local date, included, today at the latest"),
        new("latitudes", $"Degrees north, -90 to 90, separated by commas; 1 to {WeatherParameters.PlacesMax:N0}", WeatherDefaults.Latitudes),
        new("longitudes", "Degrees east, -180 to 180, as many as latitudes", WeatherDefaults.Longitudes),
        new("hourly", $"Hourly variables, of {string.Join(", ", HourlyVariables.All.Select(variable => variable.Name))}", string.Join(',', WeatherDefaults.Hourly.Select(variable => variable.Name))),
        new("daily", $"Daily variables, of {string.Join(", ", DailyVariables.All.Select(variable => variable.Name))}", string.Join(',', WeatherDefaults.Daily.Select(variable => variable.Name))),
    ];

    public DagCall? Read(Dag dag, IReadOnlyDictionary<string, string> texts, DateTimeOffset now, out IReadOnlyList<string> faults)
    {
        var today = dag.Calendar.DateOf(now);
        if (Read(dag, texts, today, out faults) is not { } read) return null;
        if (read.StartDate is not null || !isHistoric) return CallOf(dag, read, today);
        faults = ["start_date, end_date: are missing, expected both, such as 2024-01-01 and 2024-03-31"];
        return null;
    }

    /// <summary>Dates may be missing: a backfill has its own.</summary>
    public IReadOnlyList<string> Check(Dag dag, IReadOnlyDictionary<string, string> texts, DateTimeOffset now)
    {
        Read(dag, texts, dag.Calendar.DateOf(now), out var faults);
        return faults;
    }

    private static WeatherParameters? Read(Dag dag, IReadOnlyDictionary<string, string> texts, DateOnly today, out IReadOnlyList<string> faults)
    {
        var read = WeatherParameters.Parse(texts, dag.Zone, out faults);
        if (read is null) return null;
        var found = new List<string>();
        if (read.EndDate > today) found.Add(string.Create(CultureInfo.InvariantCulture, $"end_date: {read.EndDate:yyyy-MM-dd} is after today, {today:yyyy-MM-dd} in {dag.Zone}"));
        if (read.StartDate is { } start && read.EndDate is { } end && (end.DayNumber - start.DayNumber + 1L) * read.Places.Count is var slots and > SlotsMax)
            found.Add(string.Create(CultureInfo.InvariantCulture, $"start_date, end_date, latitudes: found {slots:N0} days of places, at most {SlotsMax:N0} in one call"));
        faults = found;
        return found.Count > 0 ? null : read;
    }

    private DagCall CallOf(Dag dag, WeatherParameters read, DateOnly today)
    {
        var days = LocalDay.Between(read.StartDate ?? today.AddDays(-dag.LookbackDays), read.EndDate ?? today, dag.Zone).Select(day => day.Window).ToList();
        var asks = isHistoric ? read.Places.Select(place => new WeatherAsk([place], read.Hourly, read.Daily)) : WeatherAsk.Together(read.Places, read.Hourly, read.Daily);
        var poll = dag.Steps.OfType<PollStep>().Single();
        return new(read.ToTexts(), [.. asks.Select(ask => new PollRequest(poll, ask.ToString(), days) { DaysPerFetch = DaysPerFetch, CallsPerFetch = ask.Daily.Count > 0 ? 2 : 1 })], Again: read.StartDate is null) { Settles = ForecastsLast };
    }
}
