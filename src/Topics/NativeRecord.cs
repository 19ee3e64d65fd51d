using System.Text;
using Etl.Topics.Native;

namespace Etl.Topics;

/// <summary>
/// One record where librdkafka keeps it: nothing is copied, nothing allocated. It is gone when the callback that was given it returns; what is
/// needed longer must be copied there.
/// </summary>
public readonly unsafe ref struct NativeRecord
{
    private readonly NativeMessage* message;

    internal NativeRecord(NativeMessage* message) => this.message = message;

    /// <summary>From 0.</summary>
    public int Partition => message->Partition;

    public long Offset => message->Offset;

    /// <summary>Empty where the record has no key.</summary>
    public ReadOnlySpan<byte> Key => new(message->Key, (int)message->KeyLength);

    public ReadOnlySpan<byte> Value => new(message->Value, (int)message->ValueLength);

    /// <summary>A record without a value: the key's deletion in a compacted topic.</summary>
    public bool IsTombstone => message->Value == null;

    /// <summary>Milliseconds since 1970, given by the producer or the broker as the topic has it; −1 when there is none.</summary>
    public long TimestampMillis
    {
        get
        {
            int type;
            return Librdkafka.rd_kafka_message_timestamp(message, &type);
        }
    }

    /// <summary>What proves later that the log still holds this very record: 32 hex digits over key, value and timestamp.</summary>
    public string Hash() => RecordHash.Of(Key, Value, TimestampMillis);

    internal int Error => message->Error;

    internal string ErrorText => Encoding.UTF8.GetString(Value);
}

/// <summary>Takes one record; it must not keep it.</summary>
public delegate void OnRecord(NativeRecord record);
