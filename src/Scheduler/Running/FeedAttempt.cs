using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Running;

/// <summary>One runner of a feed, from its beginning until it is stopped, fails, or loses the feed; what it says is kept as it comes. One that says nothing leaves nothing.</summary>
public sealed class FeedAttempt
{
    private readonly TimeProvider _clock;
    private readonly Action<FeedAttempt> _hear;
    private readonly string _feed;
    private readonly long _token;
    private readonly DateTimeOffset _started;
    private long _ended; // ticks; 0 while it runs

    internal FeedAttempt(string feed, long token, TimeProvider clock, Action<FeedAttempt> hear)
    {
        (_feed, _token, _clock, _hear, _started) = (feed, token, clock, hear, clock.GetUtcNow());
        Log = new(clock) { Said = () => hear(this) };
    }

    public AttemptLog Log { get; }

    internal FeedStory Story => new(_feed, _token, _started, Volatile.Read(ref _ended) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null, Log.Lines);

    public void End()
    {
        Volatile.Write(ref _ended, _clock.GetUtcNow().UtcTicks);
        if (!Log.IsEmpty) _hear(this);
    }
}
