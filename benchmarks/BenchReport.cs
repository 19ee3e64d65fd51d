using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spectre.Console;

namespace Etl.Benchmarks;

/// <summary>A bench's result, as people, programs and the results folder see it.</summary>
public sealed record BenchReport(IBench Bench, BenchFigure Figure)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public bool Ok => Figure.Holds(Bench.Bar);

    /// <summary>One document: <c>name, value, unit, bar, ok, settings, measures, machine</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            name = Bench.Name,
            value = Rounded(Figure.Value),
            unit = Bench.Unit,
            bar = Bench.Bar.ToString(),
            ok = Ok,
            settings = Figure.Settings,
            measures = Figure.Measures.Select(one => new { name = one.Name, value = Rounded(one.Value), unit = one.Unit, bar = one.Bar?.ToString(), ok = one.Bar?.Holds(one.Value) ?? true }),
            machine = Machine.This(),
        },
        Json);

    /// <summary>Writes the document to <paramref name="folder"/>, over that of the time before.</summary>
    /// <returns>The file.</returns>
    public string Save(string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{Bench.Name}.json");
        File.WriteAllText(path, ToJson() + "\n");
        return path;
    }

    public static Table ToTable(IEnumerable<BenchReport> reports)
    {
        var table = new Table().AddColumns("bench", "value", "unit", "bar", "");
        foreach (var report in reports)
        {
            AddRow(table, report.Bench.Name, report.Figure.Value, report.Bench.Unit, report.Bench.Bar);
            foreach (var measure in report.Figure.Measures) AddRow(table, $"  {measure.Name}", measure.Value, measure.Unit, measure.Bar);
        }
        return table;
    }

    private static void AddRow(Table table, string name, double value, string unit, Bar? bar) => table.AddRow(
        Markup.Escape(name),
        Rounded(value).ToString("#,0.###", CultureInfo.InvariantCulture),
        Markup.Escape(unit),
        bar?.ToString() ?? "",
        bar is null ? "" : bar.Holds(value) ? "[green]ok[/]" : "[red]missed[/]");

    private static double Rounded(double value) => value == 0 ? 0 : Math.Round(value, Math.Clamp(3 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 12));
}
