using Etl.Codecs.Avro;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Jobs.Steps.Polling;

/// <summary>What a poll fetches from: gives whole local days, for the arguments that a slot's key names.</summary>
public interface IPolledSource
{
    /// <summary>Days that one call may ask for, 1 or more.</summary>
    int DaysPerCall { get; }

    /// <param name="key">The slot's key: whatever the source's DAG wrote into it.</param>
    /// <param name="days">Rising, each beginning where the one before it ends.</param>
    /// <param name="lane">On whose account the source's budget goes.</param>
    /// <returns>One for each day, in their order; a day without records is one too.</returns>
    /// <exception cref="Etl.Contracts.StoreException">The source is away, or asks for patience (transient).</exception>
    /// <exception cref="WorkException">It refused, or its answer is not as agreed.</exception>
    Task<IReadOnlyList<IReadOnlyList<PolledRecord>>> FetchAsync(string key, IReadOnlyList<Window> days, Lane lane, CancellationToken cancel);
}

/// <summary>A record on its way to a topic.</summary>
/// <param name="Schema">Text of the Avro schema that <paramref name="Datum"/> is written in; one a topic.</param>
/// <param name="Datum">Avro bytes without the wire format's head.</param>
public sealed record PolledRecord(string Topic, string Schema, byte[] Key, byte[] Datum)
{
    public static PolledRecord Of<TRecord>(string topic, byte[] key, TRecord record) where TRecord : IAvroRecord
    {
        byte[] room = new byte[record.EncodedBytesMax];
        return new(topic, TRecord.SubjectSchema.Text, key, room[..record.Encode(room)]);
    }
}
