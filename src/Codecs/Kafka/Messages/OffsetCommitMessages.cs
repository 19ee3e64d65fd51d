namespace Etl.Codecs.Kafka.Messages;

/// <summary>OffsetCommit, versions 2 to 9.</summary>
/// <param name="GenerationIdOrMemberEpoch">-1: from outside a group.</param>
public sealed record OffsetCommitRequest(string GroupId, int GenerationIdOrMemberEpoch, string MemberId, IReadOnlyList<OffsetCommitRequest.Topic> Topics)
{
    public const short FlexibleFrom = 8;

    public sealed record Topic(string Name, IReadOnlyList<Partition> Partitions);

    public sealed record Partition(int PartitionIndex, long CommittedOffset, int CommittedLeaderEpoch, string? CommittedMetadata);

    public static OffsetCommitRequest Read(ref KafkaReader reader, short version)
    {
        string group = reader.String();
        int generation = reader.Int32();
        string member = reader.String();
        if (version >= 7) reader.NullableString(); // group instance id
        if (version <= 4) reader.Int64(); // retention time: ours is without end
        var topics = new List<Topic>();
        for (int count = reader.Count(elementBytesMin: 3), i = 0; i < count && !reader.Failed; i++)
        {
            string name = reader.String();
            var partitions = new List<Partition>();
            for (int inner = reader.Count(elementBytesMin: 13), j = 0; j < inner && !reader.Failed; j++)
            {
                partitions.Add(new(reader.Int32(), reader.Int64(), version >= 6 ? reader.Int32() : -1, reader.NullableString()));
                reader.EndStruct();
            }
            reader.EndStruct();
            topics.Add(new(name, partitions));
        }
        reader.EndStruct();
        return new(group, generation, member, topics);
    }
}

public sealed record OffsetCommitResponse(IReadOnlyList<OffsetCommitResponse.Topic> Topics)
{
    public sealed record Topic(string Name, IReadOnlyList<Partition> Partitions);

    public sealed record Partition(int PartitionIndex, KafkaError ErrorCode);

    public int ThrottleTimeMs { get; init; }

    public void Write(KafkaWriter writer, short version)
    {
        if (version >= 3) writer.Int32(ThrottleTimeMs);
        writer.Count(Topics.Count);
        foreach (var topic in Topics)
        {
            writer.String(topic.Name);
            writer.Count(topic.Partitions.Count);
            foreach (var partition in topic.Partitions)
            {
                writer.Int32(partition.PartitionIndex);
                writer.Error(partition.ErrorCode);
                writer.EndStruct();
            }
            writer.EndStruct();
        }
        writer.EndStruct();
    }
}
