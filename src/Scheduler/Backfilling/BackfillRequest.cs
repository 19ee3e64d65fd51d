using System.Text.Json;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Scheduler.Backfilling;

/// <summary>What somebody wants done again, or at last: a range of a DAG's windows.</summary>
/// <param name="First">Local date of the DAG's zone, included.</param>
/// <param name="Last">Local date, included.</param>
/// <param name="Texts">Parameters of the DAG's call; only for <see cref="BackfillFrom.Source"/>.</param>
public sealed record BackfillRequest(Dag Dag, BackfillFrom From, DateOnly First, DateOnly Last, BackfillPolicy Policy, BackfillOrder Order, IReadOnlyDictionary<string, string> Texts)
{
    /// <summary>From the lake: only this step's windows; what reads them follows. null for all of the DAG's.</summary>
    public BuildStep? Only { get; init; }

    /// <summary>Name of the saved set that the texts were taken from; "" without.</summary>
    public string ParameterSet { get; init; } = "";

    public const int ParallelismMax = 64, DaysMax = 40_000;

    /// <summary>Start of the first day.</summary>
    public DateTimeOffset Start => StartOf(First);

    /// <summary>End of the last day, excluded.</summary>
    public DateTimeOffset End => StartOf(Last.AddDays(1));

    /// <summary>As a backfill keeps them.</summary>
    public string Parameters => JsonSerializer.Serialize(Texts.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary());

    /// <summary>All that is wrong, one line each.</summary>
    public IEnumerable<string> Faults()
    {
        if (Last < First) yield return $"range: found an end, {Last:yyyy-MM-dd}, before its start, {First:yyyy-MM-dd}; expected the first local date, then the last, both included";
        else if (Last.DayNumber - First.DayNumber >= DaysMax) yield return $"range: found {Last.DayNumber - First.DayNumber + 1:N0} days, expected at most {DaysMax:N0}";
        if (First.Year < 1900 || Last.Year > 9_000) yield return $"range: {First:yyyy-MM-dd} to {Last:yyyy-MM-dd} is outside 1900 to 9000";
        if (Policy == BackfillPolicy.None) yield return "policy: found none, expected some of missing, failed, stale, or all";
        if (From == BackfillFrom.Source && !Dag.Steps.OfType<PollStep>().Any()) yield return $"from: {Dag.Name} polls no source; --from topic or --from lake builds from what others send";
        if (From == BackfillFrom.Topic && !Dag.Steps.OfType<LandStep>().Any()) yield return $"from: {Dag.Name} lands no topic";
        if (From != BackfillFrom.Source && !Dag.Steps.OfType<BuildStep>().Any()) yield return $"from: {Dag.Name} builds nothing{(Fed(Dag) is { Count: > 0 } fed ? $"; what it fetches is built by {string.Join(", ", fed.Select(dag => dag.Name))}" : "")}";
        if (From != BackfillFrom.Source && Texts.Count > 0) yield return $"param: found {string.Join(", ", Texts.Keys)}, but only a source is asked with parameters";
    }

    /// <summary>DAGs that land what the DAG's polls fetch, itself left out.</summary>
    public static IReadOnlyList<Dag> Fed(Dag dag) => [.. dag.Steps.OfType<PollStep>().SelectMany(poll => poll.Into).Select(land => land.Dag).Where(fed => fed != dag).Distinct()];

    /// <summary>Where the zone skipped a date, the next one's start.</summary>
    private DateTimeOffset StartOf(DateOnly date)
    {
        try { return Dag.Calendar.Day(date).Start; }
        catch (ArgumentException) { return Dag.Calendar.Day(date.AddDays(1)).Start; }
    }
}
