using System.Collections.Concurrent;
using Etl.Metadata.Sqlite;

namespace Etl.Tests.Unit.Scheduler.Simulation;

/// <summary>Whatever happens, nothing is lost and nothing counts twice. One seed again: <c>ETL_SEED=1234 ./etl test --filter Whatever_happens</c>.</summary>
public sealed class SimulationTests
{
    private const int Seeds = 2_000, FaultsShown = 5;

    [Fact]
    public async Task Whatever_happens_the_results_are_those_of_a_plain_computation()
    {
        string root = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(); // no disk to wait for
        string folder = Directory.CreateDirectory(Path.Combine(root, $"etl-simulation-{Guid.NewGuid():N}")).FullName;
        try
        {
            string template = Path.Combine(folder, "template.db");
            await (await SqliteMetadata.OpenAsync(template, TimeProvider.System)).DisposeAsync();
            int[] seeds = Environment.GetEnvironmentVariable("ETL_SEED") is { } one ? [int.Parse(one)] : [.. Enumerable.Range(1, Seeds)];
            var faults = new ConcurrentQueue<string>();
            await Parallel.ForEachAsync(seeds, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, async (seed, _) =>
            {
                if (faults.Count >= FaultsShown) return;
                try
                {
                    foreach (string fault in await Simulation.RunAsync(seed, template)) faults.Enqueue($"seed {seed}: {fault}");
                }
                catch (Exception error) { faults.Enqueue($"seed {seed}: {error}"); }
            });
            faults.Take(FaultsShown).ShouldBeEmpty();
        }
        finally { Directory.Delete(folder, recursive: true); }
    }
}
