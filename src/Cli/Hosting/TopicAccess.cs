using System.Security.Cryptography;
using System.Text;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps;
using Etl.Topics;
using Etl.Topics.Registry;

namespace Etl.Cli.Hosting;

/// <summary>Topics and their schemas, as this call reaches them.</summary>
public sealed class TopicAccess : IAsyncDisposable
{
    private readonly EtlSettings _settings;
    private readonly Lazy<TopicAdmin> _admin;

    public TopicAccess(Servers servers, EtlSettings settings, DataFolder folder)
    {
        _settings = settings;
        Servers = servers;
        Kafka = new KafkaOptions { BootstrapServers = servers.Kafka, RequestTimeout = TimeSpan.FromSeconds(settings.Kafka.RequestSeconds), Settings = settings.Kafka.ClientSettings };
        // The embedded registry's ids belong to the data folder, whatever its port; another registry's to its address.
        string owner = settings.Registry.Url.Length == 0 ? "embedded" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(settings.Registry.Url)))[..16];
        Directory = new(new SchemaDirectoryOptions { Endpoint = servers.Registry, CacheFolder = folder.In(Path.Combine("schemas", owner)), RequestTimeout = Kafka.RequestTimeout, BasicAuthentication = settings.Registry.Login });
        Schemas = new(Directory);
        _admin = new(() => new(Kafka));
    }

    public Servers Servers { get; }

    public KafkaOptions Kafka { get; }

    public SchemaDirectory Directory { get; }

    public TopicSchemas Schemas { get; }

    /// <summary>The feeds of a DAG, one for each topic it lands.</summary>
    public IReadOnlyList<IFeed> FeedsOf(Product product, Engine engine, TimeProvider clock) =>
    [
        .. product.Dag.Steps.OfType<LandStep>().Select(step => new Land(
            step, product.Topics.First(topic => topic.Name == step.Topic).Schema, engine.Lake, engine.Metadata.Catalog, Kafka, _admin.Value, Schemas, _settings.Land.Options, clock)),
    ];

    /// <summary>Makes the topics that a product declares, where they are not there, and registers their schemas.</summary>
    public async Task DeclareAsync(Product product, CancellationToken cancel)
    {
        var admin = _admin.Value;
        foreach (var topic in product.Topics)
        {
            if (await admin.FindAsync(topic.Name, cancel) is null) await admin.EnsureAsync(new(topic.Name, _settings.Kafka.Partitions, (short)_settings.Kafka.Replication), cancel);
            await Schemas.RegisterAsync(topic.Name, topic.Schema, cancel);
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Dispose();
        if (_admin.IsValueCreated) _admin.Value.Dispose();
        return ValueTask.CompletedTask;
    }
}
