using Etl.Cli.Output;
using Etl.Contracts.Workflow;
using Spectre.Console;

namespace Etl.Cli.Why;

/// <summary>Draws a window's story as a tree.</summary>
internal static class WhyView
{
    private const int LinesMax = 24;

    public static Tree Draw(WhyDocument document)
    {
        var tree = new Tree($"[bold]{Markup.Escape(document.Dataset)}[/] {document.Window} [grey]{RowsView.Text(document.Start)} to {RowsView.Text(document.End)}, {document.Zone}[/]");
        if (document.Sql is null) tree.AddNode($"{document.Rows:N0} rows");
        else AddState(tree, document);
        foreach (var input in document.Inputs) AddInput(tree, input);
        AddEach(tree, "checks", document.Checks, check => $"{check.Step} {Colour(check.State)}{Tail(check.Reason)}");
        AddEach(tree, "published", document.Published, to => $"{to.Sink} {Markup.Escape(to.Table)} {Colour(to.State)}{(to.Version is { } version ? $", version {version}" : "")}{(to.InSink != to.Version && to.InSink is { } found ? $", [yellow]the sink holds {found}[/]" : "")}{Tail(to.Note)}");
        AddEach(tree, "attempts", document.Attempts, one => $"{one.Round}.{one.Attempt} {Colour(one.State ?? SlotState.Running)} {RowsView.Text(one.Started)}{(one.Ended is { } end ? $", {(end - one.Started).TotalSeconds:F1} s" : "")}, {one.Rows:N0} rows{Tail(one.Reason)}");
        return tree;
    }

    private static void AddState(Tree tree, WhyDocument document)
    {
        tree.AddNode($"{Colour(document.State)}{Tail(document.Reason ?? "")}");
        if (document.Version is { } version) tree.AddNode($"version {version}: {document.Rows:N0} rows{(document.StoredBy is { } by ? $", stored {RowsView.Text(by.At)} by {Markup.Escape(by.Writer)}" : "")}{(document.AsOf is { } asOf ? $", read as of commit {asOf}" : "")}");
        if (document.SqlDigest is { } digest) tree.AddNode($"{Markup.Escape(document.Sql!)} [grey]digest {digest[..Math.Min(12, digest.Length)]}[/]");
        if (document.Stale is { } stale) tree.AddNode($"[yellow]stale[/]: {Markup.Escape(stale)}");
    }

    private static void AddInput(Tree tree, WhyInput input)
    {
        var node = tree.AddNode($"from [bold]{Markup.Escape(input.Dataset)}[/]: {input.Rows:N0} rows of {RowsView.Text(input.From)} to {RowsView.Text(input.To)}{(input.Frontier is { } frontier ? $"; all before {RowsView.Text(frontier.AddTicks(-(frontier.UtcTicks % TimeSpan.TicksPerSecond)))} have landed" : "")}");
        foreach (var commit in input.Commits.TakeLast(LinesMax))
        {
            string offsets = string.Join("  ", commit.Offsets.Select(range => $"{range.Partition}:{range.From}–{range.To}"));
            node.AddNode($"{commit.Kind.ToString().ToLowerInvariant()} {commit.Number} [grey]{RowsView.Text(commit.At.AddTicks(-(commit.At.UtcTicks % TimeSpan.TicksPerSecond)))} by {Markup.Escape(commit.Writer)}[/]{Tail(commit.Note)}{(commit.Note.Length == 0 && offsets.Length > 0 ? $" [grey]{offsets}[/]" : "")}");
        }
        if (input.Commits.Count > LinesMax) node.AddNode($"[grey]and {input.Commits.Count - LinesMax} before; --json has them[/]");
        foreach (var open in input.Open.Take(LinesMax)) node.AddNode($"{open.Step} {open.Window} {Colour(open.State)}{Tail(open.Reason)}");
    }

    private static void AddEach<T>(Tree tree, string name, IReadOnlyList<T> all, Func<T, string> line)
    {
        if (all.Count == 0) return;
        var node = tree.AddNode(name);
        foreach (var one in all) node.AddNode(line(one));
    }

    private static string Colour(SlotState? state) => state switch
    {
        null => "[grey]none[/]",
        SlotState.Done => "[green]done[/]",
        SlotState.Failed => "[red]failed[/]",
        var other => $"[yellow]{other.ToString()!.ToLowerInvariant()}[/]",
    };

    private static string Tail(string text) => text.Length == 0 ? "" : $": {Markup.Escape(text)}";
}
