namespace Etl.Codecs.Kafka.Messages;

/// <summary>DeleteTopics, versions 1 to 6.</summary>
public sealed record DeleteTopicsRequest(IReadOnlyList<DeleteTopicsRequest.Topic> Topics)
{
    public const short FlexibleFrom = 4;

    /// <param name="Name">Null: by id.</param>
    public sealed record Topic(string? Name, Guid TopicId);

    public static DeleteTopicsRequest Read(ref KafkaReader reader, short version)
    {
        var topics = new List<Topic>();
        for (int count = reader.Count(elementBytesMin: 1), i = 0; i < count && !reader.Failed; i++)
        {
            topics.Add(version >= 6 ? new(reader.NullableString(), reader.Uuid()) : new(reader.String(), Guid.Empty));
            if (version >= 6) reader.EndStruct();
        }
        reader.Int32(); // timeout
        reader.EndStruct();
        return new(topics);
    }
}

public sealed record DeleteTopicsResponse(IReadOnlyList<DeleteTopicsResponse.Topic> Responses)
{
    public sealed record Topic(string? Name, Guid TopicId, KafkaError ErrorCode, string? ErrorMessage);

    public int ThrottleTimeMs { get; init; }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Int32(ThrottleTimeMs);
        writer.Count(Responses.Count);
        foreach (var topic in Responses)
        {
            writer.String(topic.Name);
            if (version >= 6) writer.Uuid(topic.TopicId);
            writer.Error(topic.ErrorCode);
            if (version >= 5) writer.String(topic.ErrorMessage);
            writer.EndStruct();
        }
        writer.EndStruct();
    }
}
