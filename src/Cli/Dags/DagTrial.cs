using System.Text.Json;
using System.Text.RegularExpressions;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps;
using Etl.Jobs.Steps.Landing;
using Etl.Lake;
using Etl.Lake.DuckDb;

namespace Etl.Cli.Dags;

/// <summary>Binds the SQL of every DAG over the columns that its topics declare, before a slot runs: a DAG that is wrong is refused, and the others run.</summary>
public static partial class DagTrial
{
    /// <summary>Where the outcome is kept; it holds for one build of the program.</summary>
    public const string File = "dags-checked.json";

    /// <summary>As <see cref="Of"/>; from <paramref name="folder"/>, where this build of the program has judged them before.</summary>
    public static IReadOnlyList<RefusedDag> Kept(IReadOnlyList<Product> products, DuckDatabase database, string folder)
    {
        string key = string.Join(' ', products.Select(product => product.Source).Append(typeof(LakeTrial)).Append(typeof(DagTrial)).Append(typeof(Dag)).Select(type => type.Module.ModuleVersionId).Distinct()) + $" {DuckDatabase.Version}";
        string path = Path.Combine(folder, File);
        try
        {
            if (JsonSerializer.Deserialize<Outcome>(System.IO.File.ReadAllText(path)) is { } kept && kept.Key == key) return kept.Refused;
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException) { } // judged anew
        var refused = Of(products, database);
        try
        {
            System.IO.File.WriteAllText($"{path}.{Environment.ProcessId}", JsonSerializer.Serialize(new Outcome(key, refused)));
            System.IO.File.Move($"{path}.{Environment.ProcessId}", path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException) { } // judged again next time
        return refused;
    }

    public static IReadOnlyList<RefusedDag> Of(IReadOnlyList<Product> products, DuckDatabase database)
    {
        var refused = new List<RefusedDag>();
        foreach (var product in products)
            if (FaultOf(product, new(database)) is { } fault) refused.Add(fault);
        foreach (var product in products.Where(product => refused.All(fault => fault.Dag != product.Dag.Name)))
            if (products.FirstOrDefault(other => other != product && product.Feeds(other) && refused.Any(fault => fault.Dag == other.Dag.Name)) is { } fed)
                refused.Add(new(product.Dag.Name, RefusedDag.FileOf(product.Source), $"fills topics that {fed.Dag.Name} lands, which is refused"));
        return refused;
    }

    private static RefusedDag? FaultOf(Product product, LakeTrial trial)
    {
        foreach (var step in product.Dag.Steps)
        {
            string? sql = step switch { BuildStep build => build.SqlName, CheckStep check => check.SqlName, _ => null };
            try { Try(product, step, trial); }
            catch (Exception error) when (error is WorkException or FormatException or FileNotFoundException or InvalidDataException)
            {
                return new(product.Dag.Name, RefusedDag.FileOf(product.Source, sql) + (sql is null || error is FileNotFoundException ? "" : LineOf(error.Message, product.Sql(sql))), $"step {step.Name}: {OneLine(error.Message)}");
            }
        }
        return null;
    }

    private static void Try(Product product, Step step, LakeTrial trial)
    {
        switch (step)
        {
            case LandStep land:
                var topic = product.Topics.FirstOrDefault(topic => topic.Name == land.Topic)
                    ?? throw new WorkException(FailureClass.Contract, $"lands the topic \"{land.Topic}\", for which the product declares no schema; it declares: {(product.Topics.Count == 0 ? "none" : string.Join(", ", product.Topics.Select(declared => declared.Name)))}");
                trial.Declare(LakeInputs.Of(land), LandingSchema.Of(land, topic.Schema, []).Shape.Fields);
                break;
            case BuildStep build: trial.Build(build.Dataset, product.Sql(build.SqlName), build.Grain, build.Key, [build.From.Dataset]); break;
            case CheckStep check: trial.Check(check.Name, product.Sql(check.SqlName), check.Of.Grain, [.. check.Inputs.OfType<DatasetStep>().Select(input => input.Dataset)]); break;
        }
    }

    /// <summary>As the message tells it; else where the name that it quotes stands first.</summary>
    private static string LineOf(string message, string sql)
    {
        if (Line().Match(message) is { Success: true } told) return $":{told.Groups[1].Value}";
        return Quoted().Match(message) is { Success: true } name && sql.IndexOf(name.Groups[1].Value, StringComparison.OrdinalIgnoreCase) is >= 0 and var at ? $":{sql.AsSpan(0, at).Count('\n') + 1}" : "";
    }

    /// <summary>Without DuckDB's drawing of the line: the line's number is told already.</summary>
    private static string OneLine(string text) => string.Join("; ", text.ReplaceLineEndings("\n").Split("\n\nLINE")[0].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    [GeneratedRegex(@"\b(?:LINE|line) (\d+)")] private static partial Regex Line();

    [GeneratedRegex("\"(\\w+)\"")] private static partial Regex Quoted();

    private sealed record Outcome(string Key, IReadOnlyList<RefusedDag> Refused);
}
