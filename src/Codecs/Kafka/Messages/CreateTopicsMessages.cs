namespace Etl.Codecs.Kafka.Messages;

/// <summary>CreateTopics, versions 2 to 7.</summary>
public sealed record CreateTopicsRequest(IReadOnlyList<CreateTopicsRequest.Topic> Topics, bool ValidateOnly)
{
    public const short FlexibleFrom = 5;

    /// <param name="NumPartitions">-1: the default, or as many as assignments.</param>
    public sealed record Topic(string Name, int NumPartitions, short ReplicationFactor, IReadOnlyList<Assignment> Assignments, IReadOnlyList<Config> Configs);

    public sealed record Assignment(int PartitionIndex, int[] BrokerIds);

    public sealed record Config(string Name, string? Value);

    public static CreateTopicsRequest Read(ref KafkaReader reader, short version)
    {
        var topics = new List<Topic>();
        for (int count = reader.Count(elementBytesMin: 9), i = 0; i < count && !reader.Failed; i++)
        {
            topics.Add(new(reader.String(), reader.Int32(), reader.Int16(), ReadAssignments(ref reader), ReadConfigs(ref reader)));
            reader.EndStruct();
        }
        reader.Int32(); // timeout
        bool validateOnly = reader.Bool();
        reader.EndStruct();
        return new(topics, validateOnly);
    }

    private static List<Assignment> ReadAssignments(ref KafkaReader reader)
    {
        var assignments = new List<Assignment>();
        for (int count = reader.Count(elementBytesMin: 5), i = 0; i < count && !reader.Failed; i++)
        {
            assignments.Add(new(reader.Int32(), reader.Int32Array()));
            reader.EndStruct();
        }
        return assignments;
    }

    internal static List<Config> ReadConfigs(ref KafkaReader reader)
    {
        var configs = new List<Config>();
        for (int count = reader.Count(elementBytesMin: 2), i = 0; i < count && !reader.Failed; i++)
        {
            configs.Add(new(reader.String(), reader.NullableString()));
            reader.EndStruct();
        }
        return configs;
    }
}

public sealed record CreateTopicsResponse(IReadOnlyList<CreateTopicsResponse.Topic> Topics)
{
    /// <param name="Configs">Null when the topic was refused.</param>
    public sealed record Topic(
        string Name, Guid TopicId, KafkaError ErrorCode, string? ErrorMessage, int NumPartitions, short ReplicationFactor, IReadOnlyList<Config>? Configs);

    public sealed record Config(string Name, string? Value, bool ReadOnly, sbyte ConfigSource, bool IsSensitive);

    public int ThrottleTimeMs { get; init; }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Int32(ThrottleTimeMs);
        writer.Count(Topics.Count);
        foreach (var topic in Topics)
        {
            writer.String(topic.Name);
            if (version >= 7) writer.Uuid(topic.TopicId);
            writer.Error(topic.ErrorCode);
            writer.String(topic.ErrorMessage);
            if (version >= 5) WriteDetails(writer, topic);
            writer.EndStruct();
        }
        writer.EndStruct();
    }

    private static void WriteDetails(KafkaWriter writer, Topic topic)
    {
        writer.Int32(topic.NumPartitions);
        writer.Int16(topic.ReplicationFactor);
        writer.Count(topic.Configs?.Count ?? -1);
        foreach (var config in topic.Configs ?? [])
        {
            writer.String(config.Name);
            writer.String(config.Value);
            writer.Bool(config.ReadOnly);
            writer.Int8(config.ConfigSource);
            writer.Bool(config.IsSensitive);
            writer.EndStruct();
        }
    }
}
