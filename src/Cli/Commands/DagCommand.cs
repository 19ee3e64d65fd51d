using System.CommandLine;
using Etl.Cli.Dags;
using Etl.Cli.Output;
using Etl.Cli.Settings;
using Etl.Contracts.Workflow;
using Spectre.Console;

namespace Etl.Cli.Commands;

/// <summary>The DAGs: when they run, what of them is well, and whether they run at all.</summary>
internal static class DagCommand
{
    private static readonly Argument<string> DagArgument = new("dag") { Description = $"One of: {string.Join(", ", Composition.Dags.Select(dag => dag.Name))}" };
    private static readonly Option<string> NoteOption = new("--note") { Description = "Why, shown with the DAG", DefaultValueFactory = _ => "", HelpName = "TEXT" };

    private static readonly Option<bool> MermaidOption = new("--mermaid") { Description = "As a Mermaid flowchart, for Markdown pages" };
    private static readonly Option<bool> DotOption = new("--dot") { Description = "As a Graphviz digraph" };

    public static Command New()
    {
        var list = new Verb("list", "Every DAG with its schedule, next fire, last run and failed windows", "etl dag list");
        list.SetAction(Invocation.Of((invocation, _, cancel) => ListAsync(invocation, cancel)));
        var show = new Verb("show", "A DAG's schedule, next five fires, steps with their last windows, and last runs", "etl dag show main") { DagArgument };
        show.SetAction(Invocation.Of((invocation, parsed, cancel) => ShowAsync(invocation, RunCommand.Find(parsed.GetValue(DagArgument)!).Dag, cancel)));
        var pause = new Verb("pause", "Plan and take no more runs of a DAG; what lands is built still", "etl dag pause main --note \"the source moves\"") { DagArgument, NoteOption };
        pause.SetAction(Invocation.Of((invocation, parsed, cancel) => PauseAsync(invocation, RunCommand.Find(parsed.GetValue(DagArgument)!).Dag, true, parsed.GetValue(NoteOption)!, cancel)));
        var resume = new Verb("resume", "Plan and take runs of a DAG again; its catch-up says what becomes of fires missed meanwhile", "etl dag resume main") { DagArgument };
        resume.SetAction(Invocation.Of((invocation, parsed, cancel) => PauseAsync(invocation, RunCommand.Find(parsed.GetValue(DagArgument)!).Dag, false, "", cancel)));
        var graph = new Verb("graph", "A DAG's sources, topics, steps, datasets and tables as a tree, or for Mermaid or Graphviz; with what other DAGs fill and land", "etl dag graph main --mermaid") { DagArgument, MermaidOption, DotOption };
        graph.SetAction(Invocation.Of((invocation, parsed, _) => Task.FromResult(Graph(invocation, RunCommand.Find(parsed.GetValue(DagArgument)!).Dag, parsed.GetValue(MermaidOption), parsed.GetValue(DotOption)))));
        return new Verb("dag", "DAGs: list, show, graph, test, pause, resume", "etl dag list") { list, show, graph, DagTestCommand.New(), pause, resume };
    }

    private static async Task<int> ListAsync(Invocation invocation, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        var now = invocation.Clock.GetUtcNow();
        var views = new List<DagView>();
        foreach (var dag in Composition.Dags) views.Add(await DagView.OfAsync(engine.Metadata, dag, now, windows: 0, engine.Settings.Steps.Limits, cancel));
        IReadOnlyList<RefusedDag> refused = [.. Composition.Refused, .. engine.RefusedBySql()];
        views.RemoveAll(view => refused.Any(wrong => wrong.Dag == view.Dag.Name));
        invocation.Terminal.Answer(views.Select(view => view.Brief()).Concat(refused.Select(wrong => (object)new { wrong.Dag, State = "refused", wrong.Place, wrong.Reason })), people =>
        {
            var table = Terminal.NewTable("dag", "state", "schedule", "next (UTC)", "last run", "failed windows");
            table.Columns[5].RightAligned();
            foreach (var view in views)
                table.AddRow(view.Dag.Name, view.OnOff, Markup.Escape(ScheduleText.Of(view.Dag)), view.Next.Count > 0 ? DagView.Utc(view.Next[0]) : "–", view.LastRunText, view.Failed > 0 ? $"[red]{view.Failed:N0}[/]" : "0");
            foreach (var wrong in refused) table.AddRow(wrong.Dag, "[red]refused[/]", "–", "–", "–", "–");
            people.Write(table);
            foreach (var wrong in refused) people.MarkupLine($"[red]✗[/] {Markup.Escape(wrong.ToString())}");
        });
        return ExitCodes.Ok;
    }

    private static async Task<int> ShowAsync(Invocation invocation, Dag dag, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        var view = await DagView.OfAsync(engine.Metadata, dag, invocation.Clock.GetUtcNow(), DagView.WindowsShown, engine.Settings.Steps.Limits, cancel);
        if (engine.RefusedBySql().FirstOrDefault(wrong => wrong.Dag == dag.Name) is { } refused) invocation.Terminal.Say($"[red]✗[/] {Markup.Escape(refused.ToString())}");
        invocation.Terminal.Answer(view.Document(), view.Draw);
        return ExitCodes.Ok;
    }

    private static int Graph(Invocation invocation, Dag dag, bool mermaid, bool dot)
    {
        if (mermaid && dot) throw new UsageException("found --mermaid and --dot, expected one of them, or neither for a tree");
        var graph = DagGraph.Of(dag);
        invocation.Terminal.Answer(graph.Document(), people =>
        {
            if (mermaid || dot) Console.Out.Write(mermaid ? graph.Mermaid() : graph.Dot()); // as it is: a line that is broken is another graph
            else people.Write(graph.Draw());
        });
        return ExitCodes.Ok;
    }

    private static async Task<int> PauseAsync(Invocation invocation, Dag dag, bool paused, string note, CancellationToken cancel)
    {
        var engine = await invocation.OpenKnownAsync(cancel);
        await engine.Metadata.Runs.PauseAsync(dag.Name, paused, note, cancel);
        var status = await engine.Metadata.Runs.StatusAsync(dag.Name, cancel);
        invocation.Terminal.Answer(new { Dag = dag.Name, Paused = status.IsPaused, status.Note, status.Changed }, people => people.MarkupLine(paused ? $"{dag.Name} is [yellow]paused[/]; `etl dag resume {dag.Name}` goes on" : $"{dag.Name} goes on; {ScheduleText.CatchUpOf(dag.CatchUp)}"));
        return ExitCodes.Ok;
    }
}
