using System.Text.Json;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;

namespace Etl.Scheduler.Service;

/// <summary>Reads a run's parameters as its DAG does, and asks for the days of that call. A DAG without arguments asks each poll for the local day of the fire and the lookback before it.</summary>
/// <remarks>The call is read as of the fire, not as of now: a run that was missed asks for its own days.</remarks>
public sealed class RunCalls(ILedger ledger) : IRunCalls
{
    public async Task<IReadOnlyList<SlotId>> OpenAsync(Dag dag, Run run, CancellationToken cancel)
    {
        var call = CallOf(dag, run);
        await new PollPlanning(ledger).RunAsync(call, run.Lane, $"run {run.Id}, {run.Kind.ToString().ToLowerInvariant()}", cancel, run.Created);
        return [.. call.Slots];
    }

    /// <summary>What a run asks of its polls, and by which rule what was fetched before is fetched again.</summary>
    /// <exception cref="ArgumentException">The parameters are not good; all that is wrong is listed.</exception>
    public static DagCall CallOf(Dag dag, Run run)
    {
        if (dag.Arguments is not { } arguments) return new(new Dictionary<string, string>(), [.. dag.Steps.OfType<PollStep>().Select(poll => new PollRequest(poll, "", DaysOf(dag, run.Fire)))], Again: true);
        return arguments.Read(dag, Texts(run), run.Fire, out var faults) ?? throw new ArgumentException($"{dag.Name}: {string.Join("; ", faults)}");
    }

    /// <summary>What a further round of a run tries again: failed slots of these steps, in the windows of the run's polls where it has some.</summary>
    public static SlotFilter FailedIn(IReadOnlyList<SlotId> polls, IReadOnlyList<Step> steps) => new()
    {
        Steps = [.. steps.Select(step => step.FullName).Distinct(StringComparer.Ordinal)], States = [SlotState.Failed], Max = 100_000,
        From = polls.Count > 0 ? polls.Min(poll => poll.Window.Start) : null, To = polls.Count > 0 ? polls.Max(poll => poll.Window.End) : null,
    };

    /// <summary>The day that holds the fire, and those before it, rising.</summary>
    public static IReadOnlyList<Window> DaysOf(Dag dag, DateTimeOffset fire)
    {
        var days = new List<Window> { dag.Calendar.DayOf(fire) };
        while (days.Count <= dag.LookbackDays) days.Add(dag.Calendar.DayOf(days[^1].Start.AddTicks(-1)));
        days.Reverse();
        return days;
    }

    private static Dictionary<string, string> Texts(Run run)
    {
        try { return JsonSerializer.Deserialize<Dictionary<string, string>>(run.Parameters) ?? []; }
        catch (JsonException error) { throw new ArgumentException($"run {run.Id}: parameters {run.Parameters}: expected a JSON object of texts ({error.Message})", error); }
    }
}
