namespace Etl.Codecs.Kafka.Messages;

/// <summary>Fetch, versions 4 to 18.</summary>
public sealed record FetchRequest
{
    public const short FlexibleFrom = 12;

    public required int MaxWaitMs { get; init; }

    public required int MinBytes { get; init; }

    public required int MaxBytes { get; init; }

    /// <summary>1: committed records only.</summary>
    public required sbyte IsolationLevel { get; init; }

    public required int SessionId { get; init; }

    public required int SessionEpoch { get; init; }

    public required IReadOnlyList<Topic> Topics { get; init; }

    /// <param name="Name">Null from version 13 on, which names topics by id.</param>
    public sealed record Topic(string? Name, Guid TopicId, IReadOnlyList<Partition> Partitions);

    /// <param name="CurrentLeaderEpoch">-1: the client does not say.</param>
    public sealed record Partition(int Index, int CurrentLeaderEpoch, long FetchOffset, int PartitionMaxBytes);

    public static FetchRequest Read(ref KafkaReader reader, short version)
    {
        if (version <= 14) reader.Int32(); // replica id; a tagged field later
        var request = new FetchRequest
        {
            MaxWaitMs = reader.Int32(),
            MinBytes = reader.Int32(),
            MaxBytes = reader.Int32(),
            IsolationLevel = reader.Int8(),
            SessionId = version >= 7 ? reader.Int32() : 0,
            SessionEpoch = version >= 7 ? reader.Int32() : -1,
            Topics = ReadTopics(ref reader, version),
        };
        if (version >= 7) SkipForgotten(ref reader, version);
        if (version >= 11) reader.String(); // rack
        reader.EndStruct();
        return request;
    }

    private static List<Topic> ReadTopics(ref KafkaReader reader, short version)
    {
        var topics = new List<Topic>();
        for (int count = reader.Count(elementBytesMin: 3), i = 0; i < count && !reader.Failed; i++)
        {
            string? name = version <= 12 ? reader.String() : null;
            var id = version >= 13 ? reader.Uuid() : Guid.Empty;
            var partitions = new List<Partition>();
            for (int inner = reader.Count(elementBytesMin: 16), j = 0; j < inner && !reader.Failed; j++) partitions.Add(ReadPartition(ref reader, version));
            reader.EndStruct();
            topics.Add(new(name, id, partitions));
        }
        return topics;
    }

    private static Partition ReadPartition(ref KafkaReader reader, short version)
    {
        int index = reader.Int32();
        int leaderEpoch = version >= 9 ? reader.Int32() : -1;
        long offset = reader.Int64();
        if (version >= 12) reader.Int32(); // last fetched epoch: of followers
        if (version >= 5) reader.Int64(); // log start: of followers
        int bytesMax = reader.Int32();
        reader.EndStruct();
        return new(index, leaderEpoch, offset, bytesMax);
    }

    private static void SkipForgotten(ref KafkaReader reader, short version)
    {
        for (int count = reader.Count(elementBytesMin: 2), i = 0; i < count && !reader.Failed; i++)
        {
            if (version <= 12) reader.String();
            else reader.Uuid();
            reader.Int32Array();
            reader.EndStruct();
        }
    }
}

/// <summary>The answer to a Fetch; the records are gaps of the frame, in the order of the partitions with records.</summary>
public sealed record FetchResponse(KafkaError ErrorCode, IReadOnlyList<FetchResponse.Topic> Responses)
{
    public sealed record Topic(string? Name, Guid TopicId, IReadOnlyList<Partition> Partitions);

    /// <param name="RecordsLength">Bytes of the gap; 0 for none.</param>
    public sealed record Partition(int PartitionIndex, KafkaError ErrorCode, long HighWatermark, long LastStableOffset, long LogStartOffset, int RecordsLength);

    public int ThrottleTimeMs { get; init; }

    /// <summary>0: no session, so the client sends whole requests.</summary>
    public int SessionId { get; init; }

    /// <summary>The client asked for committed records only: it expects a list of aborted transactions, if an empty one.</summary>
    public bool CommittedOnly { get; init; }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Int32(ThrottleTimeMs);
        if (version >= 7)
        {
            writer.Error(ErrorCode);
            writer.Int32(SessionId);
        }
        writer.Count(Responses.Count);
        foreach (var topic in Responses)
        {
            if (version <= 12) writer.String(topic.Name);
            else writer.Uuid(topic.TopicId);
            writer.Count(topic.Partitions.Count);
            foreach (var partition in topic.Partitions) Write(writer, partition, version);
            writer.EndStruct();
        }
        writer.EndStruct();
    }

    private void Write(KafkaWriter writer, Partition partition, short version)
    {
        writer.Int32(partition.PartitionIndex);
        writer.Error(partition.ErrorCode);
        writer.Int64(partition.HighWatermark);
        writer.Int64(partition.LastStableOffset);
        if (version >= 5) writer.Int64(partition.LogStartOffset);
        writer.Count(CommittedOnly ? 0 : -1); // aborted transactions: there are none
        if (version >= 11) writer.Int32(-1); // preferred read replica
        writer.Gap(partition.RecordsLength);
        writer.EndStruct();
    }
}
