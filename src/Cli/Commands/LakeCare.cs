using System.CommandLine;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps;
using Etl.Lake;
using Etl.Topics;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>Looks after the lake: compares it with what the store lists, takes files back in, joins small ones.</summary>
internal static class LakeCare
{
    private static readonly TimeSpan Lease = TimeSpan.FromHours(1);
    private static readonly Option<bool> RowsOption = new("--rows") { Description = "Read every row too, not footers alone" };

    public static Command Verify()
    {
        var command = new Verb("verify", "Compare the files with what the store lists, and their offsets with what was landed", "etl lake verify --rows") { RowsOption };
        command.SetAction(Invocation.Of((invocation, parsed, cancel) => VerifyAsync(invocation, parsed.GetValue(RowsOption), cancel)));
        return command;
    }

    public static Command Adopt()
    {
        var command = new Verb("adopt", "List the lake's files anew from their own footers, when the store was lost", "etl lake adopt");
        command.SetAction(Invocation.Of((invocation, _, cancel) => AdoptAsync(invocation, cancel)));
        return command;
    }

    public static Command Compact()
    {
        var command = new Verb("compact", "Join small files of events into larger ones with the same rows", "etl lake compact truck_telemetry") { LakeCommand.DatasetArgument };
        command.SetAction(Invocation.Of((invocation, parsed, cancel) => CompactAsync(invocation, parsed.GetValue(LakeCommand.DatasetArgument), cancel)));
        return command;
    }

    private static async Task<int> VerifyAsync(Invocation invocation, bool rows, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel, sweep: true);
        var report = await new Verify(engine.Lake).RunAsync(engine.Known, rows, cancel);
        invocation.Terminal.Answer(report, people =>
        {
            foreach (var finding in report.Findings) people.MarkupLine($"[red]✗[/] {Markup.Escape(finding.ToString())}");
            foreach (string topic in report.Moving) people.MarkupLine($"[yellow]•[/] {Markup.Escape(topic)} was landing all the while: its rows and progress were not compared");
            if (report.Findings.Count == 0) people.MarkupLine($"[green]✓[/] {report.Files:N0} files with {report.Rows:N0} rows are as listed, {(rows ? "every row read" : "by their footers")}");
        });
        return report.Findings.Count == 0 ? ExitCodes.Ok : ExitCodes.WorkFailed;
    }

    private static async Task<int> AdoptAsync(Invocation invocation, CancellationToken cancel)
    {
        invocation.MustKnowData(isElsewhere: Directory.Exists(invocation.Settings.Lake.Options(invocation.Settings.Data).Folder)); // a lake that lost its store, or was copied here
        invocation.MustOwnFolder("lake adopt");
        var ids = await TopicIdsAsync(invocation, cancel);
        var engine = await invocation.OpenEngineAsync(cancel, sweep: false); // files that the store does not list are what is looked for
        var report = await AsWriterAsync(engine, "lake adopt", token => new Adopt(engine.Lake, engine.Committer).RunAsync(token, ids, cancel), cancel);
        invocation.Terminal.Answer(
            new { report.Files, report.Rows, LeftOut = report.LeftOut.Select(file => new { file.Path, file.Reason }), report.Uncovered },
            people => people.MarkupLine(Markup.Escape(report.ToString())));
        foreach (var (path, reason) in report.LeftOut) invocation.Terminal.Note($"[grey]left out[/] {Markup.Escape(path)}: {Markup.Escape(reason)}");
        foreach (var range in report.Uncovered) invocation.Terminal.Note($"[red]not covered[/] {Markup.Escape(range.Topic)} partition {range.Partition}, offsets {range.From} to {range.To}");
        return report.Uncovered.Count == 0 ? ExitCodes.Ok : ExitCodes.DoneInPart;
    }

    private static async Task<int> CompactAsync(Invocation invocation, string? only, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel, sweep: true);
        invocation.MustOwnFolder("lake compact");
        var declared = Composition.Dags.SelectMany(dag => dag.Steps).OfType<LandStep>().Select(LakeInputs.Of).ToList();
        var names = await LakeCommand.DatasetsAsync(engine, only, cancel);
        if (only is not null && declared.All(input => input.Dataset != only)) throw new UsageException($"{only} holds results, one file for each window: there is nothing to compact; expected one of: {string.Join(", ", declared.Select(input => input.Dataset))}");
        var reports = new List<(string Dataset, CompactionReport Report)>();
        foreach (var input in declared.Where(input => names.Contains(input.Dataset)))
            reports.Add((input.Dataset, await AsWriterAsync(engine, "lake compact", token => new Compaction(engine.Lake, engine.Committer).RunAsync(input, token, cancel), cancel)));
        invocation.Terminal.Answer(reports.Select(done => new { done.Dataset, done.Report.FilesBefore, done.Report.FilesAfter, done.Report.Rows, done.Report.Refused }), people =>
        {
            foreach (var (dataset, report) in reports)
                people.MarkupLine($"{Markup.Escape(dataset)}: {(report.FilesBefore == 0 ? "nothing to join" : $"{report.FilesBefore:N0} files became {report.FilesAfter:N0}, {report.Rows:N0} rows")}");
        });
        foreach (string refusal in reports.SelectMany(done => done.Report.Refused)) invocation.Terminal.Note($"[yellow]left as it was[/] {Markup.Escape(refusal)}");
        return reports.All(done => done.Report.Refused.Count == 0) ? ExitCodes.Ok : ExitCodes.DoneInPart;
    }

    private static async Task<T> AsWriterAsync<T>(Engine engine, string name, Func<long, Task<T>> work, CancellationToken cancel)
    {
        long token = await engine.Metadata.Commits.OpenWriterAsync(name, Lease, cancel);
        try { return await work(token); }
        finally { await engine.Metadata.Commits.CloseWriterAsync(token, CancellationToken.None); }
    }

    /// <summary>Ids as the broker has them now. Without a broker the files are adopted all the same; landing then compares the logs itself.</summary>
    private static async Task<IReadOnlyDictionary<string, string>> TopicIdsAsync(Invocation invocation, CancellationToken cancel)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            var topics = await invocation.OpenTopicsAsync(cancel);
            using var admin = new TopicAdmin(topics.Kafka);
            foreach (var topic in Composition.Products.SelectMany(product => product.Topics))
                if (await admin.FindAsync(topic.Name, cancel) is { } facts) ids[topic.Name] = facts.Id;
        }
        catch (StoreException error) { invocation.Terminal.Note($"[yellow]•[/] topics are adopted without their ids: {Markup.Escape(error.Message)}"); }
        return ids;
    }
}
