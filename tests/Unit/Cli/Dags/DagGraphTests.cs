using Etl.Cli;
using Etl.Cli.Dags;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Spectre.Console;

namespace Etl.Tests.Unit.Cli.Dags;

public sealed class DagGraphTests
{
    private static readonly Dag Small = SmallDag();

    [Fact]
    public void A_tree_has_each_step_under_what_it_reads() => Drawn(Small).ShouldBe(
        """
        small as events come, and when triggered
        └── topic Events
            └── land_events land → dataset events
                └── hours build, hour, hours.sql → dataset
                    ├── days build, day, days.sql → dataset
                    ├── check_hours check, hours.checks.sql
                    └── publish_hours_sink (after check_hours) → table sink hours

        """.ReplaceLineEndings("\n"));

    [Fact]
    public void Mermaid_and_Graphviz_hold_the_same_nodes_and_edges()
    {
        var graph = DagGraph.Of(Small);
        graph.Mermaid().ShouldBe(
            """
            flowchart LR
                n1[/"topic<br/>Events"/]
                n2["land_events<br/>land"]
                n3[("dataset<br/>events")]
                n4["hours<br/>build, hour, hours.sql"]
                n5[("dataset<br/>hours")]
                n6["days<br/>build, day, days.sql"]
                n7[("dataset<br/>days")]
                n8["check_hours<br/>check, hours.checks.sql"]
                n9["publish_hours_sink"]
                n10[("table<br/>sink hours")]
                n1 --> n2
                n2 --> n3
                n3 --> n4
                n4 --> n5
                n5 --> n6
                n6 --> n7
                n5 --> n8
                n5 --> n9
                n8 -. gates .-> n9
                n9 --> n10

            """.ReplaceLineEndings("\n"));
        string dot = graph.Dot();
        dot.ShouldStartWith("digraph \"small\" {\n");
        dot.Split('\n').Count(line => line.Contains(" -> ")).ShouldBe(graph.Edges.Count);
        dot.ShouldContain("\"dataset hours\" -> \"small/days\";");
        dot.ShouldContain("\"small/hours\" [label=\"hours\\nbuild, hour, hours.sql\", shape=box];");
    }

    [Fact]
    public void What_another_DAG_fills_or_lands_is_in_the_graph_of_both()
    {
        var dags = Composition.Dags.ToDictionary(dag => dag.Name);
        var main = DagGraph.Of(dags["main"]);
        main.Nodes.Single(node => node.IsForeign).Id.ShouldBe("historic_main/poll_archive");
        main.Edges.ShouldContain(new DagGraph.Edge("historic_main/poll_archive", "topic hourlymetrics"));
        Drawn(dags["main"]).ShouldContain("topic hourlymetrics (also from historic_main/poll_archive)");
        var historic = DagGraph.Of(dags["historic_main"]);
        historic.Nodes.Where(node => node.IsForeign).Select(node => node.Id).ShouldBe(["main/land_hourlymetrics", "main/land_dailymetrics"]);
        historic.Edges.ShouldContain(new DagGraph.Edge("topic hourlymetrics", "main/land_hourlymetrics"));
        historic.Mermaid().ShouldContain(":::other\n");
        foreach (var dag in Composition.Dags)
        {
            var drawn = Drawn(dag);
            foreach (var step in dag.Steps) drawn.ShouldContain(step.Name);
        }
    }

    private static string Drawn(Dag dag)
    {
        var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = 200;
        console.Profile.Capabilities.Unicode = true;
        console.Write(DagGraph.Of(dag).Draw());
        return text.ToString();
    }

    private static Dag SmallDag()
    {
        var dag = new Dag("small");
        var hours = dag.Build("hours", Grain.Hour, "hours.sql", dag.Land(topic: "Events", time: "at"), ["id"]);
        dag.Build("days", Grain.Day, "days.sql", hours, ["id"]);
        dag.Check(hours, "hours.checks.sql");
        dag.Publish(hours, to: [new SinkName("sink")]);
        return dag;
    }
}
