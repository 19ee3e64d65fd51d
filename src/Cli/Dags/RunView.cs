using System.Globalization;
using Etl.Cli.Output;
using Etl.Contracts.Workflow;
using Spectre.Console;

namespace Etl.Cli.Dags;

/// <summary>Runs for people and programs.</summary>
internal static class RunView
{
    private const int ReasonShown = 100;

    public static object Brief(Run run) => new
    {
        run.Id, run.Dag, run.Kind, run.State, run.Fire, run.From, run.To, run.Lane, run.Round, run.Created, run.Started, run.Ended, run.Windows, run.Rows, run.Reason, run.Parameters, ParameterSet = run.ParameterSet.Length > 0 ? run.ParameterSet : null, run.CodeVersion,
    };

    /// <summary>Letters of a line from which on a run is one row of all columns.</summary>
    private const int WideTable = 130;

    /// <summary>A table; where the terminal is too narrow for all of it, without kind and windows, and with the reasons of failures below.</summary>
    public static void Draw(IAnsiConsole people, IReadOnlyList<Run> runs)
    {
        if (people.Profile.Width >= WideTable)
        {
            people.Write(Table(runs));
            return;
        }
        var few = Terminal.NewTable("run", "dag", "fire (UTC)", "state", "took", "rows");
        foreach (int column in (int[])[0, 4, 5]) few.Columns[column].RightAligned();
        foreach (var run in runs) few.AddRow($"{run.Id}", run.Dag, run.Fire.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), StateText.Word(run.State), Took(run), $"{run.Rows:N0}");
        people.Write(few);
        foreach (var run in runs.Where(run => run.State == RunState.Failed)) HangingText.Write(people, $"✗ run {run.Id}  ", run.Reason);
    }

    private static Table Table(IReadOnlyList<Run> runs)
    {
        var table = Terminal.NewTable("run", "dag", "kind", "fire (UTC)", "state", "took", "windows", "rows", "reason");
        foreach (int column in (int[])[0, 5, 6, 7]) table.Columns[column].RightAligned();
        foreach (var run in runs)
            table.AddRow($"{run.Id}", run.Dag, run.Kind.ToString().ToLowerInvariant(), run.Fire.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), StateText.Word(run.State) + (run.Round > 1 ? $" [grey]round {run.Round}[/]" : ""),
                Took(run), $"{run.Windows:N0}", $"{run.Rows:N0}", Markup.Escape(run.Reason.Length <= ReasonShown ? run.Reason : run.Reason[..(ReasonShown - 1)] + "…"));
        return table;
    }

    public static string Took(Run run) => run is { Started: { } started, Ended: { } ended } ? (ended - started) switch
    {
        { TotalMinutes: >= 100 } time => $"{time.TotalHours:0.0} h",
        { TotalSeconds: >= 100 } time => $"{time.TotalMinutes:0.0} min",
        var time => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
    } : "";
}
