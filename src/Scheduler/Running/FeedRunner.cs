using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Running;

/// <summary>Drives a feed: carries out what it yields, one after the other, and begins it anew when another writer was first.</summary>
public sealed class FeedRunner(IMetadata metadata, Committer committer)
{
    public const int RestartsMax = 5;

    /// <summary>Runs the feed until it ends by itself ("available now") or is cancelled.</summary>
    /// <exception cref="StoreException">It was refused more than <see cref="RestartsMax"/> times: another lander works on the same topic.</exception>
    public async Task<FeedTotals> RunAsync(IFeed feed, long token, Action<FeedTotals>? onProgress, CancellationToken cancel)
    {
        var totals = new FeedTotals();
        for (int restarts = 0; ; restarts++)
        {
            string? refused = await OnceAsync(feed, token, totals, onProgress, cancel);
            if (refused is null) return totals;
            if (restarts == RestartsMax)
                throw new StoreException($"{feed.Name}: refused {restarts + 1} times, last: {refused}. Another process lands this topic; stop it, or let it do the work", isTransient: true);
        }
    }

    private async Task<string?> OnceAsync(IFeed feed, long token, FeedTotals totals, Action<FeedTotals>? onProgress, CancellationToken cancel)
    {
        await foreach (var item in feed.RunAsync(token, cancel).WithCancellation(cancel))
        {
            switch (item)
            {
                case FeedItem.Batch batch:
                    if (await committer.CommitAsync(batch.Commit, cancel) is CommitOutcome.Refused refused) return refused.Reason;
                    CrashPoints.Reached(CrashPoint.LandCommitted);
                    totals.Add(batch);
                    onProgress?.Invoke(totals);
                    break;
                case FeedItem.Frontier frontier:
                    await metadata.Catalog.MoveFrontierAsync(frontier.Dataset, frontier.At, cancel);
                    break;
                case FeedItem.Halted halted:
                    await metadata.Catalog.HaltAsync(halted.Topic, halted.Partition, halted.Reason, cancel);
                    totals.Halts.Add(halted);
                    break;
            }
        }
        return null;
    }
}

/// <summary>What a feed has done since it was started.</summary>
public sealed class FeedTotals
{
    public long Read { get; private set; }

    public long Landed { get; private set; }

    public long Rejected { get; private set; }

    public int Batches { get; private set; }

    public List<FeedItem.Halted> Halts { get; } = [];

    internal void Add(FeedItem.Batch batch)
    {
        Read += batch.Read;
        Landed += batch.Landed;
        Rejected += batch.Rejected;
        Batches++;
    }
}
