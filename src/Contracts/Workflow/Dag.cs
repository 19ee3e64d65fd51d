using Etl.Contracts.Time;

namespace Etl.Contracts.Workflow;

/// <summary>A workflow as code. A step is made from what it reads, so a cycle cannot be written.</summary>
public sealed class Dag
{
    public const int StepsMax = 200;

    private readonly List<Step> _steps = [];

    public Dag(string name)
    {
        if (!Step.IsName(name)) throw new ArgumentException($"DAG \"{name}\": expected lower-case letters, digits and _ (1 to 64), starting with a letter");
        Name = name;
    }

    public string Name { get; }

    /// <summary>IANA zone whose hours and days the windows are. Default UTC.</summary>
    public string Zone
    {
        get;
        init => field = WindowCalendar.Of(value).Zone;
    } = "UTC";

    /// <summary>What becomes of windows missed before the DAG ran first. Default <see cref="Workflow.CatchUp.All"/>.</summary>
    public CatchUp CatchUp { get; init; } = CatchUp.All;

    /// <summary>When the DAG's polls run by themselves. Default never: what only lands and builds needs no clock, it follows the data.</summary>
    public Schedule Schedule { get; init; } = Schedule.Manual;

    /// <summary>Local days before today that each scheduled run polls again, 0 to 366: sources mend their past.</summary>
    public int LookbackDays
    {
        get;
        init => field = value is >= 0 and <= 366 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"DAG {Name}: lookback: expected 0 to 366 days");
    }

    /// <summary>What the DAG can be called with; null where a call has no arguments.</summary>
    public IDagArguments? Arguments { get; init; }

    public IReadOnlyList<Step> Steps => _steps;

    public WindowCalendar Calendar => WindowCalendar.Of(Zone);

    /// <summary>Lands a topic in a dataset.</summary>
    /// <param name="time">Field of the event time.</param>
    /// <param name="identity">Fields that name an event; none: each record is its own.</param>
    /// <param name="lateness">How long a window waits for late events before it closes. Default none.</param>
    /// <param name="dataset">Default: the topic in snake_case, <c>Truck-Data</c> → <c>truck_data</c>.</param>
    /// <param name="accept">Event times taken. Default any past, 1 day ahead.</param>
    public LandStep Land(string topic, string time, IReadOnlyList<string>? identity = null, TimeSpan lateness = default, string? dataset = null, Acceptance? accept = null)
    {
        string name = dataset ?? SnakeCase(topic);
        return Add(new LandStep(this, $"land_{name}", name)
        {
            Topic = topic, Time = time, Identity = identity ?? [], Lateness = lateness, Accept = accept ?? Acceptance.Default,
        });
    }

    /// <summary>Fetches local days from a source into topics that this DAG or another one lands. One call of the source may serve many days.</summary>
    /// <param name="source">Name of the source; which server stands behind it is configuration.</param>
    /// <param name="into">The landings whose topics it fills: their windows are closed when no poll of them is open.</param>
    public PollStep Poll(string name, string source, params IReadOnlyList<LandStep> into)
    {
        if (into.Count == 0) throw new ArgumentException($"DAG {Name}: poll {name} fills no topic", nameof(into));
        return Add(new PollStep(this, name, source, into));
    }

    /// <summary>Builds a result, window by window.</summary>
    /// <param name="name">The step's and the result's name.</param>
    /// <param name="sql">Name of the SQL file beside the DAG class.</param>
    /// <param name="key">Columns that name a row inside a window.</param>
    public BuildStep Build(string name, Grain grain, string sql, DatasetStep from, IReadOnlyList<string> key) =>
        Add(new BuildStep(this, name, sql, from) { Grain = grain, Key = key });

    /// <summary>A query that must return no row; gates every publish of <paramref name="of"/>.</summary>
    /// <param name="beside">Results of the same grain that it reads as well; it waits until all that they are made of is done.</param>
    public CheckStep Check(BuildStep of, string sql, params IReadOnlyList<BuildStep> beside) => beside.FirstOrDefault(other => other.Grain != of.Grain) is { } odd
        ? throw new ArgumentException($"DAG {Name}: the check of {of.Name} reads {odd.Name} beside it, whose windows are another grain", nameof(beside))
        : Add(new CheckStep(this, $"check_{of.Name}", of, sql, beside));

    /// <summary>Publishes a result to sinks, under <paramref name="table"/> or the result's own name.</summary>
    public IReadOnlyList<PublishStep> Publish(BuildStep of, IReadOnlyList<SinkName> to, string? table = null) =>
        [.. to.Select(sink => Add(new PublishStep(this, $"publish_{of.Name}_{sink.Name}", of, sink, table ?? of.Name)))];

    private T Add<T>(T step) where T : Step
    {
        if (_steps.Any(other => other.Name == step.Name)) throw new ArgumentException($"DAG {Name}: two steps are called \"{step.Name}\"; a step's name is its identity");
        if (_steps.Count == StepsMax) throw new ArgumentException($"DAG {Name} has more than {StepsMax} steps");
        if (step.Inputs.FirstOrDefault(input => input.Dag != this) is { } stranger) throw new ArgumentException($"DAG {Name}: step {step.Name} reads {stranger}, a step of another DAG");
        _steps.Add(step);
        return step;
    }

    private static string SnakeCase(string topic) => string.Concat(topic.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : '_')).Trim('_');
}

/// <summary>What becomes of windows that were missed: none, the last one, or all within a time.</summary>
public sealed record CatchUp
{
    private CatchUp(string kind, TimeSpan? within) => (Kind, Within) = (kind, within);

    public string Kind { get; }

    /// <summary>How far back; null without bound.</summary>
    public TimeSpan? Within { get; }

    public static CatchUp None { get; } = new("none", TimeSpan.Zero);

    public static CatchUp Last { get; } = new("last", null);

    public static CatchUp All { get; } = new("all", null);

    public static CatchUp AllWithin(TimeSpan time) => new("within", time);
}

/// <summary>A DAG's author implements this; one line in <c>Cli/Composition.cs</c> adds it to the program.</summary>
public interface IDagSource
{
    Dag Define();
}
