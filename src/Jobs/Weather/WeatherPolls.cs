using Etl.Contracts.Events;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps.Polling;
using Etl.Sources;
using Etl.Sources.Weather;

namespace Etl.Jobs.Weather;

/// <summary>Fetches hours and days of weather for a poll, up to a month in one call of each.</summary>
/// <remarks>Safe for many threads; one for each step, as it keeps hours whose days the source put off.</remarks>
/// <param name="step">Its landings name the topics.</param>
public sealed class WeatherPolls(PollStep step, IWeatherSource source, TimeProvider clock) : IPolledSource
{
    private readonly KeptHours _kept = new(clock);
    private readonly string _hourlyTopic = TopicOf(step, MainDag.Hours), _dailyTopic = TopicOf(step, MainDag.Days);

    public int DaysPerCall => WeatherArguments.DaysPerFetch;

    public async Task<IReadOnlyList<IReadOnlyList<PolledRecord>>> FetchAsync(string key, IReadOnlyList<Window> days, Lane lane, CancellationToken cancel)
    {
        var ask = WeatherAsk.Parse(key);
        var account = lane == Lane.Live ? SourceLane.Live : SourceLane.Backfill;
        var calendar = WindowCalendar.Of(days[0].Zone);
        var what = (key, days[0].Start, days[^1].End);
        var hours = _kept.Take(what) ?? await source.HourlyAsync(new() { Places = ask.Places, From = days[0].Start, To = days[^1].End, Variables = ask.Hourly, Lane = account }, cancel);
        IReadOnlyList<DailyMetrics> told;
        try
        {
            told = ask.Daily.Count == 0 ? [] : await source.DailyAsync(
                new() { Places = ask.Places, Zone = days[0].Zone, First = calendar.DateOf(days[0].Start), Last = calendar.DateOf(days[^1].Start), Variables = ask.Daily, Lane = account }, cancel);
        }
        catch (SourceException putOff) when (putOff.Class == FailureClass.Throttled)
        {
            _kept.Keep(what, hours); // asked again they would take from the budget that days wait for
            throw;
        }

        var hoursOf = hours.ToLookup(hour => calendar.DayOf(hour.Hour).Start);
        var toldOf = told.ToLookup(day => day.DayStart);
        return [.. days.Select(day => (IReadOnlyList<PolledRecord>)
        [
            .. hoursOf[day.Start].Select(hour => PolledRecord.Of(_hourlyTopic, WeatherKey.Of(hour), hour)),
            .. toldOf[day.Start].Select(one => PolledRecord.Of(_dailyTopic, WeatherKey.Of(one), one)),
        ])];
    }

    private static string TopicOf(PollStep step, string dataset) => step.Into.FirstOrDefault(land => land.Dataset == dataset)?.Topic
        ?? throw new ArgumentException($"{step} fills {string.Join(", ", step.Into.Select(land => land.Dataset))}, expected {dataset} among them", nameof(step));
}
