using System.Runtime.CompilerServices;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Running;

namespace Etl.Scheduler.Service;

/// <summary>Keeps one feed going: takes its lease, drains it again and again, starts it anew with growing pauses when it fails, and records lag and trouble.</summary>
public sealed class FeedSupervisor(IFeed feed, WindowSense sense, WorkParts parts, Random random, TimeSpan every)
{
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2), PauseMax = TimeSpan.FromMinutes(1);

    /// <summary>A new frontier that closes no window is passed on this often: an idle feed asks the store for little.</summary>
    private static readonly TimeSpan QuietFor = TimeSpan.FromMinutes(10);

    /// <summary>How soon a feed that nobody holds any more is taken over.</summary>
    private static readonly TimeSpan TakeEvery = TimeSpan.FromSeconds(10);

    private long? _frontierAt; // time stamps, not the wall clock, which may jump
    private DateTimeOffset? _frontier;

    public Wake Wake { get; } = new(parts.Clock);

    public string Name => feed.Name;

    /// <summary>Set while somebody waits for all that is in the topic now: each new frontier is passed on.</summary>
    public bool IsAwaited { get; set; }

    /// <param name="onNews">Told after something landed, or a window closed.</param>
    /// <param name="onLanded">Told what a drain landed, where it landed something.</param>
    /// <param name="stop">Ends it; a batch that is half-way is landed by whoever comes next.</param>
    public async Task RunAsync(long token, Action onNews, Action<FeedTotals> onLanded, Action<string> say, CancellationToken stop)
    {
        bool isMine = false;
        var (runner, failures, reported) = (new FeedRunner(parts.Metadata, parts.Committer), 0, (long?)null);
        try
        {
            while (true)
            {
                try
                {
                    if (!isMine && !(isMine = await parts.Metadata.Feeds.TakeAsync(Name, token, Lease, stop)))
                    {
                        await Task.Delay(TakeEvery, parts.Clock, stop);
                        continue;
                    }
                    bool closed = false;
                    var totals = await runner.RunAsync(new Watched(feed, frontier => Passes(frontier, ref closed)), token, _ => onNews(), stop);
                    if (totals.Batches > 0) onLanded(totals);
                    if (closed || totals.Batches > 0) onNews();
                    var now = parts.Clock.GetUtcNow();
                    if (totals.Landed > 0 || failures > 0 || IsOver(reported, Lease / 3))
                    {
                        string? halt = totals.Halts.Count > 0 ? string.Join("; ", totals.Halts.Select(halted => $"{halted.Topic} partition {halted.Partition} is halted: {halted.Reason}")) : null;
                        isMine = await parts.Metadata.Feeds.ReportAsync(Name, token, new(FeedState.Running, totals.Landed, _frontier is { } at && now > at ? now - at : null, halt), Lease, stop);
                        (reported, failures) = (parts.Clock.GetTimestamp(), 0);
                    }
                    await Wake.SleepAsync(every, stop);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested) { return; }
                catch (Exception error) when (error is not OutOfMemoryException)
                {
                    failures++;
                    say($"{Name}: {error.Message}; starts again in {PauseAfter(failures).TotalSeconds:0} s at most");
                    isMine = await ReportAsync(token, error.Message, stop) && isMine;
                    await Task.Delay(PauseAfter(failures) * (0.5 + random.NextDouble() / 2), parts.Clock, stop);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
        finally
        {
            try { if (isMine) await parts.Metadata.Feeds.ReleaseAsync(Name, token, CancellationToken.None); }
            catch (Etl.Contracts.StoreException) { } // its lease ends by itself
        }
    }

    /// <summary>From 1 s, doubled with each failure up to <see cref="PauseMax"/>.</summary>
    public static TimeSpan PauseAfter(int failures) => TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(failures - 1, 10)), PauseMax.TotalSeconds));

    private async Task<bool> ReportAsync(long token, string error, CancellationToken stop)
    {
        try { return await parts.Metadata.Feeds.ReportAsync(Name, token, new(FeedState.BackingOff, 0, null, error), Lease + PauseMax, stop); }
        catch (Etl.Contracts.StoreException) { return true; } // the store may be the trouble: say it when it is back
    }

    private bool IsOver(long? since, TimeSpan time) => since is not { } at || parts.Clock.GetElapsedTime(at) >= time;

    private bool Passes(DateTimeOffset frontier, ref bool closed)
    {
        bool closes = _frontier is not { } before || sense.Closes(before, frontier);
        _frontier = frontier;
        if (!closes && !IsAwaited && !IsOver(_frontierAt, QuietFor)) return false;
        _frontierAt = parts.Clock.GetTimestamp();
        closed |= closes || IsAwaited;
        return true;
    }

    /// <summary>Lets batches through, and those frontiers that matter.</summary>
    private sealed class Watched(IFeed inner, FrontierFilter passes) : IFeed
    {
        public string Name => inner.Name;

        public async IAsyncEnumerable<FeedItem> RunAsync(long token, [EnumeratorCancellation] CancellationToken cancel)
        {
            bool batches = false;
            await foreach (var item in inner.RunAsync(token, cancel))
            {
                batches |= item is FeedItem.Batch;
                if (item is not FeedItem.Frontier frontier || passes(frontier.At) || batches) yield return item;
            }
        }
    }

    private delegate bool FrontierFilter(DateTimeOffset frontier);
}

/// <summary>Whether a frontier that moves closes a window of somebody's zone.</summary>
public sealed class WindowSense(Dag dag)
{
    public bool Closes(DateTimeOffset before, DateTimeOffset after) => after > before && dag.Calendar.HourOf(before).End <= after;
}
