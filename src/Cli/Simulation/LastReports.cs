using Etl.Cli.Hosting;
using Etl.Codecs.Avro.Wire;
using Etl.Contracts.Events;
using Etl.Jobs.Trucks;
using Etl.Sources.Trucks;
using Etl.Topics;

namespace Etl.Cli.Simulation;

/// <summary>The last report of each truck of a fleet, read from the ends of its topic: where a simulator goes on.</summary>
internal static class LastReports
{
    private const long FirstLook = 2_000;

    /// <summary>Records of a partition that are looked through at most; a truck with none among them sets out anew.</summary>
    public const long LookMax = 1_000_000;

    public static async Task<IReadOnlyList<TruckTelemetry>> FindAsync(TopicAccess topics, TruckSimulatorOptions fleet, CancellationToken cancel)
    {
        using var admin = new TopicAdmin(topics.Kafka);
        var topic = await admin.DescribeAsync(TrucksDag.Topic, cancel);
        var partitions = Enumerable.Range(0, topic.Partitions).ToList();
        var starts = (await admin.OffsetsAsync(topic.Name, partitions, OffsetAt.Start, cancel)).ToDictionary(one => one.Partition, one => one.Next);
        var ends = await admin.OffsetsAsync(topic.Name, partitions, OffsetAt.End, cancel);
        if (ends.All(end => end.Next == starts[end.Partition])) return [];

        int schemaId = await topics.Schemas.RegisterAsync<TruckTelemetry>(topic.Name, cancel);
        using var reader = await TopicReader.OpenAsync(topics.Kafka, topic.Name, cancel);
        var last = new Dictionary<string, TruckTelemetry>();
        for (long look = FirstLook; ; look *= 8)
        {
            last.Clear();
            var ranges = ends.Select(end => new PartitionRange(end.Partition, Math.Max(starts[end.Partition], end.Next - look), end.Next)).ToList();
            await reader.ReadRangeAsync(ranges, record => Keep(record, schemaId, last), cancel);
            bool isAll = ranges.All(range => range.From == starts[range.Partition]);
            if (isAll || look >= LookMax || last.Keys.Count(id => IsOf(fleet, id)) == fleet.Trucks) break;
        }
        return [.. last.Values.Where(report => IsOf(fleet, report.TruckId))];
    }

    private static void Keep(NativeRecord record, int schemaId, Dictionary<string, TruckTelemetry> last)
    {
        if (WireFormat.Read(record.Value, out int id, out var payload) is not null || id != schemaId) return; // not of this simulator's making
        if (TruckTelemetry.Decode(payload) is { IsDone: true, Value: { } report }) last[report.TruckId] = report;
    }

    private static bool IsOf(TruckSimulatorOptions fleet, string id) =>
        int.TryParse(id.AsSpan(id.LastIndexOf('-') + 1), out int number) && id == $"truck-{number:D5}" && number >= fleet.FirstTruckNumber && number < fleet.FirstTruckNumber + fleet.Trucks;
}
