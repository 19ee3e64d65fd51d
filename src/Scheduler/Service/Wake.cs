namespace Etl.Scheduler.Service;

/// <summary>Lets one loop sleep until somebody rings or a time is over. A ring while it works ends its next sleep at once.</summary>
public sealed class Wake(TimeProvider clock)
{
    private TaskCompletionSource _rung = New();

    public void Ring() => Volatile.Read(ref _rung).TrySetResult();

    /// <returns>Whether somebody rang.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<bool> SleepAsync(TimeSpan most, CancellationToken cancel)
    {
        var rung = Volatile.Read(ref _rung);
        try { await rung.Task.WaitAsync(most, clock, cancel); }
        catch (TimeoutException) { return false; }
        Volatile.Write(ref _rung, New());
        return true;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
