namespace Etl.Tests.Conformance.Topics;

/// <summary>Apache Kafka, or any broker that ETL_TEST_KAFKA names.</summary>
public sealed class ApacheKafkaTopics : TopicsConformance
{
    protected override string? NoTransactionsReason => null;

    protected override string? NoDeleteRecordsReason => null;

    protected override Task<string> StartBrokerAsync()
    {
        string? address = Environment.GetEnvironmentVariable("ETL_TEST_KAFKA");
        if (string.IsNullOrEmpty(address)) Assert.Skip("ETL_TEST_KAFKA is not set: expected host:port of a Kafka broker");
        return Task.FromResult(address!);
    }
}
