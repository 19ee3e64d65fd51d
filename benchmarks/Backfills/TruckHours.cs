using System.Runtime.CompilerServices;
using System.Text;
using Etl.Codecs.Columns;
using Etl.Contracts.Commits;
using Etl.Contracts.Events;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Lake;

namespace Etl.Benchmarks.Backfills;

/// <summary>Hours of truck telemetry, written to the lake as a landing writes them.</summary>
internal sealed class TruckHours(LandStep land, ParquetLake lake)
{
    private const int Trucks = 5, ReportsPerTruck = 4;

    private static readonly IReadOnlyList<DatasetColumn> Columns =
    [
        new("truck_id", ColumnType.Of(ColumnKind.Text), false), new("sequence", ColumnType.Of(ColumnKind.Int64), false), new("timestamp", ColumnType.Of(ColumnKind.Timestamp), false),
        new("engine_speed", ColumnType.Of(ColumnKind.Double), false), new("distance_covered", ColumnType.Of(ColumnKind.Double), false), new("fuel_consumed", ColumnType.Of(ColumnKind.Double), false),
    ];

    private readonly DatasetSchema _schema = new(land.Dataset, 1, DatasetColumns.Write(Columns), 1, TruckTelemetry.Schema);
    private long _offset;

    /// <summary>One file of these hours, and the commit that shows it.</summary>
    public async Task<FeedItem.Batch> WriteAsync(IReadOnlyList<DateTimeOffset> hours, long token, CancellationToken cancel)
    {
        long from = _offset;
        using var rows = Rows(hours);
        IReadOnlyList<WindowRows> windows = [.. hours.Select(hour => new WindowRows(hour, Trucks * ReportsPerTruck))];
        var file = await lake.WriteEventsAsync(_schema, rows, windows, [new(land.Topic, 1, 0, from, _offset)], token, cancel);
        return new(new() { Kind = CommitKind.Land, Token = token, Added = [file], Changed = [.. hours.Select(hour => new WindowChange(land.Dataset, hour))], Schemas = from == 0 ? [_schema] : [] }, _offset - from, _offset - from, 0);
    }

    private ColumnBatch Rows(IReadOnlyList<DateTimeOffset> hours)
    {
        var batch = new ColumnBatch([.. Columns.Concat(DatasetColumns.Origin).Select(column => column.Field)]);
        foreach (var hour in hours)
            for (int report = 0; report < Trucks * ReportsPerTruck; report++)
            {
                var block = batch.Open();
                int at = block.Count++;
                block.Columns[0].Values<ColumnText>()[at] = block.Heap.Keep(Encoding.UTF8.GetBytes($"truck-{report % Trucks}"));
                block.Columns[1].Values<long>()[at] = _offset;
                block.Columns[2].Values<long>()[at] = Micros.Of(hour.AddMinutes(report * 3));
                block.Columns[3].Values<double>()[at] = 60 + _offset * 7 % 40;
                block.Columns[4].Values<double>()[at] = report * 2.5;
                block.Columns[5].Values<double>()[at] = report * 0.7;
                block.Columns[6].Values<int>()[at] = 0;
                block.Columns[7].Values<long>()[at] = _offset++;
                block.Columns[8].Values<int>()[at] = 1;
            }
        return batch;
    }
}

/// <summary>A live topic: one hour's events come at a time, and its window is over when they have landed.</summary>
internal sealed class LiveHours(LandStep land, TruckHours hours, DateTimeOffset start) : IFeed
{
    private int _given, _asked;

    public string Name => land.FullName;

    public DateTimeOffset Next => start.AddHours(Volatile.Read(ref _asked));

    /// <summary>Lets the next hour come.</summary>
    public void Come() => Interlocked.Increment(ref _asked);

    public async IAsyncEnumerable<FeedItem> RunAsync(long token, IPartitionShare share, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (; _given < Volatile.Read(ref _asked); _given++)
        {
            yield return await hours.WriteAsync([start.AddHours(_given)], token, cancel);
            yield return new FeedItem.Frontier(land.Dataset, start.AddHours(_given + 1));
        }
    }
}
