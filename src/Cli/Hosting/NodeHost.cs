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
    /// <param name="admin">Asked whether topics have grown; the caller's, for as long as the node runs.</param>
    public static Node New(IReadOnlyList<Product> products, Engine engine, TopicAccess topics, TopicAdmin admin, TimeProvider clock, NodeOptions options)
    {
        var parts = new WorkParts(engine.Metadata, engine.Committer, engine.Jobs, engine.NewRunner(clock), new WorkerOptions(), clock);
        IReadOnlyList<(Dag, IFeed)> feeds = 
        [
            .. products.SelectMany(product => topics.FeedsOf(product, engine, clock).Select(feed => (product.Dag, (IFeed)new ProbedFeed(
                feed, product.Dag.Steps.OfType<LandStep>().First(land => land.FullName == feed.Name), admin, engine.Metadata.NowAsync, clock)))),
        ];
        return new([.. products.Select(product => product.Dag)], feeds, new RunCalls(engine.Metadata.Ledger), parts, options, new Random(Environment.ProcessId));
    }
}
