namespace Etl.Codecs.Kafka.Messages;

/// <summary>InitProducerId, versions 0 to 5.</summary>
/// <param name="TransactionalId">Null: idempotent only.</param>
/// <param name="ProducerId">-1: a new one.</param>
public sealed record InitProducerIdRequest(string? TransactionalId, int TransactionTimeoutMs, long ProducerId, short ProducerEpoch)
{
    public const short FlexibleFrom = 2;

    public static InitProducerIdRequest Read(ref KafkaReader reader, short version)
    {
        var request = new InitProducerIdRequest(reader.NullableString(), reader.Int32(), version >= 3 ? reader.Int64() : -1, version >= 3 ? reader.Int16() : (short)-1);
        reader.EndStruct();
        return request;
    }
}

public sealed record InitProducerIdResponse(KafkaError ErrorCode, long ProducerId, short ProducerEpoch)
{
    public int ThrottleTimeMs { get; init; }

    public void Write(KafkaWriter writer, short version)
    {
        writer.Int32(ThrottleTimeMs);
        writer.Error(ErrorCode);
        writer.Int64(ProducerId);
        writer.Int16(ProducerEpoch);
        writer.EndStruct();
    }
}
