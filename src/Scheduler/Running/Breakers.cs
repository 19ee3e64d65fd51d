using Etl.Contracts.Workflow;

namespace Etl.Scheduler.Running;

/// <summary>When a source or sink is left alone, and for how long.</summary>
public sealed record BreakerOptions
{
    /// <summary>Failures in a row after which calls stop, 2 to 1,000. More than a slot has attempts: one slot's own trouble stops nobody.</summary>
    public int FailuresMax { get; init; } = 10;

    /// <summary>The first pause, doubled each time that the call after it fails too; 1 second to <see cref="PauseMax"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>At most 1 hour.</summary>
    public TimeSpan PauseMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>All that is wrong, one line each.</summary>
    public IEnumerable<string> Faults()
    {
        if (FailuresMax is < 2 or > 1_000) yield return $"breaker.failuresMax: {FailuresMax} is outside 2 to 1,000";
        if (FirstPause < TimeSpan.FromSeconds(1) || FirstPause > PauseMax) yield return $"breaker.firstPause: {FirstPause} is outside 1 second to {PauseMax}";
        if (PauseMax > TimeSpan.FromHours(1)) yield return $"breaker.pauseMax: {PauseMax} is more than 1 hour";
    }
}

/// <summary>
/// Circuit breakers of the sources and sinks that a process calls. One that failed so often in a row is not called for a while: its slots are put off, which costs no attempt, and the others go on. After
/// the pause one call probes it, which costs none either; if that fails too the pause is doubled, and what answers, even with a refusal, is called again as before.
/// </summary>
/// <remarks>It goes by the monotonic clock. Safe for many threads; kept in memory, so each process learns for itself.</remarks>
public sealed class Breakers
{
    private readonly BreakerOptions _options;
    private readonly TimeProvider _clock;
    private readonly long _start;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Breaker> _breakers = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">The options have faults.</exception>
    public Breakers(BreakerOptions options, TimeProvider clock)
    {
        if (options.Faults().ToList() is { Count: > 0 } faults) throw new ArgumentException(string.Join("; ", faults), nameof(options));
        (_options, _clock, _start) = (options, clock, clock.GetTimestamp());
    }

    /// <summary>Told once when a source or sink is left alone, and once when it answers again.</summary>
    public event Action<string>? Told;

    /// <summary>To be asked before each call; one that may go is to be noted when it has ended, however it ended.</summary>
    /// <returns>null when it may go; else until when it is put off, and why.</returns>
    public JobResult.RetryIn? PutOff(Step? step)
    {
        if (NameOf(step) is not { } name) return null;
        lock (_gate)
        {
            if (_breakers.GetValueOrDefault(name) is not { IsOpen: true } breaker) return null;
            if (Left(name, breaker) is { } left) return left;
            if (breaker.IsProbed) return new(_options.FirstPause, $"{name} failed {breaker.Failures:N0} times in a row and is probed by one call now; last: {breaker.Reason}");
            breaker.IsProbed = true;
            return null;
        }
    }

    /// <summary>What a call that failed comes to where its failure opened the breaker, or left it open: it says nothing of the slots, so they are put off as the others are. Else a server that is away for long would fail those that happen to probe it.</summary>
    /// <returns>null where it counts as their failure.</returns>
    internal JobResult.RetryIn? Left(Step? step)
    {
        if (NameOf(step) is not { } name) return null;
        lock (_gate) return _breakers.GetValueOrDefault(name) is { IsOpen: true } breaker ? Left(name, breaker) : null;
    }

    private JobResult.RetryIn? Left(string name, Breaker breaker)
    {
        var left = breaker.Until - _clock.GetElapsedTime(_start);
        return left > TimeSpan.Zero ? new(left, $"{name} failed {breaker.Failures:N0} times in a row and is left alone for {StepLimits.Text(breaker.Pause)}, then one call probes it; last: {breaker.Reason}") : null;
    }

    /// <summary>What a call came to: transient failures count, an answer of any kind ends the row; patience asked for, and nothing at all, tell nothing.</summary>
    public void Note(Step? step, IReadOnlyList<JobResult> results)
    {
        if (NameOf(step) is not { } name) return;
        string? told = null;
        lock (_gate)
        {
            var breaker = _breakers.TryGetValue(name, out var known) ? known : _breakers[name] = new();
            bool answered = results.Any(result => result is JobResult.Done or JobResult.Unchanged or JobResult.Failed { Class: FailureClass.Data or FailureClass.Contract });
            if (answered)
            {
                if (breaker.IsOpen) told = $"{name} answers again after {breaker.Failures:N0} failures in a row; what was put off goes on";
                _breakers[name] = new();
            }
            else if (results.OfType<JobResult.Failed>().FirstOrDefault(failed => failed.Class == FailureClass.Transient) is { } failure) told = Failed(name, breaker, failure.Reason);
            else breaker.IsProbed = false;
        }
        if (told is not null) Told?.Invoke(told);
    }

    private string? Failed(string name, Breaker breaker, string reason)
    {
        (breaker.Failures, breaker.Reason) = (breaker.Failures + 1, reason);
        if (breaker.Failures < _options.FailuresMax || (breaker.IsOpen && !breaker.IsProbed)) return null; // calls that were under way when it opened prove nothing new
        bool isNew = !breaker.IsOpen;
        breaker.Pause = isNew ? _options.FirstPause : breaker.Pause * 2 > _options.PauseMax ? _options.PauseMax : breaker.Pause * 2;
        (breaker.IsOpen, breaker.IsProbed, breaker.Until) = (true, false, _clock.GetElapsedTime(_start) + breaker.Pause);
        return isNew ? $"{name} failed {breaker.Failures:N0} times in a row and is left alone for {StepLimits.Text(breaker.Pause)}, then probed by one call, at most every {StepLimits.Text(_options.PauseMax)}; its slots wait and spend no attempt, others go on; last: {reason}" : null;
    }

    private static string? NameOf(Step? step) => step switch
    {
        PollStep poll => $"source {poll.Source}",
        PublishStep publish => $"sink {publish.Sink}",
        _ => null,
    };

    private sealed class Breaker
    {
        public int Failures { get; set; }

        public bool IsOpen { get; set; }

        /// <summary>One call is under way to see whether it is back.</summary>
        public bool IsProbed { get; set; }

        public TimeSpan Pause { get; set; }

        /// <summary>Since the start of the process.</summary>
        public TimeSpan Until { get; set; }

        public string Reason { get; set; } = "";
    }
}
