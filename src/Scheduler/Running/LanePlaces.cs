using Etl.Contracts.Workflow;

namespace Etl.Scheduler.Running;

/// <summary>Who may run a step now, of all workers of a process: live ones always; backfill on its own places, and while live work is under way only for the fifth of the time that stays its own.</summary>
/// <remarks>A step that runs is never stopped: live work that comes shares the processors with those of backfill that have begun, and with no others.</remarks>
/// <param name="backfill">Places of the backfill lane.</param>
public sealed class LanePlaces(int backfill, TimeProvider clock) : IDisposable
{
    /// <summary>While live work is under way, backfill waits so many times as long as its last step took.</summary>
    public const int WaitsPerStep = 4;

    /// <summary>Bounds of that wait: a step that took long holds up the next one no longer than this.</summary>
    public static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(10), WaitMax = TimeSpan.FromMinutes(1);

    /// <summary>Live work that is under way no longer than this meets no backfill step but the one that had begun: most hours are built, checked and published within it.</summary>
    public static readonly TimeSpan Undisturbed = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _places = new(backfill);
    private readonly Lock _gate = new();
    private readonly HashSet<object> _live = [];
    private TaskCompletionSource _quiet = NewQuiet(isSet: true);
    private TimeSpan _last;
    private long _liveSince;

    /// <summary>Says that somebody has live work under way, until <see cref="LiveEnds"/>. Safe to repeat.</summary>
    public void LiveBegins(object who)
    {
        lock (_gate)
            if (_live.Add(who) && _live.Count == 1) (_quiet, _liveSince) = (NewQuiet(isSet: false), clock.GetTimestamp());
    }

    public void LiveEnds(object who)
    {
        lock (_gate)
            if (_live.Remove(who) && _live.Count == 0) _quiet.TrySetResult();
    }

    /// <summary>Runs a step of the backfill lane when it is its turn.</summary>
    public async Task<T> BackfillAsync<T>(Func<Task<T>> step, CancellationToken cancel)
    {
        await _places.WaitAsync(cancel);
        try
        {
            await TurnAsync(cancel);
            long began = clock.GetTimestamp();
            try { return await step(); }
            finally
            {
                lock (_gate) _last = clock.GetElapsedTime(began);
            }
        }
        finally { _places.Release(); }
    }

    private async Task TurnAsync(CancellationToken cancel)
    {
        Task quiet;
        TimeSpan most, undisturbed;
        lock (_gate) (quiet, most, undisturbed) = (_quiet.Task, _last * WaitsPerStep, Undisturbed - clock.GetElapsedTime(_liveSince));
        if (quiet.IsCompleted) return;
        most = most < WaitMin ? WaitMin : most > WaitMax ? WaitMax : most;
        if (most < undisturbed) most = undisturbed;
        try { await quiet.WaitAsync(most, clock, cancel); }
        catch (TimeoutException) { } // its share
    }

    public void Dispose() => _places.Dispose();

    private static TaskCompletionSource NewQuiet(bool isSet)
    {
        var quiet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (isSet) quiet.SetResult();
        return quiet;
    }
}
