using System.Globalization;

namespace Etl.Contracts.Workflow;

/// <summary>What one attempt of a step may take; null for what the settings say.</summary>
public sealed record StepLimits
{
    /// <summary>Bounds of <see cref="Time"/>.</summary>
    public static readonly TimeSpan TimeMin = TimeSpan.FromSeconds(1), TimeMax = TimeSpan.FromHours(24);

    public static StepLimits None { get; } = new();

    /// <summary>How long one attempt may run, 1 second to 24 hours; then its SQL is interrupted, and the attempt has failed and is tried again. Waiting for a lane or a pool is not counted.</summary>
    public TimeSpan? Time
    {
        get;
        init => field = value is null || (value >= TimeMin && value <= TimeMax) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"limits: time: {value} is outside {TimeMin} to {TimeMax}");
    }

    /// <summary>What the SQL of one attempt may use, in MB (10⁶ bytes), 64 to 1,000,000, on a database of its own; null: it shares the lake's memory with all that runs. Builds and checks only.</summary>
    public int? MemoryMegabytes
    {
        get;
        init => field = value is null or (>= 64 and <= 1_000_000) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"limits: memoryMegabytes: {value} is outside 64 to 1,000,000");
    }

    /// <summary>A named limit on how many slots run at once, shared by all steps that name it, of all DAGs of a process; how many is said by the settings. null: no limit but the worker's own.</summary>
    public string? Pool
    {
        get;
        init => field = value is null || Step.IsName(value) ? value : throw new ArgumentException($"limits: pool: \"{value}\": expected lower-case letters, digits and _ (1 to 64), starting with a letter", nameof(value));
    }

    /// <summary>How often it is tried again by itself; null: as the settings say (<c>Steps:Retry</c>).</summary>
    public RetryPolicy? Retry { get; init => field = value?.Checked(); }

    /// <summary>These, and <paramref name="defaults"/> where these say nothing.</summary>
    public StepLimits Or(StepLimits defaults) => this with { Time = Time ?? defaults.Time, MemoryMegabytes = MemoryMegabytes ?? defaults.MemoryMegabytes, Retry = Retry ?? defaults.Retry };

    /// <summary>As people read it: <c>5 min, 256 MB, pool heavy, 3 attempts from 1 min</c>; "" where nothing is limited.</summary>
    public override string ToString() => string.Join(", ", new[] { Time is { } time ? Text(time) : "", MemoryMegabytes is { } memory ? string.Create(CultureInfo.InvariantCulture, $"{memory:N0} MB") : "", Pool is { } pool ? $"pool {pool}" : "", Retry?.ToString() ?? "" }.Where(part => part.Length > 0));

    /// <summary><c>2 h</c>, <c>90 min</c>, <c>1.5 s</c>.</summary>
    public static string Text(TimeSpan time) => (time.Ticks % TimeSpan.TicksPerHour, time.Ticks % TimeSpan.TicksPerMinute) switch
    {
        (0, _) => $"{(long)time.TotalHours} h",
        (_, 0) => $"{(long)time.TotalMinutes} min",
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s"),
    };
}

/// <summary>How a DAG limits a step: <c>dag.Build(…).Within(new() { Time = TimeSpan.FromMinutes(5), MemoryMegabytes = 256 })</c>.</summary>
public static class StepLimiting
{
    /// <exception cref="ArgumentException">The step has no attempts, or no SQL whose memory could be limited.</exception>
    public static T Within<T>(this T step, StepLimits limits) where T : Step
    {
        if (step is LandStep) throw new ArgumentException($"{step}: lands without end and has no attempts, expected a build, check, publish or poll", nameof(step));
        if (limits.MemoryMegabytes is not null && step is not (BuildStep or CheckStep)) throw new ArgumentException($"{step}: runs no SQL whose memory could be limited, expected a build or a check, or a limit without memoryMegabytes", nameof(step));
        step.Limits = limits;
        return step;
    }

    /// <summary>The same for a publish to several sinks: each for itself.</summary>
    public static IReadOnlyList<PublishStep> Within(this IReadOnlyList<PublishStep> steps, StepLimits limits) => [.. steps.Select(step => step.Within(limits))];
}
