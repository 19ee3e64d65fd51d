using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Running;
using Spectre.Console;

namespace Etl.Cli.Slots;

/// <summary>One slot as the ledger has it now: where it stands, who has it, what it reads, and why it waits.</summary>
/// <param name="Wait">What it waits for; null where it may run, runs, or has ended.</param>
/// <param name="Inputs">With the rows that are in the lake now, and the last commit that changed them.</param>
internal sealed record SlotReport(Slot Slot, Step Step, string? Wait, IReadOnlyList<SlotReport.Input> Inputs, IReadOnlyList<AttemptStory> Attempts, DateTimeOffset Now)
{
    private const int AttemptsShown = 5;

    public sealed record Input(string Dataset, DateTimeOffset From, DateTimeOffset To, long Rows, long? ChangedIn);

    public static async Task<SlotReport> OfAsync(Engine engine, Step step, Slot slot, CancellationToken cancel)
    {
        var planner = new Planner(step.Dag, each => each is PollStep || each == step || engine.Jobs.JobOf(each) is not null);
        string? wait = slot.State is SlotState.Waiting or SlotState.Queued ? await new SlotWait(planner, engine.Metadata).ReasonAsync(slot.Id, slot.Lane, cancel) : null;
        if (wait is null && slot.State == SlotState.Queued && step.Limits.Pool is { } pool)
            wait = await PoolWait.ReasonAsync(engine.Metadata, step, Composition.Dags.SelectMany(dag => dag.Steps), Pools.SizeOf(engine.Settings.Steps.PoolSizes, pool), cancel);
        long head = await engine.Metadata.Commits.HeadAsync(cancel);
        var inputs = new List<Input>();
        foreach (var input in planner.InputsOf(slot.Id))
        {
            long rows = (await engine.Metadata.Catalog.RowsAsync(input.Dataset, input.From, input.To, head, cancel)).Sum(window => window.Rows);
            var changed = await engine.Metadata.Catalog.ChangedAsync(input.Dataset, input.From, input.To, cancel);
            inputs.Add(new(input.Dataset, input.From, input.To, rows, changed.Count > 0 ? changed.Max(window => window.Number) : null));
        }
        return new(slot, step, wait, inputs, await engine.Metadata.Logs.OfAsync(slot.Id, cancel), await engine.Metadata.NowAsync(cancel));
    }

    private SlotAttempt? Last => Attempts.Count > 0 ? Attempts[^1].Attempt : null;

    /// <summary>What happens next by itself, or what somebody can do.</summary>
    public string Next => Slot.State switch
    {
        SlotState.Running when Slot.LeaseEnd is { } end => end > Now
            ? $"its worker's lease ends in {In(end)} and is renewed while it runs" : $"its worker's lease is over since {Text(end)}: the next worker takes it",
        SlotState.Retrying when Slot.NotBefore is { } at => $"tried again at {Text(at)}{(at > Now ? $", in {In(at)}" : ", as soon as a worker is free")}; `etl slot retry` tries at once",
        SlotState.Queued when Slot.NotBefore is { } at && at > Now => $"not before {Text(at)}, in {In(at)}",
        SlotState.Queued when Wait is null => "due: the next free worker takes it",
        SlotState.Waiting when Wait is null => "may run: the next pass of planning queues it",
        SlotState.Waiting or SlotState.Queued => Wait!,
        SlotState.Failed => "stays so until somebody acts: `etl slot retry` tries again, and so does a change of its input",
        SlotState.Cancelled => "stays so: `etl slot retry` queues it again; what reads it waits",
        _ => "run again when an input changes, or by `etl rebuild`",
    };

    public object Document() => new
    {
        Slot.Id.Step, Window = Slot.Id.Window.ToString(), Slot.Id.Key, Slot.Id.Window.Start, Slot.Id.Window.End, Slot.Id.Window.Zone, Slot.State, Slot.Lane, Slot.Round, Slot.Attempt, Slot.Reason, WaitsFor = Wait, Next,
        Slot.NotBefore, Slot.LeaseEnd, Worker = Slot.State == SlotState.Running ? Last?.Worker : null, Token = Slot.State == SlotState.Running ? Slot.Token : (long?)null, Slot.Rows, Slot.Version, Slot.AsOf, Slot.Digest, Slot.Checksum,
        Inputs, Attempts = Attempts.Select(story => new { story.Attempt.Round, story.Attempt.Attempt, State = story.Attempt.State ?? SlotState.Running, story.Attempt.Started, story.Attempt.Ended, story.Attempt.Worker, story.Attempt.Rows, story.Attempt.Reason, Lines = story.Lines.Count }),
    };

    public void Draw(IAnsiConsole people)
    {
        var id = Slot.Id;
        people.MarkupLine($"[bold]{id.Step} {id.Window}[/]  {StateText.Word(Slot.State)}  [grey]{RowsView.Text(id.Window.Start)} to {RowsView.Text(id.Window.End)}, {id.Window.Zone}[/]");
        void Line(string name, string text, string style = "")
        {
            if (text.Length > 0) HangingText.Write(people, $"{name,-9}", text, style);
        }
        Line("key", id.Key);
        Line("reason", Slot.Reason, Slot.State == SlotState.Failed ? "red" : "");
        Line("next", Next, Wait is null ? "" : "yellow");
        if (Slot.State == SlotState.Running) Line("worker", $"{Last?.Worker ?? ""}, token {Slot.Token}, lease until {(Slot.LeaseEnd is { } end ? Text(end) : "")}");
        Line("lane", $"{Slot.Lane.ToString().ToLowerInvariant()}, round {Slot.Round}, attempt {Slot.Attempt} of the round");
        if (Slot.Version > 0) Line("result", $"version {Slot.Version}, {Slot.Rows:N0} rows{(Slot.AsOf > 0 ? $", read as of commit {Slot.AsOf}" : "")}");
        foreach (var input in Inputs)
            Line("reads", $"{input.Dataset} {RowsView.Text(input.From)} to {RowsView.Text(input.To)}: {input.Rows:N0} rows now{(input.ChangedIn is { } changed ? $", changed in commit {changed}{(Slot.AsOf > 0 && changed > Slot.AsOf ? ", after it was read" : "")}" : "")}");
        foreach (var story in Attempts.TakeLast(AttemptsShown))
            Line("attempt", $"{story.Attempt.Round}.{story.Attempt.Attempt} {(story.Attempt.State ?? SlotState.Running).ToString().ToLowerInvariant()} {Text(story.Attempt.Started)}{(LogView.Took(story.Attempt) is { } took ? $", {took.TotalSeconds:0.000} s" : "")}{(story.Attempt.Reason.Length > 0 ? $": {story.Attempt.Reason}" : "")}");
        if (Attempts.Count > AttemptsShown) people.MarkupLine($"[grey]and {Attempts.Count - AttemptsShown:N0} attempts before[/]");
        if (Attempts.Count > 0) people.MarkupLine($"[grey]etl runs logs {id.Step} {id.Window} shows what they said[/]");
    }

    private string In(DateTimeOffset at) => (at - Now) switch { { TotalMinutes: >= 2 } time => $"{time.TotalMinutes:0} minutes", var time => $"{time.TotalSeconds:0.0} s" };

    private static string Text(DateTimeOffset at) => RowsView.Text(at.AddTicks(-(at.UtcTicks % TimeSpan.TicksPerSecond)));
}
