using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Contracts.Time;
using Etl.Sinks;
using Etl.Sinks.Cassandra;
using Etl.Sinks.Cassandra.Cql;
using Etl.Tests.Conformance.Sinks;

namespace Etl.Tests.Unit.Sinks.Cassandra;

public sealed class CassandraPublishTests
{
    private static readonly ResultTable Table = new("truck_hourly", "hour",
        [new("hour", ColumnType.Of(ColumnKind.Timestamp), false), new("truck_id", ColumnType.Of(ColumnKind.Text), false), new("part", ColumnType.Of(ColumnKind.Int32), false)], ["hour", "truck_id", "part"]);

    private static readonly PreparedStatement Insert = new("insert", new([1], [], [], [], []));

    /// <summary>Over the end of a month.</summary>
    private static readonly Window[] Windows = [.. Enumerable.Range(0, 48).Select(hour => WindowCalendar.Of("UTC").HourOf(new DateTimeOffset(2026, 2, 28, 0, 0, 0, TimeSpan.Zero).AddHours(hour)))];

    [Theory]
    [InlineData(5, 1, 10)] // a truck's day is one batch: two months × five trucks
    [InlineData(3, 7, 12)] // 168 rows of a truck and month: two batches each
    public void Rows_of_one_partition_share_batches_and_no_batch_has_two(int trucks, int rowsOfEach, int expected)
    {
        var windows = Windows.Select((window, hour) => Open(window, hour, trucks, rowsOfEach)).ToArray();
        List<(int Month, string Truck)> written = [];
        int statements = 0, rows = 0;
        foreach (var statement in CassandraPublish.Batches(Insert, PartitionRun.Of(Table, windows, window => window.Rows), (_, at) => written.Add((at.Window.Bucket, at.Window.Rows.Batch.GetString(1, at.Row)))))
        {
            written.Distinct().Count().ShouldBe(1);
            written.Count.ShouldBeInRange(1, 100);
            (statements, rows) = (statements + 1, rows + written.Count);
            written.Clear();
        }
        (statements, rows).ShouldBe((expected, 48 * trucks * rowsOfEach));
    }

    private static CassandraWindow Open(Window window, int hour, int trucks, int rowsOfEach)
    {
        var rows = Enumerable.Range(0, trucks * rowsOfEach).Select(row => new object?[] { window.Start, $"truck-{(row / rowsOfEach + hour) % trucks}", row % rowsOfEach });
        return new(Table, new WindowReplacement(window, 1, Batches.Of(Table.Columns, rows), null));
    }
}
