namespace Etl.Tests.Conformance.Broker;

public sealed class ApacheKafkaConformance : BrokerConformance
{
    protected override Task<string> StartAsync()
    {
        string? servers = Environment.GetEnvironmentVariable("ETL_TEST_KAFKA");
        Assert.SkipWhen(string.IsNullOrEmpty(servers), "ETL_TEST_KAFKA names no Apache Kafka");
        return Task.FromResult(servers!);
    }

    protected override Task StopAsync() => Task.CompletedTask;
}
