using System.CommandLine;
using System.Text;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Metadata;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Records that were not landed, with the reason, the place and the bytes.</summary>
internal static class RejectsCommand
{
    private const int Most = 10_000;

    private static readonly Argument<string?> DatasetArgument = new("dataset") { Description = "Only those of this dataset (default: all)", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<int> MaxOption = new("--max") { Description = $"How many, the newest first, 1 to {Most:N0}", DefaultValueFactory = _ => 20, HelpName = "N" };
    private static readonly Argument<long> IdArgument = new("id") { Description = "Number of the reject, as `etl rejects list` names it" };

    public static Command New()
    {
        var list = new Verb("list", "The newest rejects", "etl rejects list truck_telemetry --max 50") { DatasetArgument, MaxOption };
        list.SetAction(Invocation.Of((invocation, parsed, cancel) => ListAsync(invocation, parsed.GetValue(DatasetArgument), parsed.GetValue(MaxOption), cancel)));
        var show = new Verb("show", "One reject: reason, place, key and bytes", "etl rejects show 1") { IdArgument };
        show.SetAction(Invocation.Of((invocation, parsed, cancel) => ShowAsync(invocation, parsed.GetValue(IdArgument), cancel)));
        return new Verb("rejects", "Records that could not be landed: list and show", "etl rejects list") { list, show };
    }

    private static async Task<int> ListAsync(Invocation invocation, string? dataset, int max, CancellationToken cancel)
    {
        if (max is < 1 or > Most) throw new UsageException($"--max: found {max}, expected 1 to {Most:N0}");
        var engine = await invocation.OpenKnownAsync(cancel);
        if (dataset is not null && !Composition.Dags.SelectMany(dag => dag.Steps).OfType<Etl.Contracts.Workflow.LandStep>().Any(step => step.Dataset == dataset)) await LakeCommand.DatasetsAsync(engine, dataset, cancel);
        var rejects = await engine.Metadata.Catalog.RejectsAsync(dataset, max, cancel);
        invocation.Terminal.Answer(rejects.Select(Brief), people =>
        {
            var table = Terminal.NewTable("id", "at", "dataset", "place", "reason", "detail");
            table.Columns[0].RightAligned();
            foreach (var stored in rejects)
                table.AddRow($"{stored.Id}", RowsView.Text(stored.At), Markup.Escape(stored.Reject.Dataset), Markup.Escape(Place(stored)), Markup.Escape(stored.Reject.Reason), Markup.Escape(stored.Reject.Detail));
            people.Write(table);
        });
        invocation.Terminal.Note(rejects.Count == 0 ? "no reject" : rejects.Count == max ? $"the newest {max:N0}; more with --max" : $"{rejects.Count:N0} rejects; `etl rejects show ID` has the bytes");
        return ExitCodes.Ok;
    }

    private static async Task<int> ShowAsync(Invocation invocation, long id, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        var stored = await engine.Metadata.Catalog.RejectAsync(id, cancel) ?? throw new NotFoundException($"found no reject {id}, expected one of `etl rejects list`");
        var reject = stored.Reject;
        invocation.Terminal.Answer(
            new { stored.Id, stored.At, stored.Commit, reject.Dataset, reject.Topic, reject.Generation, reject.Partition, reject.Offset, reject.Reason, reject.Detail, Key = Convert.ToHexStringLower(reject.Key), Bytes = Convert.ToHexStringLower(reject.Bytes) },
            people =>
            {
                people.MarkupLine($"[bold]{Markup.Escape(reject.Reason)}[/]: {Markup.Escape(reject.Detail)}");
                people.MarkupLine($"place    {Markup.Escape(Place(stored))} [grey](generation {reject.Generation}; `etl topic peek {Markup.Escape(reject.Topic)} --partition {reject.Partition} --offset {reject.Offset} --count 1`)[/]");
                people.MarkupLine($"dataset  {Markup.Escape(reject.Dataset)}, commit {stored.Commit} at {RowsView.Text(stored.At)}");
                people.MarkupLine($"key      {Markup.Escape(HexDump.TextOrHex(reject.Key))}");
                people.MarkupLine($"value    {reject.Bytes.Length:N0} bytes");
                people.Profile.Out.Writer.Write(HexDump.Of(reject.Bytes));
            });
        return ExitCodes.Ok;
    }

    private static object Brief(StoredReject stored) => new
    {
        stored.Id, stored.At, stored.Commit, stored.Reject.Dataset, stored.Reject.Topic, stored.Reject.Generation, stored.Reject.Partition, stored.Reject.Offset, stored.Reject.Reason, stored.Reject.Detail, Bytes = stored.Reject.Bytes.Length,
    };

    private static string Place(StoredReject stored) => $"{stored.Reject.Topic} {stored.Reject.Partition}:{stored.Reject.Offset}";
}
