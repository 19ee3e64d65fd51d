using System.CommandLine;
using System.Text.RegularExpressions;
using Etl.Cli.Hosting;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Lake;

namespace Etl.Cli.Commands;

/// <summary>Asks the lake in SQL: one SELECT over datasets and results as of now, locked down.</summary>
internal static partial class SqlCommand
{
    private static readonly Argument<string> SqlArgument = new("sql") { Description = "One SELECT, in DuckDB's dialect; datasets of `etl lake ls` are its tables" };
    private static readonly Option<bool> CsvOption = new("--csv") { Description = "Write the rows as CSV" };

    public static Command New()
    {
        var command = new Verb("sql", "Ask the lake: one SELECT over its datasets as of now, read-only", "etl sql \"select hour, sum(events) from truck_hourly group by hour order by hour\"") { SqlArgument, CsvOption };
        command.SetAction(Invocation.Of((invocation, parsed, cancel) => RunAsync(invocation, parsed.GetValue(SqlArgument)!, parsed.GetValue(CsvOption), cancel)));
        return command;
    }

    private static async Task<int> RunAsync(Invocation invocation, string sql, bool csv, CancellationToken cancel)
    {
        if (csv && invocation.Terminal.IsJson) throw new UsageException("found both --csv and --json, expected one of them");
        var engine = await invocation.OpenKnownAsync(cancel);
        using var query = engine.NewQuery(invocation.Clock);
        using var answer = await AskAsync(query, engine, sql, cancel);
        invocation.Terminal.Answer(
            new { answer.AsOf, Columns = answer.Rows.Fields.Select(field => field.Name), Rows = invocation.Terminal.IsJson ? RowsView.Objects(answer.Rows, answer.Count) : [], Cut = answer.IsCut },
            people =>
            {
                if (csv) Csv.Write(people.Profile.Out.Writer, answer.Rows, answer.Count);
                else RowsView.Draw(people, answer.Rows, answer.Count);
            });
        if (answer.IsCut) invocation.Terminal.Say($"[yellow]cut:[/] there are more than these {answer.Count:N0} rows; narrow the question");
        else if (!csv) invocation.Terminal.Note($"[grey]{Counted.Of(answer.Count, "row")} as of commit {answer.AsOf}[/]");
        return ExitCodes.Ok;
    }

    private static async Task<LakeAnswer> AskAsync(LakeQuery query, Engine engine, string sql, CancellationToken cancel)
    {
        try { return await query.AskAsync(sql, cancel); }
        catch (LakeException error) when (error.Fault is LakeFault.Sql or LakeFault.UnknownDataset)
        {
            if (UnknownTable().Match(error.Message) is not { Success: true } unknown) throw new UsageException(OneLine(error.Message));
            var datasets = await engine.Metadata.Catalog.DatasetsAsync(cancel);
            throw new NotFoundException($"found no dataset {unknown.Groups[1].Value}, expected {(datasets.Count > 0 ? $"one of: {string.Join(", ", datasets)}" : "one that `etl run` has landed or built; there is none yet")}");
        }
    }

    /// <summary>DuckDB draws an arrow below the text of the question; one line says the same.</summary>
    internal static string OneLine(string message) => string.Join("; ", message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Where(line => line != "^" && !line.StartsWith("LINE ", StringComparison.Ordinal)));

    [GeneratedRegex(@"Table with name (\S+) does not exist")] private static partial Regex UnknownTable();
}
