using System.Text;
using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Contracts.Time;

namespace Etl.Benchmarks.Publish;

/// <summary>An hourly result of a fleet: a row for each truck, its measures random.</summary>
internal static class HourlyRows
{
    private const int Doubles = 8, Measured = 2; // hour and truck stand before what is measured

    /// <summary>hour, truck_id, count, what is given, and 8 doubles.</summary>
    public static ResultTable Table(params ColumnField[] more) => new("truck_hourly", "hour",
        [
            new("hour", ColumnType.Of(ColumnKind.Timestamp), false), new("truck_id", ColumnType.Of(ColumnKind.Text), false), new("count", ColumnType.Of(ColumnKind.Int64), true), .. more,
            .. Enumerable.Range(1, Doubles).Select(i => new ColumnField($"value_{i}", ColumnType.Of(ColumnKind.Double), true)),
        ],
        ["hour", "truck_id"]);

    public static unsafe ColumnBatch Of(ResultTable table, Window window, int trucks, int seed)
    {
        var random = new Random(seed);
        var batch = new ColumnBatch(table.Columns);
        for (int i = 0; i < trucks; i++)
        {
            var block = batch.Open();
            int row = block.Count++;
            block.Columns[0].Values<long>()[row] = Micros.Of(window.Start);
            ((ColumnText*)block.Columns[1].Data)[row] = block.Heap.Keep(Encoding.UTF8.GetBytes($"truck-{i:000000}"));
            for (int column = Measured; column < table.Columns.Count; column++)
                switch (table.Columns[column].Type.Kind)
                {
                    case ColumnKind.Double: block.Columns[column].Values<double>()[row] = random.NextDouble() * 100; break;
                    case ColumnKind.Timestamp: block.Columns[column].Values<long>()[row] = Micros.Of(window.Start) + random.NextInt64(Micros.PerHour); break;
                    default: block.Columns[column].Values<long>()[row] = random.Next(10_000); break;
                }
        }
        return batch;
    }
}
