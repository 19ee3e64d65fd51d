using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;

namespace Etl.Scheduler.Backfilling;

/// <summary>Finds what a backfill would do, and changes nothing.</summary>
public sealed class BackfillPlanner(IMetadata metadata, IJobCatalog jobs, TimeProvider clock)
{
    private const int SlotsPerPage = 1_000;

    /// <exception cref="ArgumentException">The request is not good; all that is wrong is listed.</exception>
    public async Task<BackfillPlan> PlanAsync(BackfillRequest request, CancellationToken cancel)
    {
        if (request.Faults().ToList() is { Count: > 0 } faults) throw new ArgumentException(string.Join("; ", faults));
        var plan = request.From == BackfillFrom.Source ? await PollsAsync(request, cancel) : await BuildsAsync(request, cancel);
        return plan.Windows.Count <= BackfillPlan.WindowsMax ? plan
            : throw new ArgumentException($"range: found {plan.Windows.Count:N0} windows, expected at most {BackfillPlan.WindowsMax:N0}; take a shorter range");
    }

    private async Task<BackfillPlan> PollsAsync(BackfillRequest request, CancellationToken cancel)
    {
        var (polls, settles) = Polls(request);
        var units = new List<(DateTimeOffset Start, List<PlannedWindow> Windows)>();
        int left = 0, open = 0;
        foreach (var poll in polls)
        {
            var found = await FindAsync([.. poll.Days.Select(day => new SlotId(poll.Step.FullName, day, poll.Key))], cancel);
            List<PlannedWindow> unit = [];
            foreach (var day in poll.Days)
            {
                var id = new SlotId(poll.Step.FullName, day, poll.Key);
                var slot = found.GetValueOrDefault(id);
                bool isStale = slot is not null && settles is { } time && Micros.ToInstant(Math.Max(slot.Version, slot.AsOf)) < day.End + time;
                var why = WhyOf(slot, isStale);
                if (why is null) open++;
                else if ((why & request.Policy) == 0) left++;
                if (why is not { } chosen || (chosen & request.Policy) == 0) continue;
                if (unit.Count > 0 && (unit.Count == poll.DaysPerFetch || unit[^1].Slot.Window.End != day.Start))
                {
                    units.Add((unit[0].Slot.Window.Start, unit));
                    unit = [];
                }
                unit.Add(new(0, id, "fetch", chosen, slot?.Round ?? 0, slot?.Rows ?? 0, poll.CallsPerFetch));
            }
            if (unit.Count > 0) units.Add((unit[0].Slot.Window.Start, unit));
        }
        var windows = Ordered(request, units);
        return new(request, windows, left, open, FollowOf(request, [.. windows.Select(window => window.Slot.Window).Distinct()]));
    }

    /// <summary>As a call of the DAG with these dates asks; a DAG without arguments asks each of its polls for all days.</summary>
    private (IReadOnlyList<PollRequest> Polls, TimeSpan? Settles) Polls(BackfillRequest request)
    {
        var dag = request.Dag;
        var days = dag.Calendar.Between(Grain.Day, request.Start, request.End).ToList();
        if (dag.Arguments is not { } arguments)
            return request.Texts.Count > 0 ? throw new ArgumentException($"{dag.Name} takes no parameters, found {string.Join(", ", request.Texts.Keys)}") : ([.. dag.Steps.OfType<PollStep>().Select(poll => new PollRequest(poll, "", days))], null);
        var texts = new Dictionary<string, string>(request.Texts, StringComparer.Ordinal) { [DagCall.FirstDate] = $"{request.First:yyyy-MM-dd}", [DagCall.LastDate] = $"{request.Last:yyyy-MM-dd}" };
        var call = arguments.Read(dag, texts, clock.GetUtcNow(), out var faults) ?? throw new ArgumentException($"{dag.Name}: {string.Join("; ", faults)}");
        return (call.Polls, call.Settles);
    }

    private async Task<BackfillPlan> BuildsAsync(BackfillRequest request, CancellationToken cancel)
    {
        var planner = new Planner(request.Dag, step => step is PollStep || jobs.JobOf(step) is not null);
        var inputs = await PlannedInputs.ReadAsync(metadata, request, cancel);
        var units = new Dictionary<DateTimeOffset, List<PlannedWindow>>();
        int left = 0, open = 0;
        foreach (var step in planner.WindowSteps.Where(step => step is not PollStep && (request.Only is null || request.Only == step)))
        {
            var windows = inputs.WindowsOf(step);
            var found = await FindAsync([.. windows.Select(window => new SlotId(step.FullName, window))], cancel);
            foreach (var window in windows)
            {
                var id = new SlotId(step.FullName, window);
                var slot = found.GetValueOrDefault(id);
                bool isStale = step is BuildStep && slot is { State: SlotState.Done } && request.Policy.HasFlag(BackfillPolicy.Stale)
                    && (planner.InputsOf(id).Any(input => inputs.ChangedAfter(input, slot.AsOf)) || slot.Digest != await jobs.DigestAsync(step, window, cancel));
                var why = WhyOf(slot, isStale);
                if (step is not BuildStep && why != BackfillPolicy.Failed) continue; // they follow the results that they read
                if (why is null) open++;
                else if ((why & request.Policy) == 0) left++;
                if (why is not { } chosen || (chosen & request.Policy) == 0) continue;
                var day = request.Dag.Calendar.DayOf(window.Start).Start;
                if (!units.TryGetValue(day, out var unit)) units.Add(day, unit = []);
                unit.Add(new(0, id, step is BuildStep ? "build" : step is CheckStep ? "check" : "publish", chosen, slot?.Round ?? 0, planner.InputsOf(id).Sum(inputs.RowsOf)));
            }
        }
        var ordered = Ordered(request, [.. units.Select(unit => (unit.Key, unit.Value))]);
        return new(request, ordered, left, open, FollowOf(request, [.. ordered.Where(window => window.Action == "build").Select(window => window.Slot.Window)]));
    }

    /// <summary>null for one that is still to be done.</summary>
    internal static BackfillPolicy? WhyOf(Slot? slot, bool isStale) => slot switch
    {
        null => BackfillPolicy.Missing,
        _ when !SlotTransitions.IsEnd(slot.State) => null,
        { State: not SlotState.Done } => BackfillPolicy.Failed,
        _ => isStale ? BackfillPolicy.Stale : BackfillPolicy.Done,
    };

    private static List<PlannedWindow> Ordered(BackfillRequest request, IReadOnlyList<(DateTimeOffset Start, List<PlannedWindow> Windows)> units)
    {
        var ordered = request.Order == BackfillOrder.Newest ? units.OrderByDescending(unit => unit.Start) : units.OrderBy(unit => unit.Start);
        return [.. ordered.SelectMany((unit, index) => unit.Windows.Select(window => window with { Unit = index + 1 }))];
    }

    /// <summary>What reads the changed windows: every build, check and publish after them that runs here.</summary>
    private List<(string Step, int Windows)> FollowOf(BackfillRequest request, IReadOnlyList<Window> windows)
    {
        var days = windows.Select(window => request.Dag.Calendar.DayOf(window.Start)).Distinct().ToList();
        var follow = new List<(string, int)>();
        bool isSource = request.From == BackfillFrom.Source;
        foreach (var step in (isSource ? BackfillRequest.Fed(request.Dag).SelectMany(dag => dag.Steps).Concat(request.Dag.Steps) : request.Dag.Steps).Where(step => step is CheckStep or PublishStep || (step is BuildStep && (isSource || (request.Only is not null && request.Only != step)))))
        {
            if (jobs.JobOf(step) is null || (request.Only is { } only && !Reads(step, only))) continue;
            var grain = step switch { BuildStep build => build.Grain, CheckStep check => check.Of.Grain, PublishStep publish => publish.Of.Grain, _ => Grain.Day };
            if (days.Count > 0) follow.Add((step.FullName, grain == Grain.Day ? days.Count : days.Sum(day => step.Dag.Calendar.HoursOf(day).Count())));
        }
        return follow;
    }

    private static bool Reads(Step step, Step other) => step.Inputs.Any(input => input == other || Reads(input, other));

    private async Task<Dictionary<SlotId, Slot>> FindAsync(IReadOnlyList<SlotId> ids, CancellationToken cancel)
    {
        var found = new Dictionary<SlotId, Slot>();
        foreach (var page in ids.Chunk(SlotsPerPage))
            foreach (var slot in await metadata.Ledger.FindAsync(page, cancel)) found[slot.Id] = slot;
        return found;
    }
}
