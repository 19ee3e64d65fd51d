using System.Diagnostics;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Binary;
using Etl.Codecs.Columns;

namespace Etl.Benchmarks.Decode;

/// <summary>Avro bytes of the truck record into columns, on one thread, with the lake's own columns filled beside them.</summary>
public sealed class DecodeBench : IBench
{
    private const int RecordCount = 1_000_000;
    private const int SmallBatchRows = 8 * ColumnBlock.RowsMax; // 1.2 MB of columns, which stay in the processor's cache
    private const int Trucks = 1_000;
    private const int RecordBytesMax = 64;
    private const long MicrosPerRecord = 86_400;
    private const long FirstMicros = 1_767_225_600_000_000; // 2026-01-01

    private static readonly ColumnField[] LakeColumns =
        [new("_partition", ColumnType.Of(ColumnKind.Int32), false), new("_offset", ColumnType.Of(ColumnKind.Int64), false), new("_schema", ColumnType.Of(ColumnKind.Int32), false)];

    public string Name => "decode";

    public string Description => "Avro to columns, one core: the truck record (text of up to 12 bytes, long, timestamp, 3 doubles) and 3 columns of the lake";

    public string Unit => "ns/record";

    public Bar Bar => Bar.Most(30);

    public Task<BenchFigure> RunAsync(BenchSettings settings, CancellationToken cancel)
    {
        int count = settings.Scaled(RecordCount);
        var (bytes, ends) = Records(count, settings.Seed);
        var shape = ColumnShape.Of(Schema());
        var plan = ColumnPlan.Compile(Schema(), shape);
        using var batch = new ColumnBatch([.. shape.Fields, .. LakeColumns]);
        var small = Measure(SmallBatchRows);
        var large = Measure(count);
        return Task.FromResult(new BenchFigure(small.Best)
        {
            Measures =
            [
                new("allocated", small.Bytes, "B/record", Bar.Most(0)),
                new("median turn", small.Median, "ns/record"),
                new("slowest turn", small.Slowest, "ns/record"),
                new("one batch of all", large.Best, "ns/record"),
                new("datum", bytes.Length / (double)count, "B/record"),
                new("rate", 1_000 / small.Best, "M records/s"),
            ],
            Settings = new Dictionary<string, object>
            {
                ["records"] = count, ["rows a batch"] = SmallBatchRows, ["trucks"] = Trucks, ["threads"] = 1, ["turns"] = $"best of {settings.Turns} after 2 to warm up", ["seed"] = settings.Seed,
            },
        });

        (double Best, double Median, double Slowest, double Bytes) Measure(int rowsPerBatch)
        {
            var turns = new List<double>();
            double allocated = double.MaxValue;
            for (int turn = -2; turn < settings.Turns; turn++) // two turns more, for the compiler and the blocks' memory
            {
                cancel.ThrowIfCancellationRequested();
                batch.Clear();
                long before = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
                Decode(plan, bytes, ends, batch, rowsPerBatch);
                double nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / count;
                double bytesAllocated = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)count;
                if (turn < 0) continue;
                turns.Add(nanoseconds);
                allocated = Math.Min(allocated, bytesAllocated);
            }
            turns.Sort();
            return (turns[0], turns[turns.Count / 2], turns[^1], allocated);
        }
    }

    private static void Decode(ColumnPlan plan, byte[] bytes, int[] ends, ColumnBatch batch, int rowsPerBatch)
    {
        int start = 0, lakeFirst = plan.Shape.Fields.Count, rowsLeft = rowsPerBatch;
        for (int i = 0; i < ends.Length; i++)
        {
            if (rowsLeft-- == 0)
            {
                batch.Clear();
                rowsLeft = rowsPerBatch - 1;
            }
            var block = batch.Open();
            int row = block.Count;
            var result = plan.Decode(bytes.AsSpan(start, ends[i] - start), block, row);
            if (!result.IsDone) throw new InvalidOperationException(plan.Describe(result).ToString());
            block.Columns[lakeFirst].Values<int>()[row] = i & 3;
            block.Columns[lakeFirst + 1].Values<long>()[row] = i;
            block.Columns[lakeFirst + 2].Values<int>()[row] = 1;
            block.Count = row + 1;
            start = ends[i];
        }
        int rows = ends.Length % rowsPerBatch == 0 ? rowsPerBatch : ends.Length % rowsPerBatch;
        if (batch.RowCount != rows) throw new InvalidOperationException($"found {batch.RowCount:N0} rows in the last batch, expected {rows:N0}");
    }

    /// <summary>Trucks in turn, speeds about 80 km/h, distances and fuel of some seconds, one day in all.</summary>
    private static (byte[] Bytes, int[] Ends) Records(int count, int seed)
    {
        var random = new Random(seed);
        byte[] bytes = new byte[(long)count * RecordBytesMax];
        int[] ends = new int[count];
        int at = 0;
        for (int i = 0; i < count; i++)
        {
            var writer = new AvroWriter(bytes.AsSpan(at));
            writer.WriteString($"truck-{i % Trucks:0000}");
            writer.WriteLong(i / Trucks);
            writer.WriteLong(FirstMicros + i * MicrosPerRecord + random.Next((int)MicrosPerRecord));
            writer.WriteDouble(75 + 10 * random.NextDouble());
            writer.WriteDouble(random.NextDouble());
            writer.WriteDouble(random.NextDouble() / 3);
            ends[i] = at += writer.Position;
        }
        return (bytes[..at], ends);
    }

    private static AvroSchema Schema() => SchemaParser.Parse(
        """
        {"type": "record", "name": "TruckTelemetry", "namespace": "etl.trucks", "fields": [
          {"name": "truck_id", "type": "string"}, {"name": "sequence", "type": "long"},
          {"name": "timestamp", "type": {"type": "long", "logicalType": "timestamp-micros"}},
          {"name": "engine_speed", "type": "double"}, {"name": "distance_covered", "type": "double"}, {"name": "fuel_consumed", "type": "double"}]}
        """);
}
