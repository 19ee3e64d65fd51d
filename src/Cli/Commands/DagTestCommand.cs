using System.CommandLine;
using System.Globalization;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Cli.Testing;
using Etl.Cli.Why;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Backfilling;
using Etl.Scheduler.Planning;
using Etl.Scheduler.Service;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Runs one window of a DAG on what the lake holds, and leaves everything as it is.</summary>
internal static class DagTestCommand
{
    private const int RowsMost = 1_000;

    private static readonly Argument<string> DagArgument = new("dag") { Description = $"One of: {string.Join(", ", Composition.Dags.Select(dag => dag.Name))}" };
    private static readonly Option<string> WindowOption = new("--window") { Description = "2026-03-01 for a day of the DAG's zone with its hours, 2026-03-01T06:00Z for an hour", Required = true, HelpName = "W" };
    private static readonly Option<int> RowsOption = new("--rows") { Description = $"Rows of each result to show, 0 to {RowsMost:N0}", DefaultValueFactory = _ => 5, HelpName = "N" };
    private static readonly Option<bool> SqlOption = new("--sql") { Description = "Show the SQL of each step too" };

    public static Command New()
    {
        var test = new Verb("test", "Build and check one window by the jobs of a real run, on what the lake holds; show the rows, commit and publish nothing", "etl dag test trucks --window 2026-03-01T06:00Z") { DagArgument, WindowOption, RowsOption, SqlOption };
        test.SetAction(Invocation.Of(RunAsync));
        return test;
    }

    private static async Task<int> RunAsync(Invocation invocation, ParseResult parsed, CancellationToken cancel)
    {
        var product = RunCommand.Find(parsed.GetValue(DagArgument)!);
        var dag = product.Dag;
        int rows = parsed.GetValue(RowsOption);
        if (rows is < 0 or > RowsMost) throw new UsageException($"--rows: found {rows}, expected 0 to {RowsMost:N0}");
        if (!dag.Steps.OfType<BuildStep>().Any()) throw new UsageException($"{dag.Name} builds nothing{(BackfillRequest.Fed(dag) is { Count: > 0 } fed ? $"; what it fetches is built by {string.Join(", ", fed.Select(each => each.Name))}" : "")}");
        string text = parsed.GetValue(WindowOption)!;
        bool isDay = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
        var window = WindowText.Parse(text, isDay ? Grain.Day : Grain.Hour, dag.Calendar, dag.Name);
        var engine = await invocation.OpenKnownAsync(cancel);
        using var progress = new ProgressLine(invocation.Terminal, $"test {dag.Name} {window}");
        await using var session = await WriterSession.OpenAsync(engine.Metadata, $"test {dag.Name}", invocation.Clock, cancel);
        using var report = await DagTest.RunAsync(engine, product, window, session.Token, rows, invocation.Clock, progress.Report, cancel);
        var took = progress.Elapsed;
        progress.Dispose();
        if (report.Lines.Count == 0) throw new NotFoundException($"{dag.Name}: found nothing landed in {window}, expected events in {string.Join(", ", dag.Steps.OfType<LandStep>().Select(land => land.Dataset))}; `etl run {dag.Name}` lands what its topics hold");
        invocation.Terminal.Answer(report.Document(took), people => report.Draw(people, took));
        if (parsed.GetValue(SqlOption)) ShowSql(invocation.Terminal, product, report);
        var first = report.Lines[0];
        var planner = new Planner(dag, step => step is PollStep || engine.Jobs.JobOf(step) is not null);
        if (await new SlotWait(planner, engine.Metadata).ReasonAsync(new(first.Step.FullName, report.Lines.Last(line => line.Step == first.Step).Window), Lane.Live, cancel) is { } wait) invocation.Terminal.Note($"[yellow]a run would not build this yet[/]: {Markup.Escape(wait)}");
        if (!isDay && dag.Steps.OfType<BuildStep>().Any(build => build.Grain == Grain.Day)) invocation.Terminal.Note($"[grey]steps of days are left out; --window {dag.Calendar.DateOf(window.Start):yyyy-MM-dd} tests the whole day[/]");
        return report.IsFailed ? ExitCodes.WorkFailed : ExitCodes.Ok;
    }

    private static void ShowSql(Terminal terminal, Product product, DagTestReport report) => terminal.Show(people =>
    {
        foreach (string name in report.Lines.Select(line => line.Step is BuildStep build ? build.SqlName : ((CheckStep)line.Step).SqlName).Distinct(StringComparer.Ordinal))
        {
            people.MarkupLine($"[bold]{Markup.Escape(name)}[/]");
            people.WriteLine(product.Sql(name).TrimEnd());
        }
    });
}
