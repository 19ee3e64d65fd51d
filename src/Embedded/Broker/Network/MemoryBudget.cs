namespace Etl.Embedded.Broker.Network;

/// <summary>Bytes that large requests may hold at one time. Who finds too little left waits in line, and its socket is not read.</summary>
internal sealed class MemoryBudget(long bytes)
{
    private readonly Lock _changing = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Ready)> _line = [];
    private long _left = bytes;

    public long Left
    {
        get
        {
            lock (_changing) return _left;
        }
    }

    public Task TakeAsync(long bytes)
    {
        lock (_changing)
        {
            if (_line.Count == 0 && _left >= bytes)
            {
                _left -= bytes;
                return Task.CompletedTask;
            }
            var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _line.Enqueue((bytes, ready));
            return ready.Task;
        }
    }

    public void Give(long bytes)
    {
        lock (_changing)
        {
            _left += bytes;
            while (_line.TryPeek(out var first) && _left >= first.Bytes)
            {
                _left -= first.Bytes;
                _line.Dequeue();
                first.Ready.SetResult();
            }
        }
    }
}
