using System.Text.Json;
using Spectre.Console;

namespace Etl.Benchmarks;

/// <summary>What the program does: list, or run and report. Data alone goes to stdout, messages to stderr.</summary>
internal static class BenchRun
{
    private const int Done = 0, BarMissed = 1, UnknownName = 3, Unavailable = 6; // as all verbs of the program

    private static readonly IAnsiConsole Messages = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });

    public static int List(bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(Benches.All.Select(bench => new { name = bench.Name, unit = bench.Unit, bar = bench.Bar.ToString(), description = bench.Description })));
            return Done;
        }
        var table = new Table().AddColumns("bench", "bar", "what is measured");
        foreach (var bench in Benches.All) table.AddRow(Markup.Escape(bench.Name), Markup.Escape($"{bench.Bar} {bench.Unit}"), Markup.Escape(bench.Description));
        AnsiConsole.Write(table);
        return Done;
    }

    public static async Task<int> RunAsync(string[] names, BenchSettings settings, bool json, string results, CancellationToken cancel)
    {
        if (names.FirstOrDefault(name => Benches.Find(name) is null) is { } unknown)
        {
            await Console.Error.WriteLineAsync($"found no bench \"{unknown}\", expected one of: {string.Join(", ", Benches.All.Select(bench => bench.Name))}");
            return UnknownName;
        }
        var reports = new List<BenchReport>();
        foreach (var bench in names.Distinct().Select(name => Benches.Find(name)!))
        {
            Messages.MarkupLineInterpolated($"[grey]{bench.Name}: {bench.Description}[/]");
            try
            {
                reports.Add(new(bench, await bench.RunAsync(settings, cancel)));
            }
            catch (BenchUnavailableException missing)
            {
                await Console.Error.WriteLineAsync($"{bench.Name}: {missing.Message}");
                return Unavailable;
            }
            if (settings.Scale == 1) Messages.MarkupLineInterpolated($"[grey]written to {reports[^1].Save(results)}[/]");
            if (json) Console.WriteLine(reports[^1].ToJson());
        }
        if (!json) AnsiConsole.Write(BenchReport.ToTable(reports));
        return reports.All(report => report.Ok) ? Done : BarMissed;
    }

    /// <summary><c>benchmarks/results</c> of the repository the program was built in; beside the program where there is none.</summary>
    public static string ResultsFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Etl.sln"))) return Path.Combine(folder.FullName, "benchmarks", "results");
        return Path.Combine(AppContext.BaseDirectory, "results");
    }
}
