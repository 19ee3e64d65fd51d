using System.Text;
using Etl.Cli.Output;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Spectre.Console;

namespace Etl.Cli.Dags;

/// <summary>A DAG as a graph: sources, topics, steps, datasets and tables, and what of other DAGs fills or lands its topics.</summary>
internal sealed record DagGraph(Dag Dag, IReadOnlyList<DagGraph.Node> Nodes, IReadOnlyList<DagGraph.Edge> Edges)
{
    public enum Kind
    {
        Source,
        Topic,
        Step,
        Dataset,
        Table,
    }

    /// <param name="Detail">What it does; "" where its label says it.</param>
    /// <param name="IsForeign">A step of another DAG.</param>
    public sealed record Node(string Id, Kind Kind, string Label, string Detail = "", bool IsForeign = false);

    /// <param name="Label">"" for data that flows.</param>
    public sealed record Edge(string From, string To, string Label = "");

    public static DagGraph Of(Dag dag)
    {
        var nodes = new Dictionary<string, Node>(StringComparer.Ordinal);
        var edges = new List<Edge>();
        string Put(Node node)
        {
            nodes.TryAdd(node.Id, node);
            return node.Id;
        }
        string PutStep(Step step) => Put(new(step.FullName, Kind.Step, step.Dag == dag ? step.Name : step.FullName, DetailOf(step), step.Dag != dag));
        string PutDataset(DatasetStep step) => Put(new($"dataset {step.Dataset}", Kind.Dataset, step.Dataset));
        string PutTopic(LandStep land) => Put(new($"topic {land.Topic}", Kind.Topic, land.Topic));
        void Link(string from, string to, string label = "")
        {
            if (!edges.Contains(new(from, to, label))) edges.Add(new(from, to, label));
        }
        void LinkPoll(PollStep poll, LandStep land)
        {
            Link(Put(new($"source {poll.Source}", Kind.Source, poll.Source)), PutStep(poll));
            Link(PutStep(poll), PutTopic(land));
        }
        foreach (var step in dag.Steps)
            switch (step)
            {
                case PollStep poll:
                    foreach (var land in poll.Into)
                    {
                        LinkPoll(poll, land);
                        if (land.Dag == dag) continue;
                        Link(PutTopic(land), PutStep(land));
                        Link(PutStep(land), PutDataset(land));
                    }
                    break;
                case LandStep land:
                    foreach (var poll in land.FedBy) LinkPoll(poll, land);
                    Link(PutTopic(land), PutStep(land));
                    Link(PutStep(land), PutDataset(land));
                    break;
                case BuildStep build:
                    Link(PutDataset(build.From), PutStep(build));
                    Link(PutStep(build), PutDataset(build));
                    break;
                case CheckStep check:
                    foreach (var of in check.Inputs.OfType<DatasetStep>()) Link(PutDataset(of), PutStep(check));
                    break;
                case PublishStep publish:
                    Link(PutDataset(publish.Of), PutStep(publish));
                    foreach (var check in publish.Inputs.OfType<CheckStep>()) Link(PutStep(check), PutStep(publish), "gates");
                    Link(PutStep(publish), Put(new($"table {publish.Sink.Name} {publish.Table}", Kind.Table, $"{publish.Sink.Name} {publish.Table}")));
                    break;
            }
        return new(dag, [.. nodes.Values], edges);
    }

    public object Document() => new { Dag = Dag.Name, Nodes, Edges };

    /// <summary>For Markdown pages and mermaid.live.</summary>
    public string Mermaid()
    {
        var text = new StringBuilder("flowchart LR\n");
        foreach (var (node, name) in Named())
        {
            string label = $"\"{Words(node, "<br/>").Replace("\"", "#quot;", StringComparison.Ordinal)}\"";
            text.Append("    ").Append(name).Append(node.Kind switch
            {
                Kind.Source => $"([{label}])",
                Kind.Topic => $"[/{label}/]",
                Kind.Dataset or Kind.Table => $"[({label})]",
                _ => $"[{label}]",
            }).Append(node.IsForeign ? ":::other\n" : "\n");
        }
        var names = Named().ToDictionary(pair => pair.Node.Id, pair => pair.Name);
        foreach (var edge in Edges) text.Append("    ").Append(names[edge.From]).Append(edge.Label.Length > 0 ? $" -. {edge.Label} .-> " : " --> ").Append(names[edge.To]).Append('\n');
        if (Nodes.Any(node => node.IsForeign)) text.Append("    classDef other stroke-dasharray: 4 4\n");
        return text.ToString();
    }

    /// <summary>For Graphviz.</summary>
    public string Dot()
    {
        static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
        var text = new StringBuilder($"digraph {Quoted(Dag.Name)} {{\n    rankdir=LR;\n");
        foreach (var node in Nodes)
        {
            string shape = node.Kind switch { Kind.Source => "oval", Kind.Topic => "parallelogram", Kind.Dataset or Kind.Table => "cylinder", _ => "box" };
            text.Append($"    {Quoted(node.Id)} [label={Quoted(Words(node, "\n")).Replace("\n", "\\n", StringComparison.Ordinal)}, shape={shape}{(node.IsForeign ? ", style=dashed" : "")}];\n");
        }
        foreach (var edge in Edges) text.Append($"    {Quoted(edge.From)} -> {Quoted(edge.To)}{(edge.Label.Length > 0 ? $" [style=dashed, label={Quoted(edge.Label)}]" : "")};\n");
        return text.Append("}\n").ToString();
    }

    /// <summary>Each node under the first that leads to it; what else leads to it is named beside it.</summary>
    public Tree Draw()
    {
        var tree = new Tree($"[bold]{Dag.Name}[/] [grey]{Markup.Escape(ScheduleText.Of(Dag))}[/]");
        var drawn = new HashSet<string>(StringComparer.Ordinal);
        foreach (var root in Nodes.Where(node => Edges.All(edge => edge.To != node.Id)).OrderBy(node => Own(node) ? 0 : 1)) Add(tree, root, "", drawn);
        return tree;
    }

    private void Add(IHasTreeNodes parent, Node node, string from, HashSet<string> drawn)
    {
        drawn.Add(node.Id);
        string made = "";
        // A step and the one dataset or table that it makes are one line.
        if (Edges.Where(edge => edge.From == node.Id && edge.Label.Length == 0).ToList() is [var only] && node.Kind == Kind.Step
            && Nodes.First(each => each.Id == only.To) is { Kind: Kind.Dataset or Kind.Table } result && Edges.Count(edge => edge.To == result.Id) == 1 && drawn.Add(result.Id))
        {
            (made, from, node) = ($"{Styled(node)}{OthersOf(node, from)} → ", node.Id, result);
        }
        var branch = parent.AddNode($"{made}{(made.Length > 0 && Edges.Any(edge => edge.To == node.Id && LabelOf(edge.From) == node.Label) ? "[green]dataset[/]" : Styled(node))}{OthersOf(node, from)}");
        foreach (var edge in Edges.Where(edge => edge.From == node.Id && edge.Label.Length == 0))
        {
            var next = Nodes.First(each => each.Id == edge.To);
            if (!drawn.Contains(next.Id)) Add(branch, next, node.Id, drawn);
            else if (next.Kind == Kind.Topic) branch.AddNode($"{Styled(next)} [grey](above)[/]");
        }
    }

    private string OthersOf(Node node, string from)
    {
        var others = Edges.Where(edge => edge.To == node.Id && edge.From != from).Select(edge => edge.Label.Length > 0 ? $"after {LabelOf(edge.From)}" : $"also from {LabelOf(edge.From)}").ToList();
        return others.Count > 0 ? $" [grey]({Markup.Escape(string.Join(", ", others))})[/]" : "";
    }

    /// <summary>Whether a step of this DAG is fed by the node.</summary>
    private bool Own(Node node) => Edges.Where(edge => edge.From == node.Id).Any(edge => Nodes.First(each => each.Id == edge.To) is { IsForeign: false });

    private string LabelOf(string id) => Nodes.First(node => node.Id == id).Label;

    private static string Styled(Node node) => node.Kind switch
    {
        Kind.Step => $"{(node.IsForeign ? "[italic]" : "[bold]")}{Markup.Escape(node.Label)}[/]{(node.Detail.Length > 0 ? $" [grey]{Markup.Escape(node.Detail)}[/]" : "")}",
        Kind.Source => $"[blue]source[/] {Markup.Escape(node.Label)}",
        Kind.Topic => $"[yellow]topic[/] {Markup.Escape(node.Label)}",
        Kind.Dataset => $"[green]dataset[/] {Markup.Escape(node.Label)}",
        _ => $"[green]table[/] {Markup.Escape(node.Label)}",
    };

    private static string Words(Node node, string lineBreak) => node.Kind == Kind.Step ? node.Detail.Length > 0 ? $"{node.Label}{lineBreak}{node.Detail}" : node.Label : $"{node.Kind.ToString().ToLowerInvariant()}{lineBreak}{node.Label}";

    private IEnumerable<(Node Node, string Name)> Named() => Nodes.Select((node, index) => (node, $"n{index + 1}"));

    private static string DetailOf(Step step) => step switch
    {
        PollStep => "poll, day",
        LandStep => "land",
        BuildStep build => $"build, {(build.Grain == Grain.Hour ? "hour" : "day")}, {build.SqlName}",
        CheckStep check => $"check, {check.SqlName}",
        _ => "", // a publish is named for what it does
    };
}
