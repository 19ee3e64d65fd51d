using System.Globalization;
using Etl.Embedded.Broker.Log;

namespace Etl.Embedded.Broker.Topics;

/// <summary>One key that a topic understands, by Kafka's name.</summary>
/// <param name="Type">Kafka's number: 2 string, 3 int, 5 long, 7 list.</param>
/// <param name="BrokerKey">The broker's key that gives the default.</param>
/// <param name="Fault">Null if the value can be taken, else what is expected.</param>
internal sealed record TopicConfigKey(string Name, sbyte Type, string BrokerKey, string Documentation, Func<BrokerOptions, string> Default, Func<string, string?> Fault);

/// <summary>The keys there are, and what they mean for a log. A key that changes nothing here is not offered.</summary>
internal static class TopicConfigs
{
    public const string CleanupPolicy = "cleanup.policy", Compression = "compression.type", MessageBytes = "max.message.bytes", TimestampType = "message.timestamp.type",
        RetentionBytes = "retention.bytes", RetentionTime = "retention.ms", SegmentBytes = "segment.bytes", IndexInterval = "index.interval.bytes";

    public static readonly IReadOnlyList<TopicConfigKey> All =
    [
        new(CleanupPolicy, 7, "log.cleanup.policy", "What happens to old segments: they are deleted.", _ => "delete", OneOf("delete")),
        new(Compression, 2, "compression.type", "Batches keep the codec of their producer.", _ => "producer", OneOf("producer")),
        new(IndexInterval, 3, "log.index.interval.bytes", "Bytes of log between two index entries.", options => Text(options.IndexIntervalBytes), Between(1 << 10, 16 << 20)),
        new(MessageBytes, 3, "message.max.bytes", "Largest record batch in bytes.", options => Text(options.MessageBytesMax), Between(1, 256 << 20)),
        new(TimestampType, 2, "log.message.timestamp.type", "Whose time a record has: the producer's or that of the append.", _ => "CreateTime", OneOf("CreateTime", "LogAppendTime")),
        new(RetentionBytes, 5, "log.retention.bytes", "Bytes kept per partition; -1 for all.", options => Text(options.RetentionBytes), Between(-1, long.MaxValue)),
        new(RetentionTime, 5, "log.retention.ms", "Age in milliseconds after which a segment is deleted; -1 for never.", options => Text((long)options.RetentionTime.TotalMilliseconds), Between(-1, long.MaxValue)),
        new(SegmentBytes, 3, "log.segment.bytes", "Bytes after which the next segment begins.", options => Text(options.SegmentBytes), Between(64 << 10, 1 << 30)),
    ];

    public static TopicConfigKey? Find(string name) => All.FirstOrDefault(key => key.Name == name);

    /// <summary>Null if the value can be taken, else a sentence that says why not.</summary>
    public static string? Fault(string name, string? value) =>
        Find(name) is not { } key ? $"Unknown topic config {name}; known are {string.Join(", ", All.Select(known => known.Name))}."
        : value is null ? $"{name}: has no value."
        : key.Fault(value) is { } expected ? $"{name}: \"{value}\" is not valid; expected {expected}." : null;

    public static string Value(string name, BrokerOptions options, IReadOnlyDictionary<string, string> own) =>
        own.TryGetValue(name, out string? value) ? value : Find(name)!.Default(options);

    public static LogSettings ToSettings(BrokerOptions options, IReadOnlyDictionary<string, string> own)
    {
        return new()
        {
            SegmentBytes = (int)Number(SegmentBytes),
            IndexIntervalBytes = (int)Number(IndexInterval),
            RetentionBytes = Number(RetentionBytes),
            RetentionMilliseconds = Number(RetentionTime),
            MessageBytesMax = (int)Number(MessageBytes),
            LogAppendTime = Value(TimestampType, options, own) == "LogAppendTime",
            Fsync = options.Fsync,
            FsyncBytes = options.FsyncBytes,
        };

        long Number(string name) => long.Parse(Value(name, options, own), CultureInfo.InvariantCulture);
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static Func<string, string?> OneOf(params string[] values) => value => values.Contains(value) ? null : string.Join(" or ", values);

    private static Func<string, string?> Between(long least, long most) =>
        value => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most ? null : $"{least} to {most}";
}
