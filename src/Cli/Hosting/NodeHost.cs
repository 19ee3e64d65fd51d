using System.Reflection;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Running;
using Etl.Scheduler.Service;
using Etl.Topics;

namespace Etl.Cli.Hosting;

/// <summary>Puts a node together from the parts of this process.</summary>
internal static class NodeHost
{
    /// <summary>Of this program, recorded with each run.</summary>
    public static string CodeVersion { get; } = typeof(NodeHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <param name="products">Whose DAGs it runs.</param>
    public static Node New(IReadOnlyList<Product> products, Engine engine, TopicAccess topics, TimeProvider clock, NodeOptions options)
    {
        var parts = new WorkParts(engine.Metadata, engine.Committer, engine.Jobs, engine.NewRunner(clock), engine.NewWorkerOptions(), clock);
        IReadOnlyList<(Dag, IFeed)> feeds = [.. products.SelectMany(product => topics.FeedsOf(product, engine, clock).Select(feed => (product.Dag, feed)))];
        return new([.. products.Select(product => product.Dag)], feeds, new RunCalls(engine.Metadata.Ledger), parts, options, new Random(Environment.ProcessId));
    }
}
