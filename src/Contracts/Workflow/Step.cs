using Etl.Contracts.Time;

namespace Etl.Contracts.Workflow;

/// <summary>One job of a DAG and the steps whose output it reads.</summary>
public abstract class Step
{
    internal Step(Dag dag, string name)
    {
        (Dag, Name) = (dag, name);
        if (!IsName(name)) throw new ArgumentException($"{dag.Name}: step \"{name}\": expected lower-case letters, digits and _ (1 to 64), starting with a letter");
    }

    public Dag Dag { get; }

    /// <summary>Identity inside the DAG: it names the ledger's rows.</summary>
    public string Name { get; }

    public string FullName => $"{Dag.Name}/{Name}";

    public abstract IReadOnlyList<Step> Inputs { get; }

    /// <summary>What an attempt may take, as the DAG says (<see cref="StepLimiting.Within{T}"/>).</summary>
    public StepLimits Limits { get; internal set; } = StepLimits.None;

    internal static bool IsName(string name) =>
        name.Length is >= 1 and <= 64 && name[0] is >= 'a' and <= 'z' && name.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_');

    public override string ToString() => FullName;
}

/// <summary>A step that fills a dataset of the lake.</summary>
public abstract class DatasetStep : Step
{
    internal DatasetStep(Dag dag, string name, string dataset) : base(dag, name) => Dataset = dataset;

    /// <summary>The lake's table, and the name by which SQL reads it.</summary>
    public string Dataset { get; }
}

/// <summary>Fetches one local day from a source, for the arguments that the slot's key names, and sends it to topics.</summary>
public sealed class PollStep : Step
{
    internal PollStep(Dag dag, string name, string source, IReadOnlyList<LandStep> into) : base(dag, name)
    {
        (Source, Into) = (source, into);
        foreach (var land in into) land.IsFedBy(this);
    }

    public string Source { get; }

    public IReadOnlyList<LandStep> Into { get; }

    public override IReadOnlyList<Step> Inputs => [];
}

/// <summary>Lands a topic's events in the lake, continuously.</summary>
public sealed class LandStep : DatasetStep
{
    internal LandStep(Dag dag, string name, string dataset) : base(dag, name, dataset) { }

    public required string Topic { get; init; }

    /// <summary>Field of the event time, an instant.</summary>
    public required string Time { get; init; }

    /// <summary>Fields that name an event: of several with the same, the newest counts. Empty: each record is its own event.</summary>
    public required IReadOnlyList<string> Identity { get; init; }

    /// <summary>How long after its time an event is waited for before its window closes.</summary>
    public required TimeSpan Lateness { get; init; }

    public required Acceptance Accept { get; init; }

    private readonly List<PollStep> _fedBy = [];

    /// <summary>The polls that fill the topic, of any DAG. Where there are some, a window closes when none of them that meets it is open and what they sent has landed.</summary>
    public IReadOnlyList<PollStep> FedBy => _fedBy;

    internal void IsFedBy(PollStep poll) => _fedBy.Add(poll);

    public override IReadOnlyList<Step> Inputs => [];
}

/// <summary>Which event times are taken; others are rejected.</summary>
/// <param name="PastMax">Oldest, back from now; null for any past since <see cref="Earliest"/>.</param>
/// <param name="FutureMax">Newest, ahead of now.</param>
public sealed record Acceptance(TimeSpan? PastMax, TimeSpan FutureMax)
{
    /// <summary>Nothing before it is taken: such times are clocks that were never set, or fields left empty.</summary>
    public static DateTimeOffset Earliest { get; } = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static Acceptance Default { get; } = new(null, TimeSpan.FromDays(1));
}

/// <summary>Builds one window of a result by SQL over that window of its inputs.</summary>
public sealed class BuildStep : DatasetStep
{
    internal BuildStep(Dag dag, string name, string sqlName, DatasetStep from) : base(dag, name, name) => (SqlName, From) = (sqlName, from);

    public required Grain Grain { get; init; }

    /// <summary>Name of the SQL file beside the DAG.</summary>
    public string SqlName { get; }

    public DatasetStep From { get; }

    /// <summary>Columns that, with the window, name a row.</summary>
    public required IReadOnlyList<string> Key { get; init; }

    public override IReadOnlyList<Step> Inputs => [From];

    /// <summary>The column that the engine puts before the SQL's own: the window's start.</summary>
    public string WindowColumn => Grain == Grain.Hour ? "hour" : "day";
}

/// <summary>A query over a result's window that must return no row; it gates every publish of that result.</summary>
public sealed class CheckStep : Step
{
    internal CheckStep(Dag dag, string name, BuildStep of, string sqlName, IReadOnlyList<BuildStep> beside) : base(dag, name) => (Of, SqlName, Beside) = (of, sqlName, beside);

    public BuildStep Of { get; }

    public string SqlName { get; }

    /// <summary>Results that it reads as well, same windows.</summary>
    public IReadOnlyList<BuildStep> Beside { get; }

    public override IReadOnlyList<Step> Inputs => [Of, .. Beside];
}

/// <summary>Replaces a result's window in one sink. A publish to several sinks is one step for each: they succeed and fail alone.</summary>
public sealed class PublishStep : Step
{
    internal PublishStep(Dag dag, string name, BuildStep of, SinkName sink, string table) : base(dag, name) => (Of, Sink, Table) = (of, sink, table);

    public BuildStep Of { get; }

    public SinkName Sink { get; }

    public string Table { get; }

    public override IReadOnlyList<Step> Inputs => [Of, .. Dag.Steps.OfType<CheckStep>().Where(check => check.Of == Of)];
}

/// <summary>A sink by name; which server stands behind it is configuration. One that is not configured is not published to.</summary>
public sealed record SinkName(string Name)
{
    public override string ToString() => Name;
}
