using Etl.Embedded.Broker;

namespace Etl.Tests.Conformance.Broker;

public sealed class EmbeddedBrokerConformance : BrokerConformance
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-broker-").FullName;
    private KafkaBroker? _broker;

    protected override async Task<string> StartAsync()
    {
        _broker = await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = _folder }, TimeProvider.System, CancellationToken.None);
        return _broker.Endpoint;
    }

    protected override async Task StopAsync()
    {
        await _broker!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
