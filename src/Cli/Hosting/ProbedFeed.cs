using System.Runtime.CompilerServices;
using Etl.Contracts.Workflow;
using Etl.Topics;

namespace Etl.Cli.Hosting;

/// <summary>Asks an open connection first whether the topic has grown since it was last drained: an idle topic costs two small requests, not a new consumer.</summary>
/// <param name="now">The store's clock, which frontiers go by.</param>
internal sealed class ProbedFeed(IFeed inner, LandStep step, TopicAdmin admin, Func<CancellationToken, Task<DateTimeOffset>> now, TimeProvider clock) : IFeed
{
    /// <summary>Drained in full at least this often: positions may have been set back meanwhile.</summary>
    private static readonly TimeSpan FullEvery = TimeSpan.FromMinutes(1);

    private string _drained = "";
    private long _drainedAt;

    public string Name => inner.Name;

    public async IAsyncEnumerable<FeedItem> RunAsync(long token, [EnumeratorCancellation] CancellationToken cancel)
    {
        var sampledAt = await now(cancel);
        string ends = await EndsAsync(cancel);
        if (ends == _drained && clock.GetElapsedTime(_drainedAt) < FullEvery)
        {
            yield return new FeedItem.Frontier(step.Dataset, sampledAt - step.Lateness);
            yield break;
        }
        bool halted = false;
        await foreach (var item in inner.RunAsync(token, cancel))
        {
            halted |= item is FeedItem.Halted;
            yield return item;
        }
        (_drained, _drainedAt) = (halted ? "" : ends, clock.GetTimestamp());
    }

    private async Task<string> EndsAsync(CancellationToken cancel)
    {
        var topic = await admin.DescribeAsync(step.Topic, cancel);
        var ends = await admin.OffsetsAsync(step.Topic, Enumerable.Range(0, topic.Partitions), OffsetAt.End, cancel);
        return $"{topic.Id} {string.Join(' ', ends.OrderBy(end => end.Partition).Select(end => end.Next))}";
    }
}
