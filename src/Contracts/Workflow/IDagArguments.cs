using Etl.Contracts.Time;

namespace Etl.Contracts.Workflow;

/// <summary>What a DAG can be called with, and what such a call asks its polls for. Arguments belong to one call, never to the process.</summary>
public interface IDagArguments
{
    IReadOnlyList<DagParameter> Parameters { get; }

    /// <summary>Reads a call; without any text it is the call that a schedule makes.</summary>
    /// <param name="dag">The DAG that is called.</param>
    /// <param name="texts">By the parameters' names; what is not given, or empty, has its default.</param>
    /// <param name="now">Tells which date is today in the DAG's zone.</param>
    /// <param name="faults">All that is wrong, one line each; empty when nothing is.</param>
    /// <returns>null when something is wrong.</returns>
    DagCall? Read(Dag dag, IReadOnlyDictionary<string, string> texts, DateTimeOffset now, out IReadOnlyList<string> faults);

    /// <summary>What is wrong with texts that are kept for later calls, one line each: what each call must have may be missing among them. Default: as of a call.</summary>
    IReadOnlyList<string> Check(Dag dag, IReadOnlyDictionary<string, string> texts, DateTimeOffset now)
    {
        Read(dag, texts, now, out var faults);
        return faults;
    }
}

/// <summary>One parameter, as help and a form show it.</summary>
/// <param name="Meaning">What it is, with unit and range.</param>
/// <param name="Default">What it is where nothing is given, as text; "" where it must be given, or depends on the day.</param>
public sealed record DagParameter(string Name, string Meaning, string Default = "");

/// <summary>A call of a DAG, read and found good.</summary>
/// <param name="Texts">The parameters that give the same call again, defaults filled in.</param>
/// <param name="Polls">What it asks of sources.</param>
/// <param name="Again">Whether days that were fetched before are fetched again, as a schedule does with its lookback; else only what is missing or failed.</param>
public sealed record DagCall(IReadOnlyDictionary<string, string> Texts, IReadOnlyList<PollRequest> Polls, bool Again)
{
    /// <summary>Parameters that name a range of local dates, both included; a backfill gives them.</summary>
    public const string FirstDate = "start_date", LastDate = "end_date";

    /// <summary>How long after its end a day's values are mended at the source: one fetched sooner is fetched again when asked for. null: what was fetched stays.</summary>
    public TimeSpan? Settles { get; init; }

    /// <summary>Name of the saved set of parameters that it was made from; "" without.</summary>
    public string ParameterSet { get; init; } = "";

    /// <summary>The slots that its polls fill: one for each day and key.</summary>
    public IEnumerable<SlotId> Slots => Polls.SelectMany(request => request.Days.Select(day => new SlotId(request.Step.FullName, day, request.Key)));
}

/// <summary>Days that one poll shall fetch for one key.</summary>
/// <param name="Key">Names what is fetched; a slot is carried out from it alone. At most <see cref="SlotId.KeyLettersMax"/>.</param>
/// <param name="Days">Local days of the DAG's zone, rising.</param>
public sealed record PollRequest(PollStep Step, string Key, IReadOnlyList<Window> Days)
{
    /// <summary>Days that the source gives at once, 1 or more.</summary>
    public int DaysPerFetch { get; init; } = 1;

    /// <summary>Calls that such a fetch takes.</summary>
    public int CallsPerFetch { get; init; } = 1;
}
