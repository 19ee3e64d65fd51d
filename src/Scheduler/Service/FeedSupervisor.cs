using System.Runtime.CompilerServices;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Running;

namespace Etl.Scheduler.Service;

/// <summary>Keeps one feed going: joins those who land it, drains its share again and again, starts it anew with growing pauses when it fails, and records lag and trouble.</summary>
public sealed class FeedSupervisor(IFeed feed, WindowSense sense, WorkParts parts, Random random, TimeSpan every)
{
    public static readonly TimeSpan LeaseMax = TimeSpan.FromMinutes(2), PauseMax = TimeSpan.FromMinutes(1);

    /// <summary>While another process is to give partitions up; after <see cref="ShortMax"/> as seldom as where nobody holds the feed.</summary>
    private static readonly TimeSpan ShortEvery = TimeSpan.FromMilliseconds(250), ShortMax = TimeSpan.FromSeconds(10);

    /// <summary>A new frontier that closes no window is passed on this often: an idle feed asks the store for little.</summary>
    private static readonly TimeSpan QuietFor = TimeSpan.FromMinutes(10);

    /// <summary>How soon a feed that nobody holds any more is taken over.</summary>
    private static readonly TimeSpan TakeEvery = TimeSpan.FromSeconds(10);

    private long? _frontierAt; // time stamps, not the wall clock, which may jump
    private DateTimeOffset? _frontier;
    private string _frontierOf = "";
    private FeedShare? _share;
    private long? _shortSince, _doubted;
    private int _landers = 1;
    private FeedAttempt? _attempt; // while it is its own
    private string _halted = "";

    /// <summary>A killed process's partitions are another's after it.</summary>
    private TimeSpan Lease { get; } = parts.Options.Lease < LeaseMax ? parts.Options.Lease : LeaseMax;

    public Wake Wake { get; } = new(parts.Clock);

    public string Name => feed.Name;

    /// <summary>Whether other processes land a part of the topic.</summary>
    public bool IsPart => _share?.IsPart == true;

    /// <summary>Set while somebody waits for all that is in the topic now: each new frontier is passed on.</summary>
    public bool IsAwaited { get; set; }

    /// <param name="onNews">Told after something landed, or a window closed.</param>
    /// <param name="onLanded">Told what a drain landed, where it landed something.</param>
    /// <param name="stop">Ends it; a batch that is half-way is landed by whoever comes next.</param>
    public async Task RunAsync(long token, Action onNews, Action<FeedTotals> onLanded, Action<string> say, CancellationToken stop)
    {
        var (runner, failures, reported) = (new FeedRunner(parts.Metadata, parts.Committer), 0, (long?)null);
        try
        {
            while (true)
            {
                try
                {
                    if (_share is null)
                    {
                        if (!await parts.Metadata.Feeds.TakeAsync(Name, token, Lease, stop))
                        {
                            await Task.Delay(TakeEvery, parts.Clock, stop);
                            continue;
                        }
                        _share = new(parts.Metadata.Feeds, Name, token, Lease, parts.Clock);
                    }
                    var share = _share;
                    bool closed = false;
                    var log = (_attempt ??= parts.Live.Of(Name, token)).Log;
                    var totals = await runner.RunAsync(new Watched(feed, share, frontier => Passes(frontier, ref closed)), token, _ => onNews(), log, stop);
                    string halts = string.Join("; ", totals.Halts);
                    if (halts != _halted) log.Warning(halts.Length > 0 ? halts : "no partition is halted any more");
                    _halted = halts;
                    if (totals.Batches > 0) onLanded(totals);
                    if (closed || totals.Batches > 0) onNews();
                    var now = parts.Clock.GetUtcNow();
                    bool isMine = !share.IsLost;
                    if (isMine && (totals.Landed > 0 || failures > 0 || IsOver(reported, Lease / 2)))
                    {
                        int landers = await parts.Metadata.Feeds.ReportAsync(Name, token, new(FeedState.Running, totals.Landed, _frontier is { } at && now > at ? now - at : null, halts.Length > 0 ? halts : null), Lease, stop);
                        (reported, failures) = (parts.Clock.GetTimestamp(), 0);
                        isMine = landers > 0;
                        if (landers != _landers || IsOver(_doubted, QuietFor))
                        {
                            share.Doubt(); // others have come or gone
                            (_landers, _doubted) = (landers, parts.Clock.GetTimestamp());
                        }
                    }
                    if (!isMine)
                    {
                        _share = null;
                        EndAttempt("it is paused, or its lease is over: nothing more is landed here until it is taken again");
                    }
                    else if (share.IsOver) continue; // the rest of what was read for is another's, or more is this one's now
                    await Wake.SleepAsync(NextLook(share), stop);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested) { return; }
                catch (Exception error) when (error is not OutOfMemoryException)
                {
                    failures++;
                    string again = $"starts again in {PauseAfter(failures).TotalSeconds:0} s at most";
                    say($"{Name}: {error.Message}; {again}");
                    (_attempt ??= parts.Live.Of(Name, token)).Log.Error(error is Etl.Contracts.StoreException ? error.Message : error.ToString());
                    EndAttempt(again);
                    if (!await ReportAsync(token, error.Message, stop)) _share = null;
                    await Task.Delay(PauseAfter(failures) * (0.5 + random.NextDouble() / 2), parts.Clock, stop);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
        finally
        {
            _attempt?.End();
            try { if (_share is not null) await parts.Metadata.Feeds.ReleaseAsync(Name, token, CancellationToken.None); }
            catch (Etl.Contracts.StoreException) { } // its lease ends by itself
        }
    }

    /// <summary>From 1 s, doubled with each failure up to <see cref="PauseMax"/>.</summary>
    public static TimeSpan PauseAfter(int failures) => TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(failures - 1, 10)), PauseMax.TotalSeconds));

    private void EndAttempt(string why)
    {
        _attempt?.Log.Warning(why);
        _attempt?.End();
        _attempt = null;
    }

    private TimeSpan NextLook(FeedShare share)
    {
        if (!share.IsShort) _shortSince = null;
        else _shortSince ??= parts.Clock.GetTimestamp();
        if (_shortSince is null) return every;
        return !IsOver(_shortSince, ShortMax) ? ShortEvery : every < TakeEvery ? TakeEvery : every;
    }

    private async Task<bool> ReportAsync(long token, string error, CancellationToken stop)
    {
        try { return await parts.Metadata.Feeds.ReportAsync(Name, token, new(FeedState.BackingOff, 0, null, error), Lease + PauseMax, stop) > 0; }
        catch (Etl.Contracts.StoreException) { return true; } // the store may be the trouble: say it when it is back
    }

    private bool IsOver(long? since, TimeSpan time) => since is not { } at || parts.Clock.GetElapsedTime(at) >= time;

    private bool Passes(FeedItem.Frontier frontier, ref bool closed)
    {
        string of = frontier.Of is { } some ? string.Join(',', some.Numbers) : "";
        bool closes = _frontier is not { } before || of != _frontierOf || sense.Closes(before, frontier.At); // of other partitions, nothing has been passed on by this process
        (_frontier, _frontierOf) = (frontier.At, of);
        if (!closes && !IsAwaited && !IsOver(_frontierAt, QuietFor)) return false;
        _frontierAt = parts.Clock.GetTimestamp();
        closed |= closes || IsAwaited;
        return true;
    }

    /// <summary>Gives the feed its share, and lets batches through, and those frontiers that matter.</summary>
    private sealed class Watched(IFeed inner, FeedShare own, FrontierFilter passes) : IFeed
    {
        private bool _again;

        public string Name => inner.Name;

        public async IAsyncEnumerable<FeedItem> RunAsync(long token, IPartitionShare share, [EnumeratorCancellation] CancellationToken cancel)
        {
            if (_again) own.Doubt(); // a commit was refused: another process has landed there
            _again = true;
            bool batches = false;
            await foreach (var item in inner.RunAsync(token, own, cancel))
            {
                batches |= item is FeedItem.Batch;
                if (item is not FeedItem.Frontier frontier || passes(frontier) || batches) yield return item;
                if (item is FeedItem.Batch) await own.LookAsync(cancel);
            }
        }
    }

    private delegate bool FrontierFilter(FeedItem.Frontier frontier);
}

/// <summary>Whether a frontier that moves closes a window of somebody's zone.</summary>
public sealed class WindowSense(Dag dag)
{
    public bool Closes(DateTimeOffset before, DateTimeOffset after) => after > before && dag.Calendar.HourOf(before).End <= after;
}
