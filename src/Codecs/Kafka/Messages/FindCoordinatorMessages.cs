namespace Etl.Codecs.Kafka.Messages;

/// <summary>FindCoordinator, versions 0 to 6. Below 4 a request asks for one key.</summary>
/// <param name="KeyType">0 a group, 1 a transaction.</param>
public sealed record FindCoordinatorRequest(sbyte KeyType, IReadOnlyList<string> CoordinatorKeys)
{
    public const short FlexibleFrom = 3;

    public static FindCoordinatorRequest Read(ref KafkaReader reader, short version)
    {
        string? key = version <= 3 ? reader.String() : null;
        sbyte type = version >= 1 ? reader.Int8() : (sbyte)0;
        string[] keys = key is null ? reader.NullableStringArray() ?? [] : [key];
        reader.EndStruct();
        return new(type, keys);
    }
}

public sealed record FindCoordinatorResponse(IReadOnlyList<FindCoordinatorResponse.Coordinator> Coordinators)
{
    public sealed record Coordinator(string Key, int NodeId, string Host, int Port, KafkaError ErrorCode, string? ErrorMessage);

    public int ThrottleTimeMs { get; init; }

    public void Write(KafkaWriter writer, short version)
    {
        if (version >= 1) writer.Int32(ThrottleTimeMs);
        if (version <= 3) WriteOne(writer, Coordinators[0], version);
        else
        {
            writer.Count(Coordinators.Count);
            foreach (var coordinator in Coordinators)
            {
                writer.String(coordinator.Key);
                writer.Int32(coordinator.NodeId);
                writer.String(coordinator.Host);
                writer.Int32(coordinator.Port);
                writer.Error(coordinator.ErrorCode);
                writer.String(coordinator.ErrorMessage);
                writer.EndStruct();
            }
        }
        writer.EndStruct();
    }

    private static void WriteOne(KafkaWriter writer, Coordinator coordinator, short version)
    {
        writer.Error(coordinator.ErrorCode);
        if (version >= 1) writer.String(coordinator.ErrorMessage);
        writer.Int32(coordinator.NodeId);
        writer.String(coordinator.Host);
        writer.Int32(coordinator.Port);
    }
}
