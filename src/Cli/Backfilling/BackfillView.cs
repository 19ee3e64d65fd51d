using System.Globalization;
using Etl.Cli.Output;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Backfilling;
using Spectre.Console;

namespace Etl.Cli.Backfilling;

/// <summary>Backfills and their plans for people and programs.</summary>
internal static class BackfillView
{
    private const int ReasonShown = 100, WindowsShown = 10_000;

    public static object Document(BackfillPlan plan) => new
    {
        Dag = plan.Request.Dag.Name, Only = plan.Request.Only?.Name, plan.Request.From, plan.Request.First, plan.Request.Last, plan.Request.Dag.Zone, Policy = Text(plan.Request.Policy), plan.Request.Order, Plan = plan.Hash, Windows = plan.Windows.Count, plan.Units, plan.Calls, plan.Left, plan.Open,
        Steps = plan.Lines.Select(line => new { line.Step, line.Action, Why = Text(line.Why), line.Windows, line.From, line.To, line.Calls, line.RowsKnown }),
        Follow = plan.Follow.Select(follow => new { follow.Step, follow.Windows }),
        Slots = plan.Windows.Take(WindowsShown).Select(window => new { window.Unit, window.Slot.Step, Window = window.Slot.Window.ToString(), window.Slot.Key, Why = Text(window.Why) }),
    };

    public static void Draw(BackfillPlan plan, IAnsiConsole people)
    {
        var request = plan.Request;
        people.MarkupLine($"[bold]{request.Only?.FullName ?? request.Dag.Name}[/] from {request.From.ToString().ToLowerInvariant()}, {Day(request.First)} to {Day(request.Last)} ({request.Dag.Zone}), {Text(request.Policy)}, {request.Order.ToString().ToLowerInvariant()} first");
        if (plan.Windows.Count == 0)
        {
            people.MarkupLine($"{(request.From == BackfillFrom.Topic ? "nothing known yet: what the topics hold lands first, and is built as it comes" : "nothing to do")}: {plan.Left:N0} windows are left alone{(plan.Open > 0 ? $", {plan.Open:N0} are to be done anyhow" : "")}");
            return;
        }
        var table = Terminal.NewTable("step", "action", "windows", "from (UTC)", "until (UTC)", "calls", "rows known");
        foreach (int column in (int[])[2, 5, 6]) table.Columns[column].RightAligned();
        foreach (var line in plan.Lines)
            table.AddRow(line.Step, $"{line.Action}, {Text(line.Why)}", $"{line.Windows:N0}", Hour(line.From), Hour(line.To), line.Calls > 0 ? $"{line.Calls:N0}" : "", line.RowsKnown > 0 ? $"{line.RowsKnown:N0}" : "");
        people.Write(table);
        foreach (var (step, windows) in plan.Follow) people.MarkupLine($"[grey]then {step}: {windows:N0} windows at most, as their inputs change[/]");
        people.MarkupLine($"plan [bold]{plan.Hash}[/]: {plan.Windows.Count:N0} windows in {plan.Units:N0} units{(plan.Calls > 0 ? $", {plan.Calls:N0} calls" : "")}; {plan.Left:N0} left alone{(plan.Open > 0 ? $", {plan.Open:N0} to be done anyhow" : "")}");
    }

    public static object Document(Backfill backfill, DateTimeOffset now) => new
    {
        backfill.Id, backfill.Dag, backfill.From, backfill.First, backfill.Last, Policy = Text(backfill.Policy), backfill.Order, backfill.Parallelism, backfill.Parameters, Plan = backfill.Hash, backfill.State, backfill.Created, backfill.Ended, backfill.Windows,
        Done = backfill.DoneWindows, Failed = backfill.FailedWindows, backfill.UnderWay, Left = Left(backfill), WindowsPerSecond = Rate(backfill, now), SecondsLeft = Rest(backfill, now)?.TotalSeconds, backfill.Reason,
    };

    public static Table Table(IReadOnlyList<Backfill> backfills, DateTimeOffset now)
    {
        var table = Terminal.NewTable("backfill", "dag", "from", "range", "state", "done", "failed", "windows", "rate", "left", "reason");
        foreach (int column in (int[])[0, 5, 6, 7, 8, 9]) table.Columns[column].RightAligned();
        foreach (var each in backfills)
            table.AddRow($"{each.Id}", each.Dag, each.From.ToString().ToLowerInvariant(), $"{Day(each.First)} to {Day(each.Last)}", Word(each.State), $"{each.DoneWindows:N0}", each.FailedWindows > 0 ? $"[red]{each.FailedWindows:N0}[/]" : "0", $"{each.Windows:N0}",
                Rate(each, now) is { } rate ? $"{rate:0.#}/s" : "", Rest(each, now) is { } rest ? Time(rest) : "", Markup.Escape(each.Reason.Length <= ReasonShown ? each.Reason : each.Reason[..(ReasonShown - 1)] + "…"));
        return table;
    }

    /// <summary>How far it is, in one line.</summary>
    public static string Progress(Backfill backfill, DateTimeOffset now) => $"{backfill.State.ToString().ToLowerInvariant()}, {Counts(backfill, now)}";

    public static string Counts(Backfill backfill, DateTimeOffset now) =>
        $"{backfill.DoneWindows + backfill.FailedWindows:N0} of {backfill.Windows:N0} windows{(backfill.FailedWindows > 0 ? $", {backfill.FailedWindows:N0} failed" : "")}{(Rate(backfill, now) is { } rate ? $", {rate:0.#}/s" : "")}{(Rest(backfill, now) is { } rest ? $", {Time(rest)} left" : "")}";

    public static string Word(BackfillState state) => $"[{(state switch { BackfillState.Done => "green", BackfillState.Failed => "red", BackfillState.Paused => "yellow", BackfillState.Cancelled => "grey", _ => "blue" })}]{state.ToString().ToLowerInvariant()}[/]";

    public static string Text(BackfillPolicy policy) => policy == BackfillPolicy.All ? "all" : policy.ToString().ToLowerInvariant();

    public static string Day(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Windows a second since it began or was resumed; null where it does not run.</summary>
    public static double? Rate(Backfill backfill, DateTimeOffset now) =>
        backfill is { State: BackfillState.Running, Since: { } since } && now > since && backfill.DoneWindows + backfill.FailedWindows - backfill.EndedBefore is > 0 and var ended ? ended / (now - since).TotalSeconds : null;

    public static TimeSpan? Rest(Backfill backfill, DateTimeOffset now) => Rate(backfill, now) is { } rate && Left(backfill) / rate is < 1e9 and var seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static long Left(Backfill backfill) => backfill.Windows - backfill.DoneWindows - backfill.FailedWindows;

    private static string Hour(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Time(TimeSpan time) => time.TotalHours >= 2 ? $"{time.TotalHours:0.#} h" : time.TotalMinutes >= 2 ? $"{time.TotalMinutes:0.#} min" : $"{time.TotalSeconds:0} s";
}
