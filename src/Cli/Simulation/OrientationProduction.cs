using System.Text;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Jobs.Trucks;
using Etl.Sources.Trucks;

namespace Etl.Cli.Simulation;

/// <summary>Sends devices' reports to their topic, from the first: reports that the topic holds already count once, by their identity.</summary>
internal static class OrientationProduction
{
    public static Task<ProductionReport> RunAsync(TopicAccess topics, OrientationSimulatorOptions options, double rate, TimeProvider clock, ProgressLine? progress, CancellationToken cancel) =>
        Production.RunAsync(topics, OrientationDag.Topic, new OrientationSimulator(options).Reports(), report => Encoding.UTF8.GetBytes(report.DeviceId), rate, clock, progress, cancel);
}
