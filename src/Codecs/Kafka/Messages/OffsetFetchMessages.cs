namespace Etl.Codecs.Kafka.Messages;

/// <summary>OffsetFetch, versions 1 to 9. Below 8 a request asks for one group.</summary>
public sealed record OffsetFetchRequest(IReadOnlyList<OffsetFetchRequest.Group> Groups)
{
    public const short FlexibleFrom = 6;

    /// <param name="Topics">Null: all with committed offsets.</param>
    public sealed record Group(string GroupId, IReadOnlyList<Topic>? Topics);

    public sealed record Topic(string Name, int[] PartitionIndexes);

    public static OffsetFetchRequest Read(ref KafkaReader reader, short version)
    {
        var groups = new List<Group>();
        if (version <= 7) groups.Add(new(reader.String(), ReadTopics(ref reader)));
        else
            for (int count = reader.Count(elementBytesMin: 3), i = 0; i < count && !reader.Failed; i++)
            {
                string id = reader.String();
                if (version >= 9)
                {
                    reader.NullableString(); // member id
                    reader.Int32(); // member epoch
                }
                groups.Add(new(id, ReadTopics(ref reader)));
                reader.EndStruct();
            }
        if (version >= 7) reader.Bool(); // stable offsets only: all are
        reader.EndStruct();
        return new(groups);
    }

    private static List<Topic>? ReadTopics(ref KafkaReader reader)
    {
        int count = reader.Count(elementBytesMin: 3);
        if (count < 0) return null;
        var topics = new List<Topic>();
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            topics.Add(new(reader.String(), reader.Int32Array()));
            reader.EndStruct();
        }
        return topics;
    }
}

public sealed record OffsetFetchResponse(IReadOnlyList<OffsetFetchResponse.Group> Groups)
{
    public sealed record Group(string GroupId, IReadOnlyList<Topic> Topics, KafkaError ErrorCode);

    public sealed record Topic(string Name, IReadOnlyList<Partition> Partitions);

    /// <param name="CommittedOffset">-1: none.</param>
    public sealed record Partition(int PartitionIndex, long CommittedOffset, int CommittedLeaderEpoch, string? Metadata, KafkaError ErrorCode);

    public int ThrottleTimeMs { get; init; }

    public void Write(KafkaWriter writer, short version)
    {
        if (version >= 3) writer.Int32(ThrottleTimeMs);
        if (version >= 8) writer.Count(Groups.Count);
        foreach (var group in Groups)
        {
            if (version >= 8) writer.String(group.GroupId);
            writer.Count(group.Topics.Count);
            foreach (var topic in group.Topics) Write(writer, topic, version);
            if (version >= 2) writer.Error(group.ErrorCode);
            if (version >= 8) writer.EndStruct();
        }
        writer.EndStruct();
    }

    private static void Write(KafkaWriter writer, Topic topic, short version)
    {
        writer.String(topic.Name);
        writer.Count(topic.Partitions.Count);
        foreach (var partition in topic.Partitions)
        {
            writer.Int32(partition.PartitionIndex);
            writer.Int64(partition.CommittedOffset);
            if (version >= 5) writer.Int32(partition.CommittedLeaderEpoch);
            writer.String(partition.Metadata);
            writer.Error(partition.ErrorCode);
            writer.EndStruct();
        }
        writer.EndStruct();
    }
}
