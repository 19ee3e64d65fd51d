using Etl.Cli.Output;
using Etl.Contracts.Workflow;
using Spectre.Console;

namespace Etl.Cli.Parameters;

/// <summary>A saved set, and what its DAG says of it now.</summary>
/// <param name="Faults">What is wrong with its values.</param>
/// <param name="Wants">What each call must give beside it; told only where no value is wrong.</param>
internal sealed record JudgedSet(ParameterSet Set, Dag? Dag, IReadOnlyList<string> Faults, IReadOnlyList<string> Wants)
{
    private const int ValueShown = 60;

    public static JudgedSet Of(ParameterSet set, IReadOnlyList<Dag> dags, DateTimeOffset now)
    {
        if (dags.FirstOrDefault(dag => dag.Name == set.Dag) is not { } dag) return new(set, null, [$"found no DAG {set.Dag}, expected one of: {string.Join(", ", dags.Select(known => known.Name))}"], []);
        if (dag.Arguments is not { } arguments) return new(set, dag, [$"{dag.Name} takes no parameters any more"], []);
        if (arguments.Check(dag, set.Texts, now) is { Count: > 0 } faults) return new(set, dag, faults, []);
        arguments.Read(dag, set.Texts, now, out var wants);
        return new(set, dag, [], wants);
    }

    /// <summary>In the order in which the DAG names its parameters; others after them.</summary>
    public IEnumerable<(string Name, string Text)> Values => Set.Texts.OrderBy(text => PlaceOf(text.Key)).ThenBy(text => text.Key, StringComparer.Ordinal).Select(text => (text.Key, text.Value));

    /// <summary>The set in a line, long values cut.</summary>
    public string Brief => string.Join(' ', Values.Select(value => $"{value.Name}={(value.Text.Length <= ValueShown ? value.Text : value.Text[..(ValueShown - 1)] + "…")}"));

    public string Word => Faults.Count > 0 ? "[red]not good[/]" : Wants.Count > 0 ? "[yellow]a call adds to it[/]" : "[green]good[/]";

    public object Document() => new { Set.Dag, Set = Set.Name, Parameters = Values.ToDictionary(value => value.Name, value => value.Text), Set.Saved, Set.CodeVersion, Faults, Wants };

    public void Draw(IAnsiConsole people)
    {
        people.MarkupLine($"[bold]{Set.Name}[/] of {Set.Dag}, {Word} [grey]saved {RowsView.Text(Set.Saved.AddTicks(-(Set.Saved.UtcTicks % TimeSpan.TicksPerSecond)))} by etl {Markup.Escape(Set.CodeVersion)}[/]");
        var table = Terminal.NewTable("parameter", "value", "from");
        foreach (var (name, text) in Values) table.AddRow(Markup.Escape(name), Markup.Escape(text), "the set");
        foreach (var other in Dag?.Arguments?.Parameters.Where(parameter => !Set.Texts.ContainsKey(parameter.Name)) ?? [])
            table.AddRow($"[grey]{Markup.Escape(other.Name)}[/]", $"[grey]{Markup.Escape(other.Default)}[/]", other.Default.Length > 0 ? "[grey]default[/]" : "[grey]the call[/]");
        people.Write(table);
        foreach (string fault in Faults) people.MarkupLine($"[red]✗[/] {Markup.Escape(fault)}");
        foreach (string want in Wants) people.MarkupLine($"[yellow]·[/] alone it is no call yet: {Markup.Escape(want)}");
    }

    private int PlaceOf(string name) => Dag?.Arguments?.Parameters.Select(parameter => parameter.Name).ToList().IndexOf(name) is { } place and >= 0 ? place : int.MaxValue;
}
