using System.Globalization;
using Etl.Cli.Output;
using Etl.Codecs.Columns;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Spectre.Console;

namespace Etl.Cli.Testing;

/// <summary>What a test of one window came to.</summary>
/// <param name="AsOf">The commit whose state was read.</param>
internal sealed record DagTestReport(Dag Dag, Window Window, long AsOf) : IDisposable
{
    private const int FailuresShown = 5;

    /// <param name="Before">The window's slot, where it has a result; for builds.</param>
    public sealed record Line(Step Step, Window Window, JobResult Result, Slot? Before, IReadOnlyList<LogLine> Log)
    {
        public bool IsFailed => Result is JobResult.Failed;

        public long RowCount => Result is JobResult.Done done ? done.Result.Rows : 0;

        /// <summary>Against what the lake holds.</summary>
        public string Outcome => (Step, Result) switch
        {
            (_, JobResult.Failed) => "failed",
            (_, JobResult.Skipped) => "left out",
            (CheckStep, _) => "passed",
            (_, JobResult.Done) when Before is null => "new",
            (_, JobResult.Done done) when done.Result.Checksum == Before!.Checksum => "as it is",
            _ => "changed",
        };
    }

    public List<Line> Lines { get; } = [];

    public List<PublishStep> Publishes { get; } = [];

    public List<(BuildStep Step, Window Window, ColumnBatch Rows, int Most)> Rows { get; } = [];

    public bool IsFailed => Lines.Any(line => line.IsFailed);

    public void Add(Line line) => Lines.Add(line);

    /// <summary>The first failure among these steps inside the window.</summary>
    public Line? FailedBefore(IReadOnlyList<Step> steps, Window window) =>
        Lines.FirstOrDefault(line => line.Result is JobResult.Failed or JobResult.Skipped && steps.Contains(line.Step) && line.Window.Start < window.End && line.Window.End > window.Start);

    public object Document(TimeSpan took) => new
    {
        Dag = Dag.Name, Window = Window.ToString(), AsOf, Committed = false, Failed = Lines.Count(line => line.IsFailed), Seconds = Math.Round(took.TotalSeconds, 3),
        Windows = Lines.Select(line => new
        {
            Step = line.Step.FullName, Window = line.Window.ToString(), line.Outcome, Rows = line.RowCount, RowsBefore = line.Before?.Rows, Reason = ReasonOf(line), Checksum = line.Result is JobResult.Done done ? done.Result.Checksum : null,
            Lines = line.Log.Select(said => new { said.Severity, said.Text }),
        }),
        Publishes = Publishes.Select(publish => new { Sink = publish.Sink.Name, publish.Table, Rows = RowsOf(publish), Outcome = OutcomeOf(publish) }),
        Results = Rows.Select(shown => new { shown.Step.Dataset, Window = shown.Window.ToString(), Rows = RowsView.Objects(shown.Rows, Math.Min(shown.Most, shown.Rows.RowCount)) }),
    };

    public void Draw(IAnsiConsole people, TimeSpan took)
    {
        people.MarkupLine($"[bold]{Dag.Name} {Window}[/] as of commit {AsOf}; nothing is committed or published [grey]({took.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s)[/]");
        var table = Terminal.NewTable("step", "windows", "rows", "outcome");
        foreach (int column in (int[])[1, 2]) table.Columns[column].RightAligned();
        foreach (var step in Lines.GroupBy(line => line.Step))
            table.AddRow(step.Key.Name, $"{step.Count():N0}", step.Key is BuildStep ? $"{step.Sum(line => line.RowCount):N0}" : "", string.Join(", ", step.GroupBy(line => line.Outcome).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => Coloured(group.Key, step.Count() == 1 ? group.Key : $"{group.Count():N0} {group.Key}"))));
        foreach (var publish in Publishes) table.AddRow($"[grey]{publish.Sink.Name} {Markup.Escape(publish.Table)}[/]", "", $"{RowsOf(publish):N0}", $"[grey]{OutcomeOf(publish)}[/]");
        people.Write(table);
        foreach (var line in Lines.Where(line => line.IsFailed).Take(FailuresShown))
        {
            people.MarkupLine($"[red]✗[/] [bold]{line.Step.Name} {line.Window}[/]");
            foreach (var said in line.Log) HangingText.Write(people, "  ", said.Text, said.Severity == LogSeverity.Info ? "" : "yellow");
            HangingText.Write(people, "  ", ReasonOf(line), "red");
        }
        if (Lines.Count(line => line.IsFailed) is > FailuresShown and var failed) people.MarkupLine($"[red]and {failed - FailuresShown:N0} more[/]; --json has them");
        foreach (var (step, window, rows, most) in Rows)
        {
            people.MarkupLine($"[bold]{step.Dataset}[/] {window}{(rows.RowCount > most ? $" [grey]({most:N0} of {rows.RowCount:N0} rows)[/]" : "")}");
            RowsView.Draw(people, rows, Math.Min(most, rows.RowCount));
        }
    }

    public void Dispose()
    {
        foreach (var shown in Rows) shown.Rows.Dispose();
    }

    private long RowsOf(PublishStep publish) => Lines.Where(line => line.Step == publish.Of).Sum(line => line.RowCount);

    /// <summary>What would become of it in a run.</summary>
    private string OutcomeOf(PublishStep publish)
    {
        var of = Lines.Where(line => line.Step == publish.Of).ToList();
        if (of.Count == 0) return "nothing to publish";
        return Lines.Any(line => publish.Inputs.Contains(line.Step) && line.Outcome is "failed" or "left out" && of.Any(each => each.Window.Start < line.Window.End && line.Window.Start < each.Window.End)) ? "would be held back" : "would be published";
    }

    private static string ReasonOf(Line line) => line.Result switch
    {
        JobResult.Failed failed => $"{failed.Class.ToString().ToLowerInvariant()} failure: {failed.Reason}",
        JobResult.Skipped skipped => skipped.Reason,
        _ => "",
    };

    private static string Coloured(string outcome, string text) => $"[{outcome switch { "failed" => "red", "left out" or "changed" => "yellow", "as it is" or "passed" => "green", _ => "blue" }}]{text}[/]";
}
