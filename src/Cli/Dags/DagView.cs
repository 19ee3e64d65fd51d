using System.Globalization;
using Etl.Cli.Output;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;
using Etl.Scheduler.Planning;
using NodaTime;
using Spectre.Console;

namespace Etl.Cli.Dags;

/// <summary>A DAG as the ledger knows it now.</summary>
/// <param name="Next">Fires to come; empty where it has no schedule.</param>
/// <param name="Windows">By step, the last ones, rising.</param>
/// <param name="Failed">Windows of any step that have failed.</param>
/// <param name="Defaults">What limits a step whose DAG does not.</param>
internal sealed record DagView(Dag Dag, DagStatus Status, IReadOnlyList<DateTimeOffset> Next, IReadOnlyList<Run> Runs, IReadOnlyDictionary<string, IReadOnlyList<Slot>> Windows, int Failed, DateTimeOffset Now, StepLimits Defaults)
{
    public const int WindowsShown = 24;

    /// <summary>Letters of a line from which on the steps are a table.</summary>
    private const int WideTable = 150;

    private const int FiresShown = 5, RunsShown = 5, FailedMax = 100_000;

    /// <param name="windows">Most of each step.</param>
    public static async Task<DagView> OfAsync(IMetadata metadata, Dag dag, DateTimeOffset now, int windows, StepLimits defaults, CancellationToken cancel)
    {
        var status = await metadata.Runs.StatusAsync(dag.Name, cancel);
        var runs = await metadata.Runs.ListAsync(new() { Dags = [dag.Name], Max = RunsShown }, cancel);
        var steps = dag.Steps.Where(step => step is not LandStep).Select(step => step.FullName).ToList();
        var last = new Dictionary<string, IReadOnlyList<Slot>>(StringComparer.Ordinal);
        if (windows > 0)
            foreach (string step in steps) last[step] = await metadata.Ledger.ListAsync(new() { Steps = [step], Max = windows }, cancel);
        int failed = steps.Count == 0 ? 0 : (await metadata.Ledger.ListAsync(new() { Steps = steps, States = [SlotState.Failed], Max = FailedMax }, cancel)).Count;
        return new(dag, status, [.. FireTimes.Of(dag).Between(now, DateTimeOffset.MaxValue.AddDays(-2)).Take(FiresShown)], runs, last, failed, now, defaults);
    }

    public string OnOff => Status.IsPaused ? "[yellow]paused[/]" : "[green]on[/]";

    public string LastRunText => Runs.Count == 0 ? "–" : $"{StateText.Word(Runs[0].State)} {Utc(Runs[0].Fire)}";

    public static string Utc(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    public object Brief() => new
    {
        Dag = Dag.Name, Paused = Status.IsPaused, Schedule = ScheduleText.Of(Dag), Cron = Dag.Schedule.Expression, Dag.Zone, Next = Next.Cast<DateTimeOffset?>().FirstOrDefault(),
        LastRun = Runs.Count > 0 ? RunView.Brief(Runs[0]) : null, FailedWindows = Failed,
    };

    public object Document() => new
    {
        Dag = Dag.Name, Paused = Status.IsPaused, Status.Note, Schedule = ScheduleText.Of(Dag), Cron = Dag.Schedule.Expression, Every = Dag.Schedule.Interval, Dag.Zone, CatchUp = Dag.CatchUp.Kind, Dag.CatchUp.Within, Dag.LookbackDays,
        PlannedUntil = Status.Reached, Next = Next.Select(fire => new { Local = Local(fire), Utc = fire }), FailedWindows = Failed,
        Steps = Dag.Steps.Select(step => new { step.Name, Kind = Kind(step), Reads = step.Inputs.Select(input => input.Name), Limits = step is LandStep ? null : new { TimeSeconds = LimitsOf(step).Time?.TotalSeconds, LimitsOf(step).MemoryMegabytes, LimitsOf(step).Pool }, Windows = Windows.GetValueOrDefault(step.FullName)?.Select(slot => new { Window = slot.Id.Window.ToString(), slot.State, slot.Rows, slot.Reason }) }),
        Parameters = Dag.Arguments?.Parameters.Select(parameter => new { parameter.Name, parameter.Meaning, parameter.Default }),
        Runs = Runs.Select(RunView.Brief),
    };

    public void Draw(IAnsiConsole people)
    {
        people.MarkupLine($"[bold]{Dag.Name}[/]  {OnOff}{(Status.Note.Length > 0 ? $" [grey]({Markup.Escape(Status.Note)})[/]" : "")}  {Markup.Escape(ScheduleText.Of(Dag))}{(Dag.Schedule.Expression is { } cron ? $" [grey]{Markup.Escape(cron)}[/]" : "")}");
        people.MarkupLine($"[grey]{(Dag.Schedule.IsManual ? $"zone {Dag.Zone}" : ScheduleText.CatchUpOf(Dag.CatchUp))}{(Dag.LookbackDays > 0 ? $"; each run polls the {Dag.LookbackDays} days before again" : "")}{(Status.Reached is { } reached ? $"; planned until {Utc(reached)}Z" : "")}[/]");
        if (Next.Count > 0)
        {
            var fires = Terminal.NewTable($"next fires, {Dag.Zone}", "UTC", "in");
            foreach (var fire in Next) fires.AddRow(Local(fire), $"{Utc(fire)}Z", In(fire - Now));
            people.Write(fires);
        }
        DrawSteps(people);
        if (Windows.Values.Any(windows => windows.Count > 0)) people.MarkupLine($"[grey]{StateText.Legend}[/]");
        if (Failed > 0) people.MarkupLine($"[red]{Failed:N0} windows have failed[/]");
        foreach (var slot in Windows.Values.SelectMany(windows => windows).Where(slot => slot.State == SlotState.Failed).Take(RunsShown)) people.MarkupLine($"  [red]✗[/] {slot.Id.Step} {slot.Id.Window}: {Markup.Escape(slot.Reason)}");
        if (Runs.Count > 0) RunView.Draw(people, Runs);
        else people.MarkupLine("[grey]no run yet[/]");
    }

    /// <summary>A table; where the terminal is too narrow for one, two lines a step, so that no name and no row of cells is broken.</summary>
    private void DrawSteps(IAnsiConsole people)
    {
        string Cells(Step step) => string.Concat((Windows.GetValueOrDefault(step.FullName) ?? []).Select(slot => StateText.Cell(slot.State)));
        string Newest(Step step) => Windows.GetValueOrDefault(step.FullName) is [.., var last] ? last.Id.Window.ToString() : step is LandStep land ? $"[grey]topic {Markup.Escape(land.Topic)}[/]" : "[grey]none yet[/]";
        string Limits(Step step) => step is LandStep ? "" : LimitsOf(step).ToString();
        string Reads(Step step) => string.Join(", ", step.Inputs.Select(input => input.Name));
        if (people.Profile.Width < WideTable)
        {
            foreach (var step in Dag.Steps)
            {
                people.MarkupLine($"[bold]{step.Name}[/] [grey]{Kind(step)}{(step.Inputs.Count > 0 ? $", reads {Reads(step)}" : "")}{(Limits(step) is { Length: > 0 } limits ? $", within {limits}" : "")}[/]");
                people.MarkupLine($"  {Cells(step)}{(Windows.GetValueOrDefault(step.FullName) is { Count: > 0 } ? "  " : "")}{Newest(step)}");
            }
            return;
        }
        var steps = Terminal.NewTable("step", "kind", "reads", "within", "last windows", "newest");
        foreach (var step in Dag.Steps) steps.AddRow(step.Name, Kind(step), Reads(step), Limits(step), Cells(step), Newest(step));
        people.Write(steps);
    }

    private StepLimits LimitsOf(Step step) => step.Limits.Or(Defaults);

    private string Local(DateTimeOffset fire) => Instant.FromDateTimeOffset(fire).InZone(DateTimeZoneProviders.Tzdb[Dag.Zone]).ToString("uuuu-MM-dd HH:mm x", CultureInfo.InvariantCulture);

    private static string Kind(Step step) => step switch
    {
        LandStep => "land",
        PollStep => "poll",
        BuildStep build => build.Grain == Grain.Hour ? "build, hour" : "build, day",
        CheckStep => "check",
        PublishStep publish => $"publish, {publish.Sink.Name}",
        _ => "",
    };

    private static string In(TimeSpan time) => time.TotalDays >= 2 ? $"{time.TotalDays:0} days" : time.TotalHours >= 2 ? $"{time.TotalHours:0} hours" : time.TotalMinutes >= 2 ? $"{time.TotalMinutes:0} minutes" : $"{time.TotalSeconds:0} s";
}
