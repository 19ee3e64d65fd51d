using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;
using Etl.Scheduler.Service;
using Etl.Sources.Weather;
using Spectre.Console;

namespace Etl.Cli.Triggering;

/// <summary>What a call of a DAG came to, with the DAGs that it feeds.</summary>
/// <param name="Call">null where the DAG has no arguments, or was only run on.</param>
/// <param name="Planned">What became of the days the call asked for.</param>
/// <param name="Runs">In the order in which they ran; empty when nobody waited.</param>
/// <param name="Source">What polls asked.</param>
internal sealed record TriggerReport(Dag Dag, DagCall? Call, PollsPlanned? Planned, IReadOnlyList<RunReport> Runs, IWeatherSource Source, bool Waited, TimeSpan Took)
{
    private const int FailuresShown = 10;

    /// <summary>The run that it was; null where a DAG without arguments was left to `etl up`.</summary>
    public Run? Run { get; init; }

    /// <summary>What its run is told to have come to.</summary>
    public RunEnd End
    {
        get
        {
            var others = Runs.SelectMany(run => run.Halts).Select(halt => $"{halt.Topic} partition {halt.Partition} is halted: {halt.Reason}").ToList();
            if (PollsOpen > 0) others.Add($"{PollsOpen:N0} days are not fetched yet: the source asks for patience");
            return new(Code == ExitCodes.Ok ? RunState.Done : RunState.Failed, Runs.Sum(run => run.Ended), Runs.Sum(run => run.Rows), FailureText.Of(others, Failed.Select(slot => (slot.Id, slot.Reason))));
        }
    }

    private IEnumerable<Slot> Failed => Runs.SelectMany(run => run.Failed);

    /// <summary>5 where some of it could not be done, 1 where nothing could.</summary>
    public int Code => !Failed.Any() && !Runs.SelectMany(run => run.Halts).Any() && PollsOpen == 0 ? ExitCodes.Ok
        : Runs.Sum(run => run.Built + run.Published + run.Checked + run.Polled + run.Landed) > 0 ? ExitCodes.DoneInPart : ExitCodes.WorkFailed;

    /// <summary>Calls of the source that were made.</summary>
    private long Calls => Source.Calls;

    private bool HasPolls => Dag.Steps.OfType<PollStep>().Any();

    /// <summary>Days that are still to be fetched: the source asks for patience, for longer than a call waits.</summary>
    private int PollsOpen => Runs.SelectMany(run => run.Open).Count(slot => Dag.Steps.OfType<PollStep>().Any(poll => poll.FullName == slot.Id.Step));

    private int Waiting => Runs.Sum(run => run.Open.Count) - Failed.Count();

    public void Answer(Terminal terminal)
    {
        terminal.Answer(Document(), Draw);
        if (terminal.IsJson) return;
        foreach (var halt in Runs.SelectMany(run => run.Halts)) terminal.Say($"[red]halted[/] {Markup.Escape(halt.Topic)} partition {halt.Partition}: {Markup.Escape(halt.Reason)}");
        foreach (var slot in Failed.Take(FailuresShown)) terminal.Say($"[red]{slot.State.ToString().ToLowerInvariant()}[/] {slot.Id.Step} {slot.Id.Window}: {Markup.Escape(slot.Reason)}");
        if (Waiting > 0 && !Runs.All(IsNothing) && Runs.SelectMany(run => run.Open).FirstOrDefault(slot => slot.State is SlotState.Waiting or SlotState.Queued or SlotState.Running) is { } first)
            terminal.Note($"{Waiting:N0} windows wait, the first: {first.Id.Step} {first.Id.Window}, {Markup.Escape(first.Reason)}");
    }

    private object Document() => new
    {
        Dag = Dag.Name, Run = Run is { } recorded ? new { recorded.Id, recorded.State } : null,
        Read = Runs.Sum(run => run.Read), Landed = Runs.Sum(run => run.Landed), Rejected = Runs.Sum(run => run.Rejected),
        Built = Runs.Sum(run => run.Built), Unchanged = Runs.Sum(run => run.Unchanged), Checked = Runs.Sum(run => run.Checked), Published = Runs.Sum(run => run.Published), Retried = Runs.Sum(run => run.Retried),
        Failed = Failed.Count(), Waiting,
        Halted = Runs.SelectMany(run => run.Halts).Select(halt => new { halt.Topic, halt.Partition, halt.Reason }),
        Poll = HasPolls ? new
        {
            Source = Source.Name, MadeUp = Source.IsOffline, Calls, Open = PollsOpen, Fetched = Runs.Sum(run => run.Polled), FetchedUnchanged = Runs.Sum(run => run.PolledUnchanged),
            Asked = Planned is { } asked ? new { asked.Missing, asked.Again, asked.Open, asked.Done } : null, Parameters = Call?.Texts, ParameterSet = Call?.ParameterSet is { Length: > 0 } set ? set : null,
        } : null,
        Seconds = Math.Round(Took.TotalSeconds, 3),
    };

    private void Draw(IAnsiConsole people)
    {
        if (Run is { } recorded) people.MarkupLine(Waited ? $"{Dag.Name}: run {recorded.Id} {StateText.Word(recorded.State)}, {recorded.Windows:N0} windows, {recorded.Rows:N0} rows" : $"{Dag.Name}: run {recorded.Id} {StateText.Word(recorded.State)}; `etl runs show {recorded.Id}` tells what becomes of it");
        if (HasPolls) people.MarkupLine($"{Dag.Name}: {PollText()}");
        foreach (var run in Runs.Where(run => run.Dag != Dag.Name || Dag.Steps.Any(step => step is not PollStep)))
            people.MarkupLine(IsNothing(run)
                ? $"{run.Dag}: nothing to do, everything is up to date"
                : $"{run.Dag}: landed {run.Landed:N0}{(run.Rejected > 0 ? $", rejected {run.Rejected:N0} (see `etl rejects list`)" : "")}, built {run.Built:N0}{Steps(run)}{(run.Unchanged > 0 ? $", unchanged {run.Unchanged:N0}" : "")}, checked {run.Checked:N0}, published {run.Published:N0}"
                    + $" [grey]({Took.TotalSeconds:F1} s)[/]");
    }

    private string PollText()
    {
        string before = Planned is { Done: > 0 } some ? $", {some.Done:N0} days were fetched before" : "";
        if (!Waited) return Planned is { Due: > 0 } due ? $"queued {due.Due:N0} days to fetch{before}; `etl up` or `etl run {Dag.Name}` fetches them" : $"nothing to fetch{before}";
        if (Calls == 0) return $"no call was made{before}";
        int polled = Runs.Sum(run => run.Polled), same = Runs.Sum(run => run.PolledUnchanged);
        return $"fetched {polled + same:N0} days in {Calls:N0} calls{(same > 0 ? $", {same:N0} as they were" : "")}{before} [grey]({PollAccess.Told(Source)})[/]";
    }

    private static bool IsNothing(RunReport run) => run.Read + run.Built + run.Unchanged + run.Checked + run.Published == 0 && !run.Failed.Any() && !run.Halts.Any();

    private static string Steps(RunReport run) => run.BuiltByStep.Count == 0 ? "" : $" ({string.Join(", ", run.BuiltByStep.Select(step => $"{step.Key} {step.Value:N0}"))})";
}
