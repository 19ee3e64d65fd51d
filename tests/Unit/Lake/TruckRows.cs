using System.Text;
using Etl.Codecs.Columns;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Lake;

namespace Etl.Tests.Unit.Lake;

/// <summary>A truck's record as the tests make it.</summary>
public readonly record struct TruckRow(string Truck, long Sequence, DateTimeOffset At, double Speed, double Fuel, int Partition, long Offset);

/// <summary>Rows of trucks as a lander would hand them over.</summary>
public static class TruckRows
{
    public const string Dataset = "truck_data";

    public static IReadOnlyList<DatasetColumn> Columns { get; } =
    [
        new("truck_id", ColumnType.Of(ColumnKind.Text), false), new("sequence", ColumnType.Of(ColumnKind.Int64), false),
        new("timestamp", ColumnType.Of(ColumnKind.Timestamp), false), new("engine_speed", ColumnType.Of(ColumnKind.Double), false),
        new("fuel_consumed", ColumnType.Of(ColumnKind.Double), false),
    ];

    public static DatasetSchema Schema { get; } = new(Dataset, 1, DatasetColumns.Write(Columns), 1, "{}");

    public static LakeInput Input { get; } = LakeInput.Events(Dataset, "timestamp", ["truck_id", "sequence"]);

    /// <summary>Sorted by (hour, partition, offset), as files are.</summary>
    public static (ColumnBatch Rows, IReadOnlyList<WindowRows> Windows, IReadOnlyList<OffsetRange> Offsets) Batch(IEnumerable<TruckRow> rows)
    {
        TruckRow[] sorted = [.. rows.OrderBy(row => Hour(row)).ThenBy(row => row.Partition).ThenBy(row => row.Offset)];
        var batch = new ColumnBatch([.. Columns.Concat(DatasetColumns.Origin).Select(column => column.Field)]);
        foreach (var row in sorted)
        {
            var block = batch.Open();
            int at = block.Count++;
            block.Columns[0].Values<ColumnText>()[at] = block.Heap.Keep(Encoding.UTF8.GetBytes(row.Truck));
            block.Columns[1].Values<long>()[at] = row.Sequence;
            block.Columns[2].Values<long>()[at] = Micros.Of(row.At);
            block.Columns[3].Values<double>()[at] = row.Speed;
            block.Columns[4].Values<double>()[at] = row.Fuel;
            block.Columns[5].Values<int>()[at] = row.Partition;
            block.Columns[6].Values<long>()[at] = row.Offset;
            block.Columns[7].Values<int>()[at] = 1;
        }
        return (batch,
            [.. sorted.GroupBy(Hour).Select(hour => new WindowRows(hour.Key, hour.Count()))],
            [.. sorted.GroupBy(row => row.Partition).OrderBy(group => group.Key).Select(group => new OffsetRange("Truck-Data", 1, group.Key, group.Min(row => row.Offset), group.Max(row => row.Offset) + 1))]);
    }

    private static DateTimeOffset Hour(TruckRow row) => Micros.ToInstant(Micros.HourOf(Micros.Of(row.At)));
}
