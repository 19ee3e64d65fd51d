using Etl.Cli.Dags;
using Etl.Cli.Settings;
using Etl.Contracts.Events;
using Etl.Contracts.Workflow;
using Etl.Jobs;
using Etl.Jobs.Trucks;
using Etl.Jobs.Weather;

namespace Etl.Cli;

/// <summary>The one parts list: which products the program knows. A new product is a folder in Jobs and a line here. One whose DAG is wrong is refused, and the others run.</summary>
public static class Composition
{
    private static readonly WeatherNames Weather = SettingsReader.Names(".");

    private static readonly ProductCatalog Catalog = ProductCatalog.Of(
    [
        new("trucks", _ => new TrucksDag(), [new(TrucksDag.Topic, TruckTelemetry.Schema)]),
        new("orientation", _ => new OrientationDag(), [new(OrientationDag.Topic, DeviceOrientation.Schema)]),
        new("main", _ => new MainDag(Weather), [new(Weather.HourlyTopic, HourlyMetrics.Schema), new(Weather.DailyTopic, DailyMetrics.Schema)]),
        new("historic_main", dags => new HistoricMainDag(dags("main")), []),
    ]);

    public static IReadOnlyList<Product> Products => Catalog.Products;

    /// <summary>Those whose DAG could not be defined.</summary>
    public static IReadOnlyList<RefusedDag> Refused => Catalog.Refused;

    public static IReadOnlyList<Dag> Dags { get; } = [.. Products.Select(product => product.Dag)];

    /// <summary>The product, and those that land what its polls fetch, in the order in which they run.</summary>
    public static IReadOnlyList<Product> WithFed(Product product) =>
        [product, .. Products.Where(other => other != product && product.Feeds(other))];
}

/// <summary>A DAG, where its SQL lies, and the topics it lands with the schema each dataset is kept in.</summary>
/// <param name="sql">Reads a file of SQL by its name; null: from beside the DAG's class.</param>
public sealed class Product(IDagSource source, IReadOnlyList<DeclaredTopic> topics, Func<string, string>? sql = null)
{
    public Dag Dag { get; } = source.Define();

    public IReadOnlyList<DeclaredTopic> Topics { get; } = topics;

    public Type Source => source.GetType();

    public string Sql(string name) => sql is null ? SqlFile.Read(Source, name) : sql(name);

    /// <summary>Whether its polls fill topics that the other lands.</summary>
    public bool Feeds(Product other) => Dag.Steps.OfType<PollStep>().Any(poll => poll.Into.Any(land => land.Dag == other.Dag));
}

/// <param name="Schema">Text of the newest Avro schema the program knows: the dataset's columns.</param>
public sealed record DeclaredTopic(string Name, string Schema)
{
    public string Subject => $"{Name}-value";
}
