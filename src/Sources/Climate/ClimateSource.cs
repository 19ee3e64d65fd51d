using Etl.Contracts.Events;
using Etl.Contracts.Time;
using Etl.Sources.Weather;

namespace Etl.Sources.Climate;

/// <summary>
/// Weather without a network: what Open-Meteo would be asked, answered by a made-up climate. A value is a function of (seed, place, hour, variable)
/// alone, so a range is the same asked at once or in parts, today or in a year. It has weather for every hour, the future too, and no limits.
/// </summary>
/// <remarks>Days are the zone's own, of 23 to 25 hours, and made of the very hours it tells. Bits are equal on one platform.</remarks>
/// <param name="seed">Same seed, same weather.</param>
public sealed class ClimateSource(long seed = 1) : IWeatherSource
{
    /// <summary>What its records say they are from.</summary>
    public const string Provenance = "climate";

    private readonly ClimateModel model = new(seed);
    private long calls;

    /// <inheritdoc/>
    public string Name => Provenance;

    /// <inheritdoc/>
    public bool IsOffline => true;

    /// <inheritdoc/>
    public long Calls => Interlocked.Read(ref calls);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HourlyMetrics>> HourlyAsync(HourlyRequest request, CancellationToken cancel)
    {
        request.Check();
        Interlocked.Increment(ref calls);
        var hours = request.Hours();
        var records = new List<HourlyMetrics>(request.Places.Count * hours.Count);
        foreach (var place in request.Places)
        {
            cancel.ThrowIfCancellationRequested();
            records.AddRange(hours.Select(hour => At(place, hour, request.Variables)));
        }
        return Task.FromResult<IReadOnlyList<HourlyMetrics>>(records);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DailyMetrics>> DailyAsync(DailyRequest request, CancellationToken cancel)
    {
        request.Check();
        Interlocked.Increment(ref calls);
        var days = request.Days();
        var records = new List<DailyMetrics>(request.Places.Count * days.Count);
        foreach (var place in request.Places)
        {
            cancel.ThrowIfCancellationRequested();
            records.AddRange(days.Select(day => At(place, day, request.Variables)));
        }
        return Task.FromResult<IReadOnlyList<DailyMetrics>>(records);
    }

    /// <inheritdoc/>
    public SourceCost CostOf(HourlyRequest request) => default;

    /// <inheritdoc/>
    public SourceCost CostOf(DailyRequest request) => default;

    private HourlyMetrics At(Place place, DateTimeOffset hour, IReadOnlyList<HourlyVariable> variables)
    {
        Span<double?> all = stackalloc double?[HourlyVariables.All.Count], asked = stackalloc double?[HourlyVariables.All.Count];
        model.At(place, Micros.Of(hour) / Micros.PerHour, all);
        foreach (var variable in variables) asked[variable.Index] = all[variable.Index];
        return HourlyVariables.Record(place, hour, Provenance, asked);
    }

    private DailyMetrics At(Place place, LocalDay day, IReadOnlyList<DailyVariable> variables)
    {
        var hours = day.FullHours().Select(hour => At(place, hour, HourlyVariables.All)).ToList();
        Span<double?> values = stackalloc double?[DailyVariables.All.Count];
        foreach (var variable in variables) values[variable.Index] = variable.Over(hours);
        return DailyVariables.Record(place, day, day.UtcOffsetSecondsAtStart, Provenance, values);
    }
}
