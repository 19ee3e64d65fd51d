using System.Globalization;
using System.Runtime.CompilerServices;
using Etl.Cli;
using Etl.Cli.Hosting;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Running;
using Etl.Scheduler.Service;

namespace Etl.Benchmarks.TwoProcesses;

/// <summary>What <c>etl up --roles worker,feeds</c> is, for two DAGs: the same engine, node, feeds and settings (<c>Etl__…</c>). One DAG warms it up, the other is landed from when it is told to begin.</summary>
internal static class LandAndBuildWorker
{
    public const string Verb = "land-and-build-worker";

    public static async Task<int> RunAsync(string topic, string worker)
    {
        using var stop = new CancellationTokenSource();
        var (settings, clock, begun) = (SettingsReader.Read(Environment.CurrentDirectory, null), TimeProvider.System, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var folder = DataFolder.Open(settings.Data);
        await using var servers = await Servers.OpenAsync(settings, folder, clock, stop.Token);
        await using var engine = await Engine.OpenAsync(settings, folder, clock, stop.Token);
        await using var topics = new TopicAccess(servers, settings, folder);
        IReadOnlyList<Product> products = [LandAndBuildDag.WarmUpOf(topic, int.Parse(worker, CultureInfo.InvariantCulture)), LandAndBuildDag.ProductOf(topic)];
        var parts = new WorkParts(engine.Metadata, engine.Committer, new JobCatalog(products, engine.Lake, engine.Metadata.Publishes, []), engine.NewRunner(clock), engine.NewWorkerOptions(), clock);
        IReadOnlyList<(Dag, IFeed)> feeds = [.. products.SelectMany(product => topics.FeedsOf(product, engine, clock).Select(feed => (product.Dag, product == products[^1] ? new Gate(feed, begun.Task) : feed)))];
        var node = new Node([.. products.Select(product => product.Dag)], feeds, new RunCalls(engine.Metadata.Ledger), parts, new() { Roles = Roles.Worker | Roles.Feeds, FeedEvery = TimeSpan.FromMilliseconds(100) }, new Random(Environment.ProcessId));
        node.Said += Console.Error.WriteLine;
        var working = node.RunAsync(stop.Token);
        while (await Console.In.ReadLineAsync(stop.Token) is not null) begun.TrySetResult(); // until the bench closes it, or is gone
        begun.TrySetCanceled(CancellationToken.None);
        await stop.CancelAsync();
        await working;
        return 0;
    }

    /// <summary>A topic in which nothing is to be seen before the beginning.</summary>
    private sealed class Gate(IFeed inner, Task open) : IFeed
    {
        public string Name => inner.Name;

        public async IAsyncEnumerable<FeedItem> RunAsync(long token, IPartitionShare share, [EnumeratorCancellation] CancellationToken cancel)
        {
            await open.WaitAsync(cancel);
            await foreach (var item in inner.RunAsync(token, share, cancel)) yield return item;
        }
    }
}
