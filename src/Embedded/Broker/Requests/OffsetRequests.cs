using System.Text;
using Etl.Codecs.Kafka;
using Etl.Codecs.Kafka.Messages;
using Etl.Embedded.Broker.Topics;

namespace Etl.Embedded.Broker.Requests;

/// <summary>Committed offsets of groups without members: consumers that assign partitions to themselves.</summary>
internal sealed class OffsetRequests(BrokerParts parts)
{
    public Reaction Commit(Request request)
    {
        var reader = request.Reader();
        var asked = OffsetCommitRequest.Read(ref reader, request.Version);
        if (reader.Failed) return Reaction.Close;
        var refused = asked.GroupId.Length == 0 ? KafkaError.InvalidGroupId
            : asked.GenerationIdOrMemberEpoch >= 0 || asked.MemberId.Length > 0 ? KafkaError.UnknownMemberId // no group has members here
            : KafkaError.None;
        var entries = new List<OffsetStore.Entry>();
        var answers = asked.Topics.Select(topic => new OffsetCommitResponse.Topic(topic.Name, [.. topic.Partitions.Select(partition =>
            new OffsetCommitResponse.Partition(partition.PartitionIndex, refused != KafkaError.None ? refused : Take(asked.GroupId, topic.Name, partition, entries)))])).ToList();
        var failed = parts.Offsets.Commit(entries);
        if (failed != KafkaError.None)
            answers = [.. answers.Select(topic => topic with { Partitions = [.. topic.Partitions.Select(partition => partition with { ErrorCode = partition.ErrorCode == KafkaError.None ? failed : partition.ErrorCode })] })];
        new OffsetCommitResponse(answers).Write(request.Answer, request.Version);
        return Reaction.Answer;
    }

    public Reaction Fetch(Request request)
    {
        var reader = request.Reader();
        var asked = OffsetFetchRequest.Read(ref reader, request.Version);
        if (reader.Failed) return Reaction.Close;
        new OffsetFetchResponse([.. asked.Groups.Select(Fetch)]).Write(request.Answer, request.Version);
        return Reaction.Answer;
    }

    private KafkaError Take(string group, string name, OffsetCommitRequest.Partition partition, List<OffsetStore.Entry> entries)
    {
        if (parts.Topics.Find(name) is not { } topic || topic.Partition(partition.PartitionIndex) is null) return KafkaError.UnknownTopicOrPartition;
        string metadata = partition.CommittedMetadata ?? "";
        if (Encoding.UTF8.GetByteCount(metadata) > OffsetStore.MetadataBytesMax) return KafkaError.OffsetMetadataTooLarge;
        entries.Add(new(group, topic.Id, partition.PartitionIndex, partition.CommittedOffset, partition.CommittedLeaderEpoch, metadata));
        return KafkaError.None;
    }

    private OffsetFetchResponse.Group Fetch(OffsetFetchRequest.Group group)
    {
        var topics = group.Topics is null
            ? parts.Offsets.Of(group.GroupId).GroupBy(found => parts.Topics.Find(found.Topic)).Where(found => found.Key is not null).Select(found =>
                new OffsetFetchResponse.Topic(found.Key!.Name, [.. found.OrderBy(one => one.Partition).Select(one => Tell(one.Partition, one.Committed))]))
            : group.Topics.Select(topic => new OffsetFetchResponse.Topic(topic.Name, [.. topic.PartitionIndexes.Select(index =>
                Tell(index, parts.Topics.Find(topic.Name) is { } found ? parts.Offsets.Find(group.GroupId, found.Id, index) : null))]));
        return new(group.GroupId, [.. topics], KafkaError.None);
    }

    private static OffsetFetchResponse.Partition Tell(int partition, CommittedOffset? committed) =>
        committed is null ? new(partition, -1, -1, "", KafkaError.None) : new(partition, committed.Offset, committed.LeaderEpoch, committed.Metadata, KafkaError.None);
}
