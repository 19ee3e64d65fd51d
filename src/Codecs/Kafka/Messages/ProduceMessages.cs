namespace Etl.Codecs.Kafka.Messages;

/// <summary>Produce, versions 0 to 13. Below 3 the records are of an older format, which is for the broker to refuse.</summary>
public sealed record ProduceRequest(string? TransactionalId, short Acks, int TimeoutMs, IReadOnlyList<ProduceRequest.Topic> TopicData)
{
    public const short FlexibleFrom = 9;

    /// <param name="Name">Null from version 13 on, which names topics by id.</param>
    public sealed record Topic(string? Name, Guid TopicId, IReadOnlyList<Partition> PartitionData);

    /// <param name="Records">Place of the batch in the frame; length 0 for null.</param>
    public sealed record Partition(int Index, (int Start, int Length) Records);

    public static ProduceRequest Read(ref KafkaReader reader, short version)
    {
        string? transactionalId = version >= 3 ? reader.NullableString() : null;
        short acks = reader.Int16();
        int timeout = reader.Int32();
        var topics = new List<Topic>();
        for (int count = reader.Count(elementBytesMin: 3), i = 0; i < count && !reader.Failed; i++) topics.Add(ReadTopic(ref reader, version));
        reader.EndStruct();
        return new(transactionalId, acks, timeout, topics);
    }

    private static Topic ReadTopic(ref KafkaReader reader, short version)
    {
        string? name = version <= 12 ? reader.String() : null;
        var id = version >= 13 ? reader.Uuid() : Guid.Empty;
        var partitions = new List<Partition>();
        for (int count = reader.Count(elementBytesMin: 5), i = 0; i < count && !reader.Failed; i++)
        {
            partitions.Add(new(reader.Int32(), reader.Bytes()));
            reader.EndStruct();
        }
        reader.EndStruct();
        return new(name, id, partitions);
    }
}

public sealed record ProduceResponse(IReadOnlyList<ProduceResponse.Topic> Responses)
{
    public sealed record Topic(string? Name, Guid TopicId, IReadOnlyList<Partition> PartitionResponses);

    /// <param name="LogAppendTimeMs">-1 unless the broker stamps the records.</param>
    public sealed record Partition(int Index, KafkaError ErrorCode, long BaseOffset, long LogAppendTimeMs, long LogStartOffset, string? ErrorMessage = null);

    public int ThrottleTimeMs { get; init; }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Count(Responses.Count);
        foreach (var topic in Responses)
        {
            if (version <= 12) writer.String(topic.Name);
            else writer.Uuid(topic.TopicId);
            writer.Count(topic.PartitionResponses.Count);
            foreach (var partition in topic.PartitionResponses) Write(writer, partition, version);
            writer.EndStruct();
        }
        if (version >= 1) writer.Int32(ThrottleTimeMs); // the last field, other than everywhere else
        writer.EndStruct();
    }

    private static void Write(KafkaWriter writer, Partition partition, short version)
    {
        writer.Int32(partition.Index);
        writer.Error(partition.ErrorCode);
        writer.Int64(partition.BaseOffset);
        if (version >= 2) writer.Int64(partition.LogAppendTimeMs);
        if (version >= 5) writer.Int64(partition.LogStartOffset);
        if (version >= 8)
        {
            writer.Count(0); // errors of single records
            writer.String(partition.ErrorMessage);
        }
        writer.EndStruct();
    }
}
