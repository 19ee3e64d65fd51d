namespace Etl.Codecs.Kafka.Messages;

/// <summary>DescribeCluster, versions 0 to 2.</summary>
/// <param name="EndpointType">1 brokers, 2 controllers.</param>
public sealed record DescribeClusterRequest(sbyte EndpointType)
{
    public const short FlexibleFrom = 0;

    public static DescribeClusterRequest Read(ref KafkaReader reader, short version)
    {
        reader.Bool(); // authorized operations
        sbyte type = version >= 1 ? reader.Int8() : (sbyte)1;
        if (version >= 2) reader.Bool(); // fenced brokers too
        reader.EndStruct();
        return new(type);
    }
}

public sealed record DescribeClusterResponse(
    KafkaError ErrorCode, string? ErrorMessage, sbyte EndpointType, string ClusterId, int ControllerId, IReadOnlyList<DescribeClusterResponse.Broker> Brokers)
{
    public sealed record Broker(int BrokerId, string Host, int Port, string? Rack, bool IsFenced);

    public int ThrottleTimeMs { get; init; }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Int32(ThrottleTimeMs);
        writer.Error(ErrorCode);
        writer.String(ErrorMessage);
        if (version >= 1) writer.Int8(EndpointType);
        writer.String(ClusterId);
        writer.Int32(ControllerId);
        writer.Count(Brokers.Count);
        foreach (var broker in Brokers)
        {
            writer.Int32(broker.BrokerId);
            writer.String(broker.Host);
            writer.Int32(broker.Port);
            writer.String(broker.Rack);
            if (version >= 2) writer.Bool(broker.IsFenced);
            writer.EndStruct();
        }
        writer.Int32(MetadataResponse.NotAsked);
        writer.EndStruct();
    }
}
