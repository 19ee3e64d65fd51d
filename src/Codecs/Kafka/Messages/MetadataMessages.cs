namespace Etl.Codecs.Kafka.Messages;

/// <summary>Metadata, versions 0 to 13.</summary>
/// <param name="Topics">Null: all.</param>
public sealed record MetadataRequest(IReadOnlyList<MetadataRequest.Topic>? Topics, bool AllowAutoTopicCreation)
{
    public const short FlexibleFrom = 9;

    public sealed record Topic(Guid TopicId, string? Name);

    public static MetadataRequest Read(ref KafkaReader reader, short version)
    {
        int count = reader.Count(elementBytesMin: 1);
        var topics = count < 0 || (version == 0 && count == 0) ? null : new List<Topic>();
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            var id = version >= 10 ? reader.Uuid() : Guid.Empty;
            topics!.Add(new(id, version >= 10 ? reader.NullableString() : reader.String()));
            reader.EndStruct();
        }
        bool create = version < 4 || reader.Bool();
        if (version is >= 8 and <= 10) reader.Bool(); // authorized operations of the cluster
        if (version >= 8) reader.Bool(); // and of the topics
        reader.EndStruct();
        return new(topics, create);
    }
}

public sealed record MetadataResponse
{
    /// <summary>What "authorized operations" says when it was not asked for.</summary>
    public const int NotAsked = int.MinValue;

    public int ThrottleTimeMs { get; init; }

    public required IReadOnlyList<Broker> Brokers { get; init; }

    public required string? ClusterId { get; init; }

    public required int ControllerId { get; init; }

    public required IReadOnlyList<Topic> Topics { get; init; }

    public sealed record Broker(int NodeId, string Host, int Port, string? Rack = null);

    public sealed record Topic(KafkaError ErrorCode, string? Name, Guid TopicId, bool IsInternal, IReadOnlyList<Partition> Partitions);

    public sealed record Partition(
        KafkaError ErrorCode, int PartitionIndex, int LeaderId, int LeaderEpoch, IReadOnlyList<int> ReplicaNodes, IReadOnlyList<int> IsrNodes, IReadOnlyList<int> OfflineReplicas);

    public void Write(KafkaWriter writer, short version)
    {
        if (version >= 3) writer.Int32(ThrottleTimeMs);
        writer.Count(Brokers.Count);
        foreach (var broker in Brokers)
        {
            writer.Int32(broker.NodeId);
            writer.String(broker.Host);
            writer.Int32(broker.Port);
            if (version >= 1) writer.String(broker.Rack);
            writer.EndStruct();
        }
        if (version >= 2) writer.String(ClusterId);
        if (version >= 1) writer.Int32(ControllerId);
        writer.Count(Topics.Count);
        foreach (var topic in Topics) Write(writer, topic, version);
        if (version is >= 8 and <= 10) writer.Int32(NotAsked);
        if (version >= 13) writer.Error(KafkaError.None);
        writer.EndStruct();
    }

    private static void Write(KafkaWriter writer, Topic topic, short version)
    {
        writer.Error(topic.ErrorCode);
        writer.String(topic.Name ?? (version >= 12 ? null : "")); // a topic asked for by an unknown id has no name
        if (version >= 10) writer.Uuid(topic.TopicId);
        if (version >= 1) writer.Bool(topic.IsInternal);
        writer.Count(topic.Partitions.Count);
        foreach (var partition in topic.Partitions)
        {
            writer.Error(partition.ErrorCode);
            writer.Int32(partition.PartitionIndex);
            writer.Int32(partition.LeaderId);
            if (version >= 7) writer.Int32(partition.LeaderEpoch);
            writer.Int32Array(partition.ReplicaNodes);
            writer.Int32Array(partition.IsrNodes);
            if (version >= 5) writer.Int32Array(partition.OfflineReplicas);
            writer.EndStruct();
        }
        if (version >= 8) writer.Int32(NotAsked);
        writer.EndStruct();
    }
}
