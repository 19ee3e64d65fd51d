namespace Etl.Codecs.Kafka.Messages;

/// <summary>OffsetForLeaderEpoch, versions 2 to 4.</summary>
public sealed record OffsetForLeaderEpochRequest(IReadOnlyList<OffsetForLeaderEpochRequest.Topic> Topics)
{
    public const short FlexibleFrom = 4;

    public sealed record Topic(string Name, IReadOnlyList<Partition> Partitions);

    public sealed record Partition(int Index, int CurrentLeaderEpoch, int LeaderEpoch);

    public static OffsetForLeaderEpochRequest Read(ref KafkaReader reader, short version)
    {
        if (version >= 3) reader.Int32(); // replica id
        var topics = new List<Topic>();
        for (int count = reader.Count(elementBytesMin: 3), i = 0; i < count && !reader.Failed; i++)
        {
            string name = reader.String();
            var partitions = new List<Partition>();
            for (int inner = reader.Count(elementBytesMin: 12), j = 0; j < inner && !reader.Failed; j++)
            {
                partitions.Add(new(reader.Int32(), reader.Int32(), reader.Int32()));
                reader.EndStruct();
            }
            reader.EndStruct();
            topics.Add(new(name, partitions));
        }
        reader.EndStruct();
        return new(topics);
    }
}

public sealed record OffsetForLeaderEpochResponse(IReadOnlyList<OffsetForLeaderEpochResponse.TopicResult> Topics)
{
    public sealed record TopicResult(string Topic, IReadOnlyList<PartitionResult> Partitions);

    /// <param name="EndOffset">One past the last offset of that epoch; -1: unknown.</param>
    public sealed record PartitionResult(KafkaError ErrorCode, int Partition, int LeaderEpoch, long EndOffset);

    public int ThrottleTimeMs { get; init; }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Int32(ThrottleTimeMs);
        writer.Count(Topics.Count);
        foreach (var topic in Topics)
        {
            writer.String(topic.Topic);
            writer.Count(topic.Partitions.Count);
            foreach (var partition in topic.Partitions)
            {
                writer.Error(partition.ErrorCode);
                writer.Int32(partition.Partition);
                writer.Int32(partition.LeaderEpoch);
                writer.Int64(partition.EndOffset);
                writer.EndStruct();
            }
            writer.EndStruct();
        }
        writer.EndStruct();
    }
}
