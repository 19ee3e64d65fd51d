using System.Globalization;
using Etl.Contracts.Commits;
using Etl.Topics;

namespace Etl.Cli.Doctor;

/// <summary>Whether Kafka deletes records of a topic before they are landed.</summary>
internal sealed class RetentionCheck(TopicCondition topic, TopicAdmin admin, IReadOnlyList<PartitionProgress> landed, TimeProvider clock) : ICheck
{
    public string Name => $"retention {topic.Topic.Name}";

    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancel)
    {
        var partitions = Enumerable.Range(0, topic.Topic.Partitions).ToList();
        var starts = await admin.OffsetsAsync(topic.Topic.Name, partitions, OffsetAt.Start, cancel);
        var ends = await admin.OffsetsAsync(topic.Topic.Name, partitions, OffsetAt.End, cancel);
        var lags = starts.Zip(ends, (start, end) => new Unread(start.Partition, start.Next, end.Next, landed.FirstOrDefault(part => part.Partition == start.Partition && part.TopicId == topic.Topic.Id)?.Next)).ToList();
        if (lags.Sum(lag => lag.Count) == 0 || Retention(topic.Settings) is not { } kept) return Judge(Name, topic, lags, 0, 0);
        var now = clock.GetUtcNow();
        return Judge(Name, topic, lags, await OlderAsync(kept), await OlderAsync(kept / 2));

        async Task<long> OlderAsync(TimeSpan age)
        {
            var firsts = await admin.OffsetsAsync(topic.Topic.Name, partitions, OffsetAt.Time(now - age), cancel);
            return lags.Zip(firsts, (lag, first) => lag.Before(first.Next)).Sum();
        }
    }

    internal static string Told(IReadOnlyDictionary<string, string> settings) => Retention(settings) is { } kept ? $"kept for {(kept.TotalDays >= 2 ? $"{kept.TotalDays:0.#} days" : $"{kept.TotalHours:0.##} h")}" : "kept for ever";

    /// <param name="expired">Unread records that are older than the retention.</param>
    /// <param name="aging">Unread records that are older than half of it.</param>
    internal static IReadOnlyList<Finding> Judge(string name, TopicCondition topic, IReadOnlyList<Unread> lags, long expired, long aging)
    {
        string more = $"run `etl up`, so that they are landed (`etl topic lag {topic.Topic.Name}`), and keep records longer: kafka-configs.sh --alter --topic {topic.Topic.Name} --add-config retention.ms=…";
        long unread = lags.Sum(lag => lag.Count), gone = lags.Sum(lag => lag.Gone);
        string told = Told(topic.Settings);
        if (gone > 0)
            return [Finding.Fail(name, $"{gone:N0} records were deleted before they were landed, in partition{(lags.Count(lag => lag.Gone > 0) == 1 ? "" : "s")} {string.Join(", ", lags.Where(lag => lag.Gone > 0).Take(5).Select(lag => lag.Partition))} ({told})", "none", $"have their producer send them again; {more}")];
        if (expired > 0) return [Finding.Fail(name, $"{expired:N0} of {unread:N0} unread records are older than records are kept for ({told}): they may be deleted at any moment", "unread records younger than half of that", more)];
        if (aging > 0) return [Finding.Warn(name, $"{aging:N0} of {unread:N0} unread records are older than half the time they are kept ({told})", "younger ones", more)];
        if (unread > 0 && topic.Settings.GetValueOrDefault("retention.bytes", "-1") is var bytes && !bytes.StartsWith('-'))
            return [Finding.Warn(name, $"{unread:N0} records are unread, and retention.bytes {bytes} deletes the oldest, read or not", "-1", $"kafka-configs.sh --alter --topic {topic.Topic.Name} --add-config retention.bytes=-1")];
        return [Finding.Ok(name, $"{unread:N0} records unread, {told}")];
    }

    /// <returns>null for ever.</returns>
    private static TimeSpan? Retention(IReadOnlyDictionary<string, string> settings) =>
        !settings.GetValueOrDefault("cleanup.policy", "delete").Contains("delete", StringComparison.Ordinal) ? null
        : long.TryParse(settings.GetValueOrDefault("retention.ms"), NumberStyles.None, CultureInfo.InvariantCulture, out long kept) && kept < (long)TimeSpan.FromDays(36_500).TotalMilliseconds ? TimeSpan.FromMilliseconds(kept) : null;
}

/// <summary>What is unread of a partition.</summary>
/// <param name="Start">Offset of the oldest record that is there.</param>
/// <param name="End">Offset of the next to come.</param>
/// <param name="Landed">Offset that is landed next; null where nothing was.</param>
internal sealed record Unread(int Partition, long Start, long End, long? Landed)
{
    public long Count => Math.Max(0, End - First);

    /// <summary>Deleted before they were landed.</summary>
    public long Gone => Landed is { } next ? Math.Max(0, Start - next) : 0;

    private long First => Math.Max(Start, Landed ?? 0);

    /// <summary>Unread ones before an offset; −1 stands for the end.</summary>
    public long Before(long offset) => Math.Max(0, (offset < 0 ? End : Math.Min(offset, End)) - First);
}
