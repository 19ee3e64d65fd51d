using Etl.Cli.Hosting;
using Etl.Cli.Settings;
using Etl.Contracts.Events;
using Etl.Contracts.Workflow;
using Etl.Jobs;
using Etl.Jobs.Trucks;
using Etl.Jobs.Weather;

namespace Etl.Cli;

/// <summary>The one parts list: which products the program knows. A new product is a folder in Jobs and a line here.</summary>
public static class Composition
{
    private static readonly WeatherNames Weather = SettingsReader.Names(".");

    private static readonly Product Main = new(new MainDag(Weather), [new(Weather.HourlyTopic, HourlyMetrics.Schema), new(Weather.DailyTopic, DailyMetrics.Schema)]);

    public static IReadOnlyList<Product> Products { get; } =
    [
        new(new TrucksDag(), [new(TrucksDag.Topic, TruckTelemetry.Schema)]),
        new(new OrientationDag(), [new(OrientationDag.Topic, DeviceOrientation.Schema)]),
        Main,
        new(new HistoricMainDag(Main.Dag), []),
    ];

    public static IReadOnlyList<Dag> Dags { get; } = [.. Products.Select(product => product.Dag)];

    /// <summary>The product, and those that land what its polls fetch, in the order in which they run.</summary>
    public static IReadOnlyList<Product> WithFed(Product product) =>
        [product, .. Products.Where(other => other != product && product.Dag.Steps.OfType<PollStep>().Any(poll => poll.Into.Any(land => land.Dag == other.Dag)))];
}

/// <summary>A DAG, where its SQL lies, and the topics it lands with the schema each dataset is kept in.</summary>
public sealed class Product(IDagSource source, IReadOnlyList<DeclaredTopic> topics)
{
    public Dag Dag { get; } = source.Define();

    public IReadOnlyList<DeclaredTopic> Topics { get; } = topics;

    public string Sql(string name) => SqlFile.Read(source.GetType(), name);
}

/// <param name="Schema">Text of the newest Avro schema the program knows: the dataset's columns.</param>
public sealed record DeclaredTopic(string Name, string Schema)
{
    public string Subject => $"{Name}-value";
}
