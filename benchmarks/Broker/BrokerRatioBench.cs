namespace Etl.Benchmarks.Broker;

/// <summary>The embedded broker against Apache Kafka, both driven by librdkafka in one run.</summary>
public sealed class BrokerRatioBench : IBench
{
    private const int RecordCount = 5_000_000;
    private const int RoundsMax = 3;
    private const string Variable = "ETL_TEST_KAFKA";

    public string Name => "broker";

    public string Description => "librdkafka produces to and consumes from the embedded broker and Apache Kafka in turns; the lesser of the two ratios counts";

    public string Unit => "× Kafka";

    public Bar Bar => Bar.Least(1.0);

    public async Task<BenchFigure> RunAsync(BenchSettings settings, CancellationToken cancel)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } address)
            throw new BenchUnavailableException($"{Variable} is not set: expected host:port of a Kafka broker");
        int rounds = Math.Min(settings.Turns, RoundsMax);
        var figures = await BrokerBench.RunAsync(address, settings.Scaled(RecordCount), rounds, cancel);
        double produce = figures.ProduceRatio!.Value, consume = figures.ConsumeRatio!.Value;
        return new(Math.Min(produce, consume))
        {
            Measures =
            [
                new("produce", produce, "× Kafka", Bar.Least(1.0)), new("consume", consume, "× Kafka", Bar.Least(1.0)),
                new("embedded produce", figures.Embedded.Produced / 1e6, "M records/s"), new("embedded consume", figures.Embedded.Consumed / 1e6, "M records/s"),
                new("Kafka produce", figures.Kafka!.Produced / 1e6, "M records/s"), new("Kafka consume", figures.Kafka.Consumed / 1e6, "M records/s"),
            ],
            Settings = new Dictionary<string, object> { ["how"] = figures.Settings },
        };
    }
}
