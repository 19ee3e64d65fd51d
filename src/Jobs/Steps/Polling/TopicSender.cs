using Etl.Codecs.Avro.Wire;
using Etl.Topics;

namespace Etl.Jobs.Steps.Polling;

/// <summary>Sends polled records, one topic after the other, and returns when the broker has them all. Producers are kept: opening one costs more than a day's records.</summary>
public sealed class TopicSender(KafkaOptions kafka, TopicSchemas schemas) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1); // a producer has one user at a time
    private readonly Dictionary<string, TopicProducer> _producers = new(StringComparer.Ordinal);

    /// <exception cref="TopicException">A record was not acknowledged, or a server is away: nothing says which records are there; send all again.</exception>
    public async Task SendAsync(IReadOnlyList<PolledRecord> records, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            foreach (var topic in records.GroupBy(record => record.Topic)) await SendAsync(topic.Key, [.. topic], cancel);
        }
        finally { _turn.Release(); }
    }

    private async Task SendAsync(string topic, List<PolledRecord> records, CancellationToken cancel)
    {
        int schemaId = await schemas.RegisterAsync(topic, records[0].Schema, cancel);
        if (!_producers.TryGetValue(topic, out var producer))
            _producers.Add(topic, producer = await TopicProducer.OpenAsync(kafka, topic, new ProducerOptions { Linger = TimeSpan.FromMilliseconds(5) }, cancel));
        bool delivered = false;
        try
        {
            foreach (var record in records)
            {
                byte[] value = new byte[WireFormat.HeadBytes + record.Datum.Length];
                record.Datum.CopyTo(value, WireFormat.WriteHead(value, schemaId));
                producer.Send(record.Key, value);
            }
            (await producer.FlushAsync(cancel)).EnsureDelivered();
            delivered = true;
        }
        finally
        {
            if (!delivered && _producers.Remove(topic)) producer.Dispose(); // its counts hold the failure for good
        }
    }

    public void Dispose()
    {
        foreach (var producer in _producers.Values) producer.Dispose();
        _turn.Dispose();
    }
}
