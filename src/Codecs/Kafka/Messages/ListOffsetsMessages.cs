namespace Etl.Codecs.Kafka.Messages;

/// <summary>ListOffsets, versions 1 to 10.</summary>
public sealed record ListOffsetsRequest(sbyte IsolationLevel, IReadOnlyList<ListOffsetsRequest.Topic> Topics)
{
    public const short FlexibleFrom = 6;

    /// <summary>Asked times below 0 have a meaning of their own.</summary>
    public const long End = -1, Start = -2, OfGreatestTimestamp = -3, LocalStart = -4, LastTiered = -5;

    public sealed record Topic(string Name, IReadOnlyList<Partition> Partitions);

    /// <param name="Timestamp">Milliseconds since 1970 UTC, or one of the constants.</param>
    public sealed record Partition(int PartitionIndex, int CurrentLeaderEpoch, long Timestamp);

    public static ListOffsetsRequest Read(ref KafkaReader reader, short version)
    {
        reader.Int32(); // replica id
        sbyte isolation = version >= 2 ? reader.Int8() : (sbyte)0;
        var topics = new List<Topic>();
        for (int count = reader.Count(elementBytesMin: 3), i = 0; i < count && !reader.Failed; i++)
        {
            string name = reader.String();
            var partitions = new List<Partition>();
            for (int inner = reader.Count(elementBytesMin: 12), j = 0; j < inner && !reader.Failed; j++)
            {
                partitions.Add(new(reader.Int32(), version >= 4 ? reader.Int32() : -1, reader.Int64()));
                reader.EndStruct();
            }
            reader.EndStruct();
            topics.Add(new(name, partitions));
        }
        if (version >= 10) reader.Int32(); // timeout
        reader.EndStruct();
        return new(isolation, topics);
    }
}

public sealed record ListOffsetsResponse(IReadOnlyList<ListOffsetsResponse.Topic> Topics)
{
    public sealed record Topic(string Name, IReadOnlyList<Partition> Partitions);

    /// <param name="Timestamp">Of the record found; -1 for the log's ends and when nothing was found.</param>
    /// <param name="Offset">-1: nothing was found.</param>
    public sealed record Partition(int PartitionIndex, KafkaError ErrorCode, long Timestamp, long Offset, int LeaderEpoch);

    public int ThrottleTimeMs { get; init; }

    public void Write(KafkaWriter writer, short version)
    {
        if (version >= 2) writer.Int32(ThrottleTimeMs);
        writer.Count(Topics.Count);
        foreach (var topic in Topics)
        {
            writer.String(topic.Name);
            writer.Count(topic.Partitions.Count);
            foreach (var partition in topic.Partitions)
            {
                writer.Int32(partition.PartitionIndex);
                writer.Error(partition.ErrorCode);
                writer.Int64(partition.Timestamp);
                writer.Int64(partition.Offset);
                if (version >= 4) writer.Int32(partition.LeaderEpoch);
                writer.EndStruct();
            }
            writer.EndStruct();
        }
        writer.EndStruct();
    }
}
