using System.Net;
using Etl.Contracts.Events;
using Etl.Contracts.Time;
using Etl.Sources.Weather;

namespace Etl.Sources.OpenMeteo;

/// <summary>
/// Asks Open-Meteo. Hours are asked in UTC, so that no summer time is lost in them; days in their zone, as the service sums them up, with the offset that
/// it used. A range is cut into calls by endpoint (archive, forecast) and by weight; the budget is asked before each call. Records come when all calls
/// have answered with all that was asked, or not at all. It does not repeat a call: who asks decides that.
/// </summary>
/// <remarks>Safe for many threads.</remarks>
public sealed class OpenMeteoClient : IWeatherSource, IDisposable
{
    private readonly OpenMeteoOptions options;
    private readonly TimeProvider time;
    private readonly OpenMeteoTransport transport;

    /// <param name="http">See <see cref="CreateHttp"/>; it stays the caller's.</param>
    /// <param name="budget">Shared by all that ask the service from this address.</param>
    /// <exception cref="ArgumentException">The options have faults.</exception>
    public OpenMeteoClient(HttpClient http, OpenMeteoOptions options, ISourceBudget budget, TimeProvider time)
    {
        if (options.Faults().ToList() is { Count: > 0 } faults) throw new ArgumentException(string.Join("; ", faults), nameof(options));
        (this.options, this.time) = (options, time);
        transport = new(http, options, budget, time);
    }

    /// <inheritdoc/>
    public string Name => "open-meteo";

    /// <inheritdoc/>
    public bool IsOffline => false;

    /// <inheritdoc/>
    public long Calls => transport.Calls;

    /// <summary>A client that takes compressed answers, for the whole life of the program.</summary>
    public static HttpClient CreateHttp() => new(new SocketsHttpHandler
    {
        AutomaticDecompression = DecompressionMethods.All,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // so that a change of the service's address is seen
        MaxAutomaticRedirections = 3,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, // each call has its own
    };

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HourlyMetrics>> HourlyAsync(HourlyRequest request, CancellationToken cancel)
    {
        request.Check();
        var byPlace = request.Places.Distinct().ToDictionary(place => place, _ => new List<HourlyMetrics>());
        var (from, to) = (request.From, request.To);
        foreach (var call in CallsOf(request))
        {
            var answers = await transport.AskAsync(call, cancel);
            foreach (var (place, answer) in call.Places.Zip(answers))
                byPlace[place].AddRange(HoursOf(call, place, answer).Where(hour => hour.Hour >= from && hour.Hour < to));
        }
        return [.. request.Places.SelectMany(place => byPlace[place])];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DailyMetrics>> DailyAsync(DailyRequest request, CancellationToken cancel)
    {
        request.Check();
        var days = request.Days().ToDictionary(day => day.Date);
        var byPlace = request.Places.Distinct().ToDictionary(place => place, _ => new List<DailyMetrics>());
        foreach (var call in CallsOf(request))
        {
            var answers = await transport.AskAsync(call, cancel);
            foreach (var (place, answer) in call.Places.Zip(answers)) byPlace[place].AddRange(DaysOf(call, place, answer, days));
        }
        return [.. request.Places.SelectMany(place => byPlace[place])];
    }

    /// <inheritdoc/>
    public SourceCost CostOf(HourlyRequest request)
    {
        request.Check();
        return SourceCost.Of(CallsOf(request).Select(call => call.Weight));
    }

    /// <inheritdoc/>
    public SourceCost CostOf(DailyRequest request)
    {
        request.Check();
        return SourceCost.Of(CallsOf(request).Select(call => call.Weight));
    }

    public void Dispose() => transport.Dispose();

    private List<OpenMeteoCall> CallsOf(HourlyRequest request)
    {
        if (request.Hours() is not { Count: > 0 } hours) return [];
        var all = new OpenMeteoCall("", OpenMeteoCall.Hourly, request.Places, "UTC", DateOf(hours[0]), DateOf(hours[^1]), request.Variables, request.Lane);
        return [.. OpenMeteoCall.Over(all, LastArchived("UTC"), options.PlacesPerCall)];
    }

    private List<OpenMeteoCall> CallsOf(DailyRequest request)
    {
        var all = new OpenMeteoCall("", OpenMeteoCall.Daily, request.Places, request.Zone, request.First, request.Last, request.Variables, request.Lane);
        return [.. OpenMeteoCall.Over(all, LastArchived(request.Zone), options.PlacesPerCall)];
    }

    private DateOnly LastArchived(string zone) => WindowCalendar.Of(zone).DateOf(time.GetUtcNow()).AddDays(-options.ArchiveDelayDays - 1);

    private static DateOnly DateOf(DateTimeOffset instant) => DateOnly.FromDateTime(instant.UtcDateTime);

    private static IEnumerable<HourlyMetrics> HoursOf(OpenMeteoCall call, Place place, PlaceAnswer answer)
    {
        var columns = call.Variables.Cast<HourlyVariable>().Select(variable => (variable.Index, Values: answer.Columns[variable.Name])).ToList();
        var values = new double?[HourlyVariables.All.Count];
        for (int row = 0; row < answer.Times!.Count; row++)
        {
            foreach (var (index, column) in columns) values[index] = column[row];
            yield return HourlyVariables.Record(place, DateTimeOffset.FromUnixTimeSeconds(answer.Times[row] - answer.UtcOffsetSeconds), call.Endpoint, values);
        }
    }

    private static IEnumerable<DailyMetrics> DaysOf(OpenMeteoCall call, Place place, PlaceAnswer answer, Dictionary<DateOnly, LocalDay> days)
    {
        var columns = call.Variables.Cast<DailyVariable>().Select(variable => (variable.Index, Values: answer.Columns[variable.Name])).ToList();
        var values = new double?[DailyVariables.All.Count];
        for (int row = 0; row < answer.Times!.Count; row++)
        {
            // The service has a row for a date that the zone skipped: such a day was not.
            if (!days.TryGetValue(DateOf(DateTimeOffset.FromUnixTimeSeconds(answer.Times[row])), out var day)) continue;
            foreach (var (index, column) in columns) values[index] = column[row];
            yield return DailyVariables.Record(place, day, answer.UtcOffsetSeconds, call.Endpoint, values);
        }
    }
}
