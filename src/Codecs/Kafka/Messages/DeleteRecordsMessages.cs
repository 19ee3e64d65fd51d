namespace Etl.Codecs.Kafka.Messages;

/// <summary>DeleteRecords, versions 0 to 2.</summary>
public sealed record DeleteRecordsRequest(IReadOnlyList<DeleteRecordsRequest.Topic> Topics)
{
    public const short FlexibleFrom = 2;

    public sealed record Topic(string Name, IReadOnlyList<Partition> Partitions);

    /// <param name="Offset">The first to stay; -1: delete all there are.</param>
    public sealed record Partition(int PartitionIndex, long Offset);

    public static DeleteRecordsRequest Read(ref KafkaReader reader, short version)
    {
        var topics = new List<Topic>();
        for (int count = reader.Count(elementBytesMin: 3), i = 0; i < count && !reader.Failed; i++)
        {
            string name = reader.String();
            var partitions = new List<Partition>();
            for (int inner = reader.Count(elementBytesMin: 12), j = 0; j < inner && !reader.Failed; j++)
            {
                partitions.Add(new(reader.Int32(), reader.Int64()));
                reader.EndStruct();
            }
            reader.EndStruct();
            topics.Add(new(name, partitions));
        }
        reader.Int32(); // timeout
        reader.EndStruct();
        return new(topics);
    }
}

public sealed record DeleteRecordsResponse(IReadOnlyList<DeleteRecordsResponse.Topic> Topics)
{
    public sealed record Topic(string Name, IReadOnlyList<Partition> Partitions);

    /// <param name="LowWatermark">The log's start; -1 with an error.</param>
    public sealed record Partition(int PartitionIndex, long LowWatermark, KafkaError ErrorCode);

    public int ThrottleTimeMs { get; init; }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Int32(ThrottleTimeMs);
        writer.Count(Topics.Count);
        foreach (var topic in Topics)
        {
            writer.String(topic.Name);
            writer.Count(topic.Partitions.Count);
            foreach (var partition in topic.Partitions)
            {
                writer.Int32(partition.PartitionIndex);
                writer.Int64(partition.LowWatermark);
                writer.Error(partition.ErrorCode);
                writer.EndStruct();
            }
            writer.EndStruct();
        }
        writer.EndStruct();
    }
}
