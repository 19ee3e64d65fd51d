using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Codecs.Avro;
using Etl.Sources;
using Etl.Topics;

namespace Etl.Cli.Simulation;

/// <summary>Sends records to a topic at a rate, and returns when the broker has all of them.</summary>
internal static class Production
{
    private const int PacedAtOnce = 100; // below the pacer's own grain at any rate worth pacing
    private const int FreeAtOnce = 4_096;

    public static async Task<ProductionReport> RunAsync<TRecord>(
        TopicAccess topics, string topic, IEnumerable<TRecord> records, Func<TRecord, byte[]> keyOf, double rate, TimeProvider clock, ProgressLine? progress, CancellationToken cancel)
        where TRecord : IAvroRecord
    {
        int schemaId = await topics.Schemas.RegisterAsync<TRecord>(topic, cancel);
        using var producer = await TopicProducer.OpenAsync(topics.Kafka, topic, new ProducerOptions(), cancel);
        var pacer = new RatePacer(rate, clock);
        int atOnce = double.IsInfinity(rate) ? FreeAtOnce : (int)Math.Clamp(rate / PacedAtOnce, 1, FreeAtOnce), made = 0;
        long started = clock.GetTimestamp();
        foreach (var record in records)
        {
            producer.Send(keyOf(record), schemaId, record);
            if (++made < atOnce) continue;
            await pacer.WaitAsync(made, cancel);
            made = 0;
            cancel.ThrowIfCancellationRequested();
            progress?.Report($"{producer.Sent:N0} events, {pacer.AchievedPerSecond:N0} per second{(double.IsInfinity(rate) ? "" : $" of {rate:N0}")}");
        }
        (await producer.FlushAsync(cancel)).EnsureDelivered();
        double seconds = clock.GetElapsedTime(started).TotalSeconds;
        return new(topic, producer.Sent, Math.Round(seconds, 3), double.IsInfinity(rate) ? null : rate, Math.Round(producer.Sent / Math.Max(seconds, 1e-6)));
    }
}
