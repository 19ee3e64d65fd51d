namespace Etl.Sinks.Cassandra.Cql;

/// <summary>Write time stamps in microseconds: the clock's time, but always later than the last one given, also when the clock jumps back.</summary>
internal sealed class MonotonicTimestamps(TimeProvider time)
{
    private long _last;

    public long Next()
    {
        long now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        while (true)
        {
            long last = Volatile.Read(ref _last), next = Math.Max(now, last + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last) return next;
        }
    }
}
