namespace Etl.Scheduler.Service;

/// <summary>Lets one loop sleep until somebody rings or a time is over. A ring while it works ends its next sleep at once.</summary>
public sealed class Wake(TimeProvider clock)
{
    private TaskCompletionSource _rung = New();

    public void Ring() => Volatile.Read(ref _rung).TrySetResult();

    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task SleepAsync(TimeSpan most, CancellationToken cancel)
    {
        var rung = Volatile.Read(ref _rung);
        try { await rung.Task.WaitAsync(most, clock, cancel); }
        catch (TimeoutException) { return; }
        Volatile.Write(ref _rung, New());
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
