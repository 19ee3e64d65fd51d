namespace Etl.Embedded.Broker.Log;

/// <summary>Those who wait for records of one partition. Waking is a look at one field when nobody waits.</summary>
internal sealed class Watchers
{
    private readonly Lock _changing = new();
    private FetchWait[] _waiting = [];

    public void Add(FetchWait wait)
    {
        lock (_changing) Volatile.Write(ref _waiting, [.. _waiting, wait]);
    }

    public void Remove(FetchWait wait)
    {
        lock (_changing) Volatile.Write(ref _waiting, [.. _waiting.Where(other => !ReferenceEquals(other, wait))]);
    }

    public void Wake()
    {
        foreach (var wait in Volatile.Read(ref _waiting)) wait.Signal();
    }
}

/// <summary>One Fetch that waits: for an append to any of its partitions, for the end of its time, or for the connection's end.</summary>
internal sealed class FetchWait : IDisposable
{
    private TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _timer;
    private bool _over;

    /// <summary>The time is over: answer with what there is.</summary>
    public bool IsOver => Volatile.Read(ref _over);

    public void Start(TimeProvider clock, TimeSpan time) => _timer ??= clock.CreateTimer(_ => End(), null, time, Timeout.InfiniteTimeSpan);

    /// <summary>Call before looking for records: an append after it ends the wait that follows.</summary>
    public void Reset()
    {
        if (_signal.Task.IsCompleted) Volatile.Write(ref _signal, new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (IsOver) Signal();
    }

    public Task WaitAsync(CancellationToken cancel) => Volatile.Read(ref _signal).Task.WaitAsync(cancel);

    public void Signal() => Volatile.Read(ref _signal).TrySetResult();

    public void Dispose() => _timer?.Dispose();

    private void End()
    {
        Volatile.Write(ref _over, true);
        Signal();
    }
}
