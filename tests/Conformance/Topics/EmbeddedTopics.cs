using Etl.Embedded.Broker;

namespace Etl.Tests.Conformance.Topics;

/// <summary>The embedded broker.</summary>
public sealed class EmbeddedTopics : TopicsConformance
{
    private readonly string folder = Directory.CreateTempSubdirectory("etl-topics-").FullName;
    private KafkaBroker? broker;

    protected override string? NoTransactionsReason => "the embedded broker has no transactions, and says so to clients";

    protected override string? NoDeleteRecordsReason => null;

    protected override async Task<string> StartBrokerAsync()
    {
        broker = await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = folder }, TimeProvider.System, Cancel);
        return broker.Endpoint;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (broker is not null) await broker.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
