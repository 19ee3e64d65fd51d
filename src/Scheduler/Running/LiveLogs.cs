using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Service;

namespace Etl.Scheduler.Running;

/// <summary>Keeps in the store what running attempts of slots and feeds have said so far: others read it while they run, and of a worker that is killed it stays. One for a process; it rests while nobody says anything.</summary>
/// <remarks>Attempts that ended before their turn cost nothing: their end, in the transaction of the commit, writes all they said.</remarks>
public sealed class LiveLogs(IAttemptLogs slots, IFeedLog feeds, TimeProvider clock)
{
    /// <summary>From the first new line until it is kept, with all that came meanwhile.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>Attempts in one transaction.</summary>
    public const int PerWrite = 32;

    /// <summary>Transactions in one turn; the others' turn is the next.</summary>
    private const int WritesMax = 8;

    /// <summary>Attempts with news; those beyond are read when they have ended.</summary>
    private const int NewsMax = 10_000;

    /// <summary>For what is left when it is stopped.</summary>
    private static readonly TimeSpan LastMax = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<AttemptLog, Slot> _news = [];
    private readonly HashSet<FeedAttempt> _feedNews = [];
    private readonly Wake _wake = new(clock);

    /// <summary>A log of an attempt that begins.</summary>
    public AttemptLog Of(Slot slot)
    {
        var log = new AttemptLog(clock);
        log.Said = () => Hear(log, slot);
        return log;
    }

    /// <summary>The attempt ends: its commit writes what it said.</summary>
    public void End(AttemptLog log)
    {
        log.Said = null;
        if (log.IsEmpty) return;
        lock (_gate) _news.Remove(log);
    }

    /// <summary>An attempt of a feed that begins.</summary>
    public FeedAttempt Of(string feed, long token) => new(feed, token, clock, Hear);

    /// <summary>Keeps what comes until it is stopped, and then what is left.</summary>
    public async Task RunAsync(Action<string> say, CancellationToken stop)
    {
        string said = "";
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await _wake.SleepAsync(Timeout.InfiniteTimeSpan, stop);
                await Task.Delay(Every, clock, stop);
                if (await KeepAsync(stop)) _wake.Ring();
                said = "";
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { break; }
            catch (StoreException error)
            {
                if (said != error.Message) say($"logs of running attempts are kept later, {said = error.Message}");
                _wake.Ring();
            }
        }
        using var last = new CancellationTokenSource(LastMax, clock);
        try { while (await KeepAsync(last.Token)) { } }
        catch (Exception error) when (error is StoreException or OperationCanceledException) { } // whoever takes the slots over says that their workers were stopped
    }

    /// <returns>Whether more is left than one turn keeps.</returns>
    internal async Task<bool> KeepAsync(CancellationToken cancel)
    {
        for (int write = 0; write < WritesMax; write++)
        {
            var batch = Take();
            if (batch.Count == 0) break;
            try { await slots.KeepAsync([.. batch.Select(each => new RunningLog(each.Slot, each.Log.Lines))], cancel); }
            catch
            {
                lock (_gate)
                    foreach (var (log, slot) in batch.Where(each => each.Log.Said is not null)) _news.TryAdd(log, slot);
                throw;
            }
        }
        await KeepFeedsAsync(cancel);
        lock (_gate) return _news.Count > 0;
    }

    private async Task KeepFeedsAsync(CancellationToken cancel)
    {
        List<FeedAttempt> batch;
        lock (_gate)
        {
            batch = [.. _feedNews];
            _feedNews.Clear();
        }
        if (batch.Count == 0) return;
        try { await feeds.KeepAsync([.. batch.Select(attempt => attempt.Story)], cancel); }
        catch
        {
            lock (_gate) _feedNews.UnionWith(batch);
            throw;
        }
    }

    private void Hear(AttemptLog log, Slot slot)
    {
        lock (_gate)
            if (_news.Count >= NewsMax || !_news.TryAdd(log, slot)) return;
        _wake.Ring();
    }

    private void Hear(FeedAttempt attempt)
    {
        lock (_gate)
            if (_feedNews.Count >= NewsMax || !_feedNews.Add(attempt)) return;
        _wake.Ring();
    }

    private List<(AttemptLog Log, Slot Slot)> Take()
    {
        lock (_gate)
        {
            List<(AttemptLog, Slot)> batch = [.. _news.Take(PerWrite).Select(pair => (pair.Key, pair.Value))];
            foreach (var (log, _) in batch) _news.Remove(log);
            return batch;
        }
    }
}
