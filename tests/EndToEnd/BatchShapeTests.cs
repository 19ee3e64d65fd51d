using Etl.Cli.Settings;
using Etl.Contracts.Events;
using Etl.Lake;

namespace Etl.Tests.EndToEnd;

/// <summary>Rows depend on the events alone: not on batches, files, threads, or the order that the events of an hour came in.</summary>
public sealed class BatchShapeTests
{
    private static readonly string[] Tables = ["truck_hourly", "truck_daily", "TRUCK_DISTANCE_CORRELATION", "TRUCK_ENGINE_SPEED_CORRELATION", "TRUCK_PARAMETER_MAP"];

    /// <summary>One record a batch is one file and one commit for each: thousands of them only where there is time.</summary>
    private static readonly TimeSpan MeanGap = TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("ETL_LONG") == "1" ? 10 : 80);

    private readonly List<TruckTelemetry> _events = World.Reports(World.Fleet(trucks: 4, hours: 3, startHour: 22) with { MeanGap = MeanGap });

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(100, 1)]
    [InlineData(100, 2)]
    [InlineData(1_000, 2)]
    [InlineData(1_000_000, 1)]
    [InlineData(1_000_000, 2)]
    public async Task Batches_of_any_size_by_one_writer_or_two_give_the_same_rows_also_after_compaction(int records, int writers)
    {
        await using var world = await World.OpenAsync(new EtlSettings { Land = new LandSettings { RecordsPerBatch = records, Writers = writers } });
        await world.ProduceAsync(_events);
        await world.RunAsync();
        await world.ShouldHoldExactlyAsync(_events);
        int files = await world.LiveFilesAsync();
        files.ShouldBeGreaterThanOrEqualTo(_events.Count / records);
        if (files == 1) return; // nothing to put together

        await world.CompactAsync();
        (await world.LiveFilesAsync()).ShouldBeLessThan(files);
        var rebuilt = await world.RebuildAsync();
        (rebuilt.Built, rebuilt.Unchanged, rebuilt.Published).ShouldBe((0, 4 * 3 + 2, 0)); // every window was built anew, of the new files, and found the same
        await world.ShouldHoldExactlyAsync(_events);
    }

    [Fact]
    public async Task Events_that_come_in_another_order_within_their_hour_give_the_same_rows()
    {
        var straight = await RowsAsync(_events, records: 1_000_000);
        var random = new Random(7);
        foreach (int records in (int[])[50, 1_000_000])
        {
            var shuffled = _events.GroupBy(report => report.Timestamp.UtcDateTime.Ticks / TimeSpan.TicksPerHour).SelectMany(hour =>
            {
                var reports = hour.ToArray();
                random.Shuffle(reports);
                return reports;
            }).ToList();
            shuffled.ShouldNotBe(_events);
            (await RowsAsync(shuffled, records)).ShouldBe(straight);
        }
    }

    private async Task<IReadOnlyList<string>> RowsAsync(IReadOnlyList<TruckTelemetry> events, int records)
    {
        await using var world = await World.OpenAsync(new EtlSettings { Land = new LandSettings { RecordsPerBatch = records } });
        await world.ProduceAsync(events);
        await world.RunAsync();
        await world.ShouldHoldExactlyAsync(events);
        return [.. Tables.SelectMany(world.Rows)];
    }
}
