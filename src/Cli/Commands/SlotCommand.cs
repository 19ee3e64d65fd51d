using System.CommandLine;
using System.Globalization;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Cli.Slots;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Single slots: where one stands and why it waits, another try, an end.</summary>
internal static class SlotCommand
{
    private const int Most = 10_000, ReasonShown = 80;

    private static readonly Argument<string[]> WordsArgument = new("slot") { Description = $"{SlotWords.Form}; a day of the DAG's zone as 2026-03-01", Arity = new(1, 3), HelpName = "slot" };
    private static readonly Option<string?> KeyOption = new("--key") { Description = "Which of several of one window: its key, or how it begins", HelpName = "KEY" };
    private static readonly Argument<string> DagArgument = new("dag") { Description = $"One of: {string.Join(", ", Composition.Dags.Select(dag => dag.Name))}" };
    private static readonly Option<string?> StepOption = new("--step") { Description = "Only those of this step", HelpName = "STEP" };
    private static readonly Option<SlotState?> StateOption = new("--state") { Description = "Only those in this state: waiting, queued, running, done, retrying, failed, skipped, cancelled", HelpName = "STATE" };
    private static readonly Option<int> MaxOption = new("--max") { Description = $"How many, the newest windows, 1 to {Most:N0}", DefaultValueFactory = _ => 20, HelpName = "N" };

    public static Command New()
    {
        var list = new Verb("list", "The newest slots of a DAG", "etl slot list trucks --state failed") { DagArgument, StepOption, StateOption, MaxOption };
        list.SetAction(Invocation.Of(ListAsync));
        var show = new Verb("show", "One slot: state, worker and lease, inputs, attempts, why it waits, when it is tried next", "etl slot show trucks/truck_hourly 2026-03-01T06:00Z") { WordsArgument, KeyOption };
        show.SetAction(Invocation.Of(ShowAsync));
        var retry = new Verb("retry", "Queue a slot again that failed, was skipped or cancelled, or waits for its next try", "etl slot retry trucks/truck_hourly 2026-03-01T06:00Z") { WordsArgument, KeyOption };
        retry.SetAction(Invocation.Of((invocation, parsed, cancel) => MoveAsync(invocation, parsed, "retry", SlotState.Queued, [SlotState.Failed, SlotState.Skipped, SlotState.Cancelled, SlotState.Retrying], cancel)));
        var stop = new Verb("cancel", "End a slot that is not done; what reads it waits", "etl slot cancel trucks/truck_hourly 2026-03-01T06:00Z") { WordsArgument, KeyOption };
        stop.SetAction(Invocation.Of((invocation, parsed, cancel) => MoveAsync(invocation, parsed, "cancel", SlotState.Cancelled, [SlotState.Waiting, SlotState.Queued, SlotState.Retrying, SlotState.Running], cancel)));
        return new Verb("slot", "Slots, one step for one window each: list, show, retry, cancel", "etl slot list trucks --state failed") { list, show, retry, stop };
    }

    private static async Task<int> ListAsync(Invocation invocation, ParseResult parsed, CancellationToken cancel)
    {
        int max = parsed.GetValue(MaxOption);
        if (max is < 1 or > Most) throw new UsageException($"--max: found {max}, expected 1 to {Most:N0}");
        var dag = RunCommand.Find(parsed.GetValue(DagArgument)!).Dag;
        IReadOnlyList<Step> steps = parsed.GetValue(StepOption) is { } name ? [SlotWords.StepOf(name.Contains('/') ? name : $"{dag.Name}/{name}")] : [.. dag.Steps.Where(step => step is not LandStep)];
        if (steps is [LandStep land]) SlotWords.GrainOf(land);
        var engine = await invocation.OpenKnownAsync(cancel);
        var slots = steps.Count == 0 ? [] : await engine.Metadata.Ledger.ListAsync(new() { Steps = [.. steps.Select(step => step.FullName)], States = parsed.GetValue(StateOption) is { } state ? [state] : null, Max = max }, cancel);
        invocation.Terminal.Answer(slots.Select(slot => new { slot.Id.Step, Window = slot.Id.Window.ToString(), slot.Id.Key, slot.State, slot.Lane, slot.Round, slot.Attempt, slot.Rows, slot.Version, slot.NotBefore, slot.Reason }), people =>
        {
            var table = Terminal.NewTable("step", "window", "state", "try", "rows", "reason");
            table.Columns[4].RightAligned();
            foreach (var slot in slots)
                table.AddRow(slot.Id.Step[(dag.Name.Length + 1)..], slot.Id.Window.ToString(), StateText.Word(slot.State), $"{slot.Round}.{slot.Attempt}", slot.Rows.ToString("N0", CultureInfo.InvariantCulture), Markup.Escape(slot.Reason.Length <= ReasonShown ? slot.Reason : slot.Reason[..(ReasonShown - 1)] + "…"));
            people.Write(table);
        });
        invocation.Terminal.Note(slots.Count == 0 ? "no such slot" : slots.Count == max ? $"the newest {max:N0}; more with --max" : $"{Counted.Of(slots.Count, "slot")}; `etl slot show STEP WINDOW` tells more");
        return ExitCodes.Ok;
    }

    private static async Task<int> ShowAsync(Invocation invocation, ParseResult parsed, CancellationToken cancel)
    {
        var (engine, step, slot) = await FindAsync(invocation, parsed, cancel);
        var report = await SlotReport.OfAsync(engine, step, slot, cancel);
        invocation.Terminal.Answer(report.Document(), report.Draw);
        if (slot.State is SlotState.Queued or SlotState.Waiting or SlotState.Retrying && invocation.Folder.IsOwner) invocation.Terminal.Note("no `etl up` runs on this folder now: nobody takes it");
        return ExitCodes.Ok;
    }

    private static async Task<int> MoveAsync(Invocation invocation, ParseResult parsed, string verb, SlotState to, SlotState[] from, CancellationToken cancel)
    {
        var (engine, _, slot) = await FindAsync(invocation, parsed, cancel);
        if (!from.Contains(slot.State))
            throw new ConflictException($"{slot.Id.Step} {slot.Id.Window} is {Word(slot.State)}; {verb} takes one that is {string.Join(", ", from[..^1].Select(Word))} or {Word(from[^1])}{(slot.State == SlotState.Done && to == SlotState.Queued ? $"; `etl rebuild` builds what is done once more" : "")}");
        string reason = to == SlotState.Queued ? "tried again from the command line" : "cancelled from the command line";
        if ((await engine.Metadata.Ledger.MoveAsync([new SlotMove(slot, to, reason)], cancel)).Count == 0)
            throw new ConflictException($"{slot.Id.Step} {slot.Id.Window} was changed by somebody else meanwhile; look at it with `etl slot show`");
        var after = await engine.Metadata.Ledger.FindAsync(slot.Id, cancel) ?? slot;
        invocation.Terminal.Answer(new { slot.Id.Step, Window = slot.Id.Window.ToString(), slot.Id.Key, after.State, after.Round, Before = slot.State }, people => people.MarkupLine($"{slot.Id.Step} {slot.Id.Window}: was {StateText.Word(slot.State)}, is {StateText.Word(after.State)}, round {after.Round}"));
        if (to == SlotState.Queued && invocation.Folder.IsOwner) invocation.Terminal.Note("`etl up` or `etl run` carries it out; no `etl up` runs on this folder now");
        return ExitCodes.Ok;
    }

    private static string Word(SlotState state) => state.ToString().ToLowerInvariant();

    /// <summary>What is wrong with the words is told before the folder is made.</summary>
    private static async Task<(Engine Engine, Step Step, Slot Slot)> FindAsync(Invocation invocation, ParseResult parsed, CancellationToken cancel)
    {
        var (step, window) = SlotWords.Parse(parsed.GetValue(WordsArgument)!);
        var engine = await invocation.OpenKnownAsync(cancel);
        return (engine, step, await SlotWords.FindAsync(engine, step, window, parsed.GetValue(KeyOption), cancel));
    }
}
