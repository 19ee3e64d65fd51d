using System.Text;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Contracts.Events;
using Etl.Jobs.Trucks;
using Etl.Sources.Trucks;

namespace Etl.Cli.Simulation;

/// <summary>Sends a fleet's reports to its topic, going on after what the topic holds.</summary>
internal static class TruckProduction
{
    public static async Task<ProductionReport> RunAsync(TopicAccess topics, TruckSimulatorOptions options, double rate, TimeProvider clock, ProgressLine? progress, CancellationToken cancel)
    {
        var last = await LastReports.FindAsync(topics, options, cancel);
        var simulator = new TruckSimulator(options, last);
        var keys = new Dictionary<string, byte[]>(options.Trucks);
        return await Production.RunAsync(topics, TrucksDag.Topic, simulator.Reports(), KeyOf, rate, clock, progress, cancel);

        byte[] KeyOf(TruckTelemetry report) => keys.TryGetValue(report.TruckId, out var key) ? key : keys[report.TruckId] = Encoding.UTF8.GetBytes(report.TruckId);
    }
}
