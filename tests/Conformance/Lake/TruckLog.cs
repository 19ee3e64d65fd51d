using Etl.Tests.Unit.Lake;

namespace Etl.Tests.Conformance.Lake;

/// <summary>A topic as the tests' lander reads it: rows by partition and offset.</summary>
public sealed class TruckLog
{
    public const string Topic = "Truck-Data";

    private readonly List<TruckRow>[] _partitions = [[], []];

    public IReadOnlyList<int> Partitions => [0, 1];

    public int Count => _partitions.Sum(partition => partition.Count);

    public long End(int partition) => _partitions[partition].Count;

    /// <summary>Trucks from 21:00 of the first of March on, with speeds whose plain sums depend on their order. The same seed gives the same events.</summary>
    /// <param name="order">Seed of the order in which they are produced.</param>
    /// <param name="hours">How many hours the events are spread over; from the fourth on they are of the second day.</param>
    public static TruckLog Of(int events, int order, int hours = 5)
    {
        var random = new Random(4);
        var rows = Enumerable.Range(0, events).Select(i => new TruckRow(
            $"truck-{i % 7:D4}", i, new DateTimeOffset(2026, 3, 1, 21, 0, 0, TimeSpan.Zero).AddSeconds(3_600.0 * hours * i / events), 80 + random.NextDouble() * Math.Pow(10, random.Next(-8, 8)), random.NextDouble(), 0, 0)).ToArray();
        if (order != 0) new Random(order).Shuffle(rows);
        var log = new TruckLog();
        foreach (var row in rows) log.Produce(row);
        return log;
    }

    public void Produce(TruckRow row)
    {
        int partition = row.Truck[^1] % 2;
        _partitions[partition].Add(row with { Partition = partition, Offset = _partitions[partition].Count });
    }

    public IEnumerable<TruckRow> Read(int partition, long from, long to) => _partitions[partition].Skip((int)from).Take((int)(to - from));
}
