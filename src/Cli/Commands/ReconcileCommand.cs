using System.CommandLine;
using Etl.Cli.Reconciling;
using Etl.Cli.Settings;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Cli.Commands;

/// <summary>Whether topic, lake and every sink hold the same: rows, keys and a checksum of the values of each window.</summary>
internal static class ReconcileCommand
{
    /// <summary>Windows of one call: three years of hours and some.</summary>
    private const int WindowsMax = 30_000;

    private static readonly Argument<string> DatasetArgument = new("dataset") { Description = "A result or dataset, e.g. truck_hourly" };
    private static readonly Option<string> FromOption = new("--from") { Description = "First local date of the DAG's zone, included", Required = true, HelpName = "DATE" };
    private static readonly Option<string> ToOption = new("--to") { Description = "Last local date, included", Required = true, HelpName = "DATE" };
    private static readonly Option<bool> RowsOption = new("--rows") { Description = "Tell the rows that differ, 100 a window at most" };

    public static Command New()
    {
        var command = new Verb("reconcile", "Whether topic, lake and every sink hold the same, window by window", "etl reconcile truck_hourly --from 2026-03-01 --to 2026-03-03") { DatasetArgument, FromOption, ToOption, RowsOption };
        command.SetAction(Invocation.Of(RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation, ParseResult parsed, CancellationToken cancel)
    {
        string dataset = parsed.GetValue(DatasetArgument)!;
        var step = WhyCommand.Find(dataset);
        var (first, last) = (BackfillCommand.DateOf("--from", parsed.GetValue(FromOption)!), BackfillCommand.DateOf("--to", parsed.GetValue(ToOption)!));
        if (last < first) throw new UsageException($"--to: found {last:O}, before --from {first:O}");
        var calendar = step.Dag.Calendar;
        var (from, to) = (calendar.Day(first).Start, calendar.Day(last).End);
        if ((to - from).TotalHours > WindowsMax) throw new UsageException($"--from {first:O} --to {last:O}: found {(to - from).TotalHours:N0} hours, expected {WindowsMax:N0} at most; call it for parts of it");
        var engine = await invocation.OpenKnownAsync(cancel);
        var reconciler = new DatasetReconciler(engine);
        var document = await reconciler.RunAsync(step, calendar, from, to, parsed.GetValue(RowsOption), await invocation.OpenTopicsAsync(cancel), cancel);
        invocation.Terminal.Answer(document, people => ReconcileView.Draw(document, people));
        return document.Differences.Count > 0 ? ExitCodes.WorkFailed : document.Compared.Any(part => part.Windows == 0) ? ExitCodes.DoneInPart : ExitCodes.Ok; // what was not compared is not equal
    }
}
