using System.Text.Json;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Service;

/// <summary>Reads a run's parameters as its DAG does, and asks for the days of that call. A DAG without arguments asks each poll for the local day of the fire and the lookback before it.</summary>
/// <remarks>The call is read as of the fire, not as of now: a run that was missed asks for its own days.</remarks>
public sealed class RunCalls(ILedger ledger) : IRunCalls
{
    private const int SlotsPerPage = 1_000;

    public async Task<IReadOnlyList<SlotId>> OpenAsync(Dag dag, Run run, CancellationToken cancel)
    {
        var (wanted, again) = Wanted(dag, run);
        string reason = $"run {run.Id}, {run.Kind.ToString().ToLowerInvariant()}";
        foreach (var page in wanted.Chunk(SlotsPerPage))
        {
            await ledger.PlanAsync([.. page.Select(id => new PlannedSlot(id, run.Lane, SlotState.Queued, reason))], cancel);
            // Done since the run was made: by itself, before a worker was stopped or in an earlier round.
            bool IsToRepeat(Slot slot) => SlotTransitions.IsEnd(slot.State) && (slot.State != SlotState.Done || (again && slot.AsOf < Micros.Of(run.Created)));
            await ledger.MoveAsync([.. (await ledger.FindAsync(page, cancel)).Where(IsToRepeat).Select(slot => new SlotMove(slot, SlotState.Queued, reason))], cancel);
        }
        return wanted;
    }

    /// <summary>The slots of polls that a run asks for, and whether those fetched before are fetched again.</summary>
    /// <exception cref="ArgumentException">The parameters are not good; all that is wrong is listed.</exception>
    public static (IReadOnlyList<SlotId> Slots, bool Again) Wanted(Dag dag, Run run)
    {
        if (dag.Arguments is not { } arguments) return ([.. DaysOf(dag, run.Fire).SelectMany(day => dag.Steps.OfType<PollStep>().Select(poll => new SlotId(poll.FullName, day)))], true);
        var call = arguments.Read(dag, Texts(run), run.Fire, out var faults) ?? throw new ArgumentException($"{dag.Name}: {string.Join("; ", faults)}");
        return ([.. call.Polls.SelectMany(request => request.Days.Select(day => new SlotId(request.Step.FullName, day, request.Key)))], call.Again);
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
