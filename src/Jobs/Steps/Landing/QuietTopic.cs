using Etl.Contracts.Workflow;
using Etl.Topics;

namespace Etl.Jobs.Steps.Landing;

/// <summary>Knows a topic that was landed to its end, so that a look at one where nothing came is two requests over a connection that stands, and asks the store nothing.</summary>
internal sealed class QuietTopic(LandStep step, TopicAdmin admin, TimeProvider clock)
{
    /// <summary>How long it is believed: then the chain, the lease and the store's clock are looked at again.</summary>
    public static readonly TimeSpan BelievedFor = TimeSpan.FromMinutes(5);

    private Standing? _standing;

    /// <summary>Time stamp of the process's clock, to be taken with the store's: wall clocks jump.</summary>
    public long Stamp() => clock.GetTimestamp();

    /// <summary>All that these partitions of the topic held at <paramref name="sampledAt"/> has landed under the token.</summary>
    public void Landed(long token, TopicFacts topic, IReadOnlyDictionary<int, long> ends, DateTimeOffset sampledAt, long stamp) => _standing = new(token, topic, ends, sampledAt, stamp);

    /// <returns>The instant, by the store's clock, before which nothing new was in the share's partitions; null where they must be read.</returns>
    public async Task<(DateTimeOffset At, SomePartitions Partitions)?> StillAsync(long token, IPartitionShare share, CancellationToken cancel)
    {
        var standing = _standing;
        _standing = null; // believed again only when this look ends well
        if (standing is null || standing.Token != token || clock.GetElapsedTime(standing.Stamp) is var passed && passed > BelievedFor) return null;
        var topic = await admin.FindAsync(step.Topic, cancel);
        if (topic is null || topic != standing.Topic) return null;
        var mine = await share.OfAsync(topic.Partitions, cancel);
        if (mine.Count != standing.Ends.Count || !mine.All(standing.Ends.ContainsKey)) return null;
        foreach (var end in await admin.OffsetsAsync(step.Topic, standing.Ends.Keys, OffsetAt.End, cancel))
            if (standing.Ends[end.Partition] != end.Next) return null;
        _standing = standing;
        return (standing.SampledAt + passed, new(mine, topic.Partitions));
    }

    private sealed record Standing(long Token, TopicFacts Topic, IReadOnlyDictionary<int, long> Ends, DateTimeOffset SampledAt, long Stamp);
}
