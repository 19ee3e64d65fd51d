using System.CommandLine;
using System.Globalization;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Codecs.Avro;
using Etl.Codecs.Avro.Resolution;
using Etl.Codecs.Avro.Wire;
using Etl.Topics;
using Etl.Topics.Registry;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Shows records of a topic, their values decoded; what cannot be decoded as hex, with the reason.</summary>
internal static class TopicPeek
{
    private const int CountMax = 1_000;

    private static readonly Option<int?> PartitionOption = new("--partition") { Description = "Only this one, from 0 (default: all)", HelpName = "P" };
    private static readonly Option<long?> OffsetOption = new("--offset") { Description = "First offset to show (default: the newest records)", HelpName = "N" };
    private static readonly Option<int> CountOption = new("--count") { Description = $"How many records, 1 to {CountMax:N0}", DefaultValueFactory = _ => 10, HelpName = "N" };

    public static Command New()
    {
        var command = new Verb("peek", "Show records of a topic, decoded", "etl topic peek Truck-Data --partition 0 --offset 100 --count 3") { TopicCommand.NameArgument, PartitionOption, OffsetOption, CountOption };
        command.SetAction(Invocation.Of(RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation, ParseResult parsed, CancellationToken cancel)
    {
        int count = parsed.GetValue(CountOption);
        if (count is < 1 or > CountMax) throw new UsageException($"--count: found {count}, expected 1 to {CountMax:N0}");
        string name = parsed.GetValue(TopicCommand.NameArgument)!;
        invocation.MustKnowData(invocation.Settings.Kafka.BootstrapServers.Length > 0);
        var topics = await invocation.OpenTopicsAsync(cancel);
        var records = await ReadAsync(topics, name, parsed.GetValue(PartitionOption), parsed.GetValue(OffsetOption), count, cancel);
        var decoder = new ValueDecoder(topics.Schemas);
        var shown = new List<PeekedRecord>();
        foreach (var record in records) shown.Add(await decoder.DecodeAsync(record, cancel));
        invocation.Terminal.Answer(shown, people => Draw(people, shown));
        if (shown.Count == 0) invocation.Terminal.Note("no record there");
        return ExitCodes.Ok;
    }

    private static async Task<IReadOnlyList<RawRecord>> ReadAsync(TopicAccess topics, string name, int? partition, long? offset, int count, CancellationToken cancel)
    {
        using var admin = new TopicAdmin(topics.Kafka);
        var facts = await TopicCommand.DemandAsync(admin, topics, name, cancel);
        if (partition < 0 || partition >= facts.Partitions) throw new NotFoundException($"--partition: found {partition}, topic {name} has 0 to {facts.Partitions - 1}");
        int[] partitions = partition is { } one ? [one] : [.. Enumerable.Range(0, facts.Partitions)];
        var starts = await admin.OffsetsAsync(name, partitions, OffsetAt.Start, cancel);
        var ends = await admin.OffsetsAsync(name, partitions, OffsetAt.End, cancel);
        var ranges = starts.Zip(ends, (start, end) => RangeOf(start.Partition, start.Next, end.Next, offset, count)).Where(range => range.From < range.To).ToList();
        if (ranges.Count == 0) return [];

        var records = new List<RawRecord>();
        using var reader = await TopicReader.OpenAsync(topics.Kafka, name, cancel);
        await reader.ReadRangeAsync(ranges, record => records.Add(new(record.Partition, record.Offset, record.TimestampMillis, record.Key.ToArray(), record.IsTombstone ? null : record.Value.ToArray())), cancel);
        var ordered = records.OrderBy(record => record.Millis).ThenBy(record => record.Partition).ThenBy(record => record.Offset);
        return [.. offset is null ? ordered.TakeLast(count) : ordered.Take(count)];
    }

    internal static PartitionRange RangeOf(int partition, long start, long end, long? offset, int count)
    {
        long from = Math.Clamp(offset ?? end - count, start, end);
        return new(partition, from, Math.Min(end, from + count));
    }

    private static void Draw(IAnsiConsole people, IReadOnlyList<PeekedRecord> shown)
    {
        var table = Terminal.NewTable("partition", "offset", "time", "key", "value");
        table.Columns[0].RightAligned();
        table.Columns[1].RightAligned();
        foreach (var record in shown)
            table.AddRow($"{record.Partition}", record.Offset.ToString("N0", CultureInfo.InvariantCulture), record.Time ?? "", Markup.Escape(record.Key),
                record.Fault is { } fault ? $"[yellow]{Markup.Escape(fault)}[/]\n{Markup.Escape(record.Hex ?? "")}" : Markup.Escape(AvroView.Text(record.Value)));
        people.Write(table);
    }
}

/// <param name="Millis">Since 1970; −1 without a time.</param>
/// <param name="Value">null for a deletion.</param>
internal sealed record RawRecord(int Partition, long Offset, long Millis, byte[] Key, byte[]? Value);

/// <summary>A record as it is shown.</summary>
/// <param name="SchemaId">Of the registry; null where the value names none.</param>
/// <param name="Fault">Why the value cannot be decoded; null where it was.</param>
/// <param name="Hex">The first bytes of a value that was not decoded.</param>
internal sealed record PeekedRecord(int Partition, long Offset, string? Time, string Key, int? SchemaId, object? Value, string? Fault, string? Hex);

/// <summary>Decodes values by the schema that each names.</summary>
internal sealed class ValueDecoder(TopicSchemas schemas)
{
    private readonly Dictionary<int, (DecodePlan? Plan, string? Fault)> _plans = [];

    public async Task<PeekedRecord> DecodeAsync(RawRecord record, CancellationToken cancel)
    {
        string? time = record.Millis < 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(record.Millis).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var shown = new PeekedRecord(record.Partition, record.Offset, time, HexDump.TextOrHex(record.Key), null, null, null, null);
        if (record.Value is not { } value) return shown; // a deletion
        if (WireFormat.Read(value, out int id, out _) is { } broken) return shown with { Fault = broken.ToString(), Hex = HexDump.Brief(value) };
        var (plan, fault) = await PlanAsync(id, cancel);
        shown = shown with { SchemaId = id };
        if (plan is null) return shown with { Fault = fault, Hex = HexDump.Brief(value) };
        var decoded = plan.Decode(value.AsSpan(WireFormat.HeadBytes));
        return decoded.IsDone ? shown with { Value = AvroView.Plain(plan.Reader, decoded.Value) } : shown with { Fault = decoded.Problem!.ToString(), Hex = HexDump.Brief(value) };
    }

    private async Task<(DecodePlan?, string?)> PlanAsync(int id, CancellationToken cancel)
    {
        if (_plans.TryGetValue(id, out var known)) return known;
        (DecodePlan?, string?) made = await schemas.TextOfAsync(id, cancel) is not SchemaLookup.Found found ? (null, $"the registry knows no schema {id}")
            : SchemaParser.TryParse(found.Text, out var schema, out var problem) ? (DecodePlan.Of(schema), null) : (null, $"schema {id} cannot be read: {problem}");
        return _plans[id] = made;
    }
}
