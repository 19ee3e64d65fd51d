using System.Numerics;
using Etl.Cli.Hosting;
using Etl.Contracts.Events;
using Etl.Tests.EndToEnd;

namespace Etl.Benchmarks.TwoProcesses;

/// <summary>What the generator made, counted and summed exactly by truck and day, to be compared bit for bit with what was built of it.</summary>
internal sealed class FleetSums
{
    private readonly Dictionary<(string Truck, DateOnly Day), Sum> _sums = [];

    public long Events { get; private set; }

    public void Add(TruckTelemetry report)
    {
        Events++;
        var key = (report.TruckId, DateOnly.FromDateTime(report.Timestamp.UtcDateTime));
        if (!_sums.TryGetValue(key, out var sum)) _sums.Add(key, sum = new());
        sum.Count++;
        sum.Speed += Exact.Units(report.EngineSpeed);
        sum.Fuel += Exact.Units(report.FuelConsumed);
    }

    /// <exception cref="InvalidOperationException">Something is lost, doubled or added up wrongly.</exception>
    public async Task ProveAsync(Engine engine, string topic, CancellationToken cancel)
    {
        var catalog = engine.Metadata.Catalog;
        long listed = (await catalog.FilesAsync(LandAndBuildDag.Events, await engine.Metadata.Commits.HeadAsync(cancel), cancel)).Sum(file => file.Rows);
        long landed = (await catalog.ProgressAsync(topic, cancel)).Sum(part => part.Landed);
        using var query = engine.NewQuery(TimeProvider.System);
        using var hours = await query.AskAsync($"select (select count(*) from {LandAndBuildDag.Events}), (select sum(events)::bigint from {LandAndBuildDag.Hourly})", cancel);
        var found = (landed, listed, hours.Rows.Get<long>(0, 0), hours.Rows.Get<long>(1, 0));
        if (found != (Events, Events, Events, Events)) throw new InvalidOperationException($"found {found} events by positions, in files, by identity and in hours, expected {Events:N0} each");
        using var days = await query.AskAsync($"select truck_id, epoch_ms(first_at) // 86400000, events, engine_speed_sum, fuel_consumed_sum from {LandAndBuildDag.Daily}", cancel);
        if (days.IsCut || days.Count != _sums.Count) throw new InvalidOperationException($"found {days.Count:N0} days of trucks, expected {_sums.Count:N0}");
        for (int row = 0; row < days.Count; row++)
        {
            var key = (days.Rows.GetString(0, row), DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(days.Rows.Get<long>(1, row))));
            var (sum, one) = (_sums[key], Exact.Units(1));
            var (expected, built) = ((sum.Count, Exact.Nearest(sum.Speed, one), Exact.Nearest(sum.Fuel, one)), (days.Rows.Get<long>(2, row), days.Rows.Get<double>(3, row), days.Rows.Get<double>(4, row)));
            if (built != expected) throw new InvalidOperationException($"{key}: found {built} for events, sum of speeds and of fuel, expected {expected}");
        }
    }

    private sealed class Sum
    {
        public long Count { get; set; }

        public BigInteger Speed { get; set; }

        public BigInteger Fuel { get; set; }
    }
}
