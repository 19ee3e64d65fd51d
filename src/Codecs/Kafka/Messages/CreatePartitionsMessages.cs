namespace Etl.Codecs.Kafka.Messages;

/// <summary>CreatePartitions, versions 0 to 3.</summary>
public sealed record CreatePartitionsRequest(IReadOnlyList<CreatePartitionsRequest.Topic> Topics, bool ValidateOnly)
{
    public const short FlexibleFrom = 2;

    /// <param name="Count">How many there shall be in all.</param>
    /// <param name="Assignments">Brokers of each new partition; null: the server chooses.</param>
    public sealed record Topic(string Name, int Count, IReadOnlyList<int[]>? Assignments);

    public static CreatePartitionsRequest Read(ref KafkaReader reader, short version)
    {
        var topics = new List<Topic>();
        for (int count = reader.Count(elementBytesMin: 6), i = 0; i < count && !reader.Failed; i++)
        {
            topics.Add(new(reader.String(), reader.Int32(), ReadAssignments(ref reader)));
            reader.EndStruct();
        }
        reader.Int32(); // timeout
        bool validateOnly = reader.Bool();
        reader.EndStruct();
        return new(topics, validateOnly);
    }

    private static List<int[]>? ReadAssignments(ref KafkaReader reader)
    {
        int count = reader.Count();
        if (count < 0) return null;
        var assignments = new List<int[]>();
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            assignments.Add(reader.Int32Array());
            reader.EndStruct();
        }
        return assignments;
    }
}

public sealed record CreatePartitionsResponse(IReadOnlyList<CreatePartitionsResponse.Topic> Results)
{
    public sealed record Topic(string Name, KafkaError ErrorCode, string? ErrorMessage);

    public int ThrottleTimeMs { get; init; }

    public void Write(KafkaWriter writer)
    {
        writer.Int32(ThrottleTimeMs);
        writer.Count(Results.Count);
        foreach (var topic in Results)
        {
            writer.String(topic.Name);
            writer.Error(topic.ErrorCode);
            writer.String(topic.ErrorMessage);
            writer.EndStruct();
        }
        writer.EndStruct();
    }
}
