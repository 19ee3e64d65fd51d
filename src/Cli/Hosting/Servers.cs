using Etl.Cli.Settings;
using Etl.Contracts;
using Etl.Embedded.Broker;
using Etl.Embedded.Registry;

namespace Etl.Cli.Hosting;

/// <summary>Where topics and schemas are for this call: configured servers, those of the process that owns the folder, or embedded ones started for the call.</summary>
public sealed class Servers : IAsyncDisposable
{
    private readonly KafkaBroker? _broker;
    private readonly SchemaRegistry? _registry;

    private Servers(string kafka, Uri registry, KafkaBroker? ownBroker, SchemaRegistry? ownRegistry) => (Kafka, Registry, _broker, _registry) = (kafka, registry, ownBroker, ownRegistry);

    /// <summary><c>host:port[,…]</c>.</summary>
    public string Kafka { get; }

    public Uri Registry { get; }

    /// <summary>Ends with one sentence when the disk of the embedded broker takes no more; null where the broker is another process.</summary>
    public Task<string>? StorageFault => _broker?.StorageFault;

    public bool IsEmbeddedKafka => _broker is not null;

    public static async Task<Servers> OpenAsync(EtlSettings settings, DataFolder folder, TimeProvider clock, CancellationToken cancel)
    {
        string kafka = settings.Kafka.BootstrapServers, registry = settings.Registry.Url;
        if (kafka.Length > 0 && registry.Length > 0) return new(kafka, new Uri(registry), null, null);
        if (!folder.IsOwner)
        {
            var other = folder.Serving() ?? throw new ConflictException($"the data folder {folder.Path} is held by another process that serves nothing yet; try again in a moment, or choose another with --data DIR");
            return new(kafka.Length > 0 ? kafka : other.Kafka, new Uri(registry.Length > 0 ? registry : other.Registry), null, null);
        }

        KafkaBroker? broker = null;
        SchemaRegistry? schemas = null;
        try
        {
            if (kafka.Length == 0)
            {
                broker = await KafkaBroker.StartAsync(new BrokerOptions { DataFolder = folder.In("broker"), Port = settings.Kafka.EmbeddedPort }, clock, cancel);
                kafka = broker.Endpoint;
            }
            if (registry.Length == 0)
            {
                schemas = await SchemaRegistry.StartAsync(new RegistryOptions { Folder = folder.In("registry"), Port = settings.Registry.EmbeddedPort }, clock, cancel);
                registry = schemas.Endpoint.ToString();
            }
        }
        catch (Exception error)
        {
            if (broker is not null) await broker.DisposeAsync();
            if (error is BrokerException refused) throw Explain("embedded broker", "Etl__Kafka__EmbeddedPort", refused);
            if (error is IOException or InvalidDataException) throw Explain("embedded registry", "Etl__Registry__EmbeddedPort", error);
            throw;
        }
        folder.Announce(new(Environment.ProcessId, kafka, registry));
        return new(kafka, new Uri(registry), broker, schemas);
    }

    /// <summary>Not transient, whatever the server thinks: it is mended in the settings or on the machine, before anything has begun.</summary>
    private static StoreException Explain(string server, string port, Exception error) =>
        new($"{server}: {error.Message}{(error.Message.Contains("port", StringComparison.Ordinal) ? $" The setting is {port}" : "")}", isTransient: false, error);

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null) await _registry.DisposeAsync();
        if (_broker is not null) await _broker.DisposeAsync();
    }
}
