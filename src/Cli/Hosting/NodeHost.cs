using System.Reflection;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Running;
using Etl.Scheduler.Service;

namespace Etl.Cli.Hosting;

/// <summary>Puts a node together from the parts of this process.</summary>
internal static class NodeHost
{
    /// <summary>Of this program, recorded with each run.</summary>
    public static string CodeVersion { get; } = typeof(NodeHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public static Node New(Engine engine, TopicAccess topics, TimeProvider clock, NodeOptions options)
    {
        var parts = new WorkParts(engine.Metadata, engine.Committer, engine.Jobs, new StepRunner(new RetryPolicy(), clock, new Random(Environment.ProcessId)), new WorkerOptions(), clock);
        IReadOnlyList<(Dag, IFeed)> feeds = [.. Composition.Products.SelectMany(product => topics.FeedsOf(product, engine, clock).Select(feed => (product.Dag, feed)))];
        return new(Composition.Dags, feeds, new RunCalls(engine.Metadata.Ledger), parts, options, new Random(Environment.ProcessId));
    }
}
