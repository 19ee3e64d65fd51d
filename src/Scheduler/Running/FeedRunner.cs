using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Running;

/// <summary>Drives a feed: carries out what it yields, one after the other, and begins it anew when another writer was first.</summary>
public sealed class FeedRunner(IMetadata metadata, Committer committer)
{
    public const int RestartsMax = 5;

    private const int RangesTold = 8;

    /// <summary>Runs the feed until it ends by itself ("available now") or is cancelled.</summary>
    /// <param name="log">Told what landed, and what was refused.</param>
    /// <exception cref="StoreException">It was refused more than <see cref="RestartsMax"/> times: another lander works on the same topic.</exception>
    public async Task<FeedTotals> RunAsync(IFeed feed, long token, Action<FeedTotals>? onProgress, AttemptLog log, CancellationToken cancel)
    {
        var totals = new FeedTotals();
        for (int restarts = 0; ; restarts++)
        {
            string? refused = await OnceAsync(feed, token, totals, onProgress, log, cancel);
            if (refused is null) return totals;
            if (restarts == RestartsMax)
                throw new StoreException($"{feed.Name}: refused {restarts + 1} times, last: {refused}. Another process lands this topic; stop it, or let it do the work", isTransient: true);
            log.Warning($"refused: {refused}; begins anew from what the store has");
        }
    }

    private async Task<string?> OnceAsync(IFeed feed, long token, FeedTotals totals, Action<FeedTotals>? onProgress, AttemptLog log, CancellationToken cancel)
    {
        await foreach (var item in feed.RunAsync(token, AllPartitions.Share, cancel).WithCancellation(cancel))
        {
            switch (item)
            {
                case FeedItem.Batch batch:
                    var outcome = await committer.CommitAsync(batch.Commit, cancel);
                    if (outcome is CommitOutcome.Refused refused) return refused.Reason;
                    CrashPoints.Reached(CrashPoint.LandCommitted);
                    totals.Add(batch);
                    Tell(log, batch, (CommitOutcome.Committed)outcome);
                    onProgress?.Invoke(totals);
                    break;
                case FeedItem.Frontier frontier:
                    var at = frontier.Of is { } of ? await metadata.Feeds.LandedAsync(feed.Name, of.Numbers, of.Total, frontier.At, cancel) : frontier.At;
                    if (at is { } all) await metadata.Catalog.MoveFrontierAsync(frontier.Dataset, all, cancel);
                    break;
                case FeedItem.Halted halted:
                    await metadata.Catalog.HaltAsync(halted.Topic, halted.Partition, halted.Reason, cancel);
                    totals.Halts.Add(halted);
                    break;
            }
        }
        return null;
    }

    private static void Tell(AttemptLog log, FeedItem.Batch batch, CommitOutcome.Committed commit)
    {
        var ranges = batch.Commit.Progress.Select(move => move.Range).OrderBy(range => range.Topic, StringComparer.Ordinal).ThenBy(range => range.Partition).ToList();
        string where = string.Join(", ", ranges.Take(RangesTold).Select(range => $"{range.Partition}: {range.From} to {range.To}"));
        string text = $"{batch.Landed:N0} landed in commit {commit.Number}{(ranges.Count > 0 ? $", offsets by partition {where}{(ranges.Count > RangesTold ? $" and {ranges.Count - RangesTold:N0} more" : "")}" : "")}";
        if (batch.Rejected == 0) log.Info(text);
        else log.Warning($"{text}; {batch.Rejected:N0} rejected, `etl rejects list` tells why");
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
