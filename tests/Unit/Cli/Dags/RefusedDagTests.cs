using Etl.Cli;
using Etl.Cli.Dags;
using Etl.Contracts.Events;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs.Trucks;
using Etl.Lake.DuckDb;

namespace Etl.Tests.Unit.Cli.Dags;

/// <summary>A DAG that is wrong is refused with file, line, found and expected, and the others are there.</summary>
public sealed class RefusedDagTests : IDisposable
{
    private const string Good = "select truck_id, count(*) as events from trucks group by truck_id";

    private readonly DuckDatabase _database = new(new DuckOptions { Threads = 1, MemoryMegabytes = 256 });

    public void Dispose() => _database.Dispose();

    [Fact]
    public void A_DAG_that_cannot_be_defined_is_refused_with_its_line_and_those_that_need_it()
    {
        var catalog = ProductCatalog.Of(
        [
            Line(new Wrong(() => new Dag("wrong") { Schedule = Schedule.Cron("61 * * * *") }), "wrong"),
            Line(new Wrong(() => new Dag("elsewhere") { Zone = "Europe/Atlantis" }), "elsewhere"),
            Line(new Wrong(() => Twice(new Dag("twice"))), "twice"),
            new("needy", dags => new Wrong(() => dags("wrong")), []),
            new("lost", dags => new Wrong(() => dags("nobody")), []),
            Line(new TrucksDag(), "trucks", new DeclaredTopic(TrucksDag.Topic, TruckTelemetry.Schema)),
            Line(new TrucksDag(), "trucks again"),
        ]);
        catalog.Products.ShouldHaveSingleItem().Dag.Name.ShouldBe("trucks");
        catalog.Refused.Select(refused => refused.Dag).ShouldBe(["wrong", "elsewhere", "twice", "needy", "lost", "trucks again"]);
        catalog.Refused.Take(5).ShouldAllBe(refused => refused.Place.Contains("RefusedDagTests.cs:"));
        string Reason(int index) => catalog.Refused[index].Reason;
        Reason(0).ShouldContain("schedule \"61 * * * *\"");
        Reason(0).ShouldContain("expected five cron fields");
        Reason(1).ShouldContain("Europe/Atlantis");
        Reason(2).ShouldContain("two steps are called \"truck_hours\"");
        Reason(3).ShouldContain("needs the DAG wrong, which is refused");
        Reason(4).ShouldContain("expected one of");
        Reason(5).ShouldContain("second DAG called \"trucks\"");
    }

    [Theory]
    [InlineData("select truck_id,\n count(* as events from trucks group by 1", "hours.sql:2", "expected one SELECT")]
    [InlineData("select truck_id,\n count(*) as events,\n min(sped)\nfrom trucks group by 1", "hours.sql:3", "sped")]
    [InlineData("select truck_id, count(*) as events from lorries group by 1", "hours.sql:1", "lorries")]
    [InlineData("select truck_id,\n sum(engine_speed) as speed from trucks group by 1", "hours.sql:2", "exact_sum")]
    [InlineData("select count(*) as events from trucks", "hours.sql", "no column \"truck_id\", which the key names")]
    public void SQL_that_does_not_bind_refuses_its_DAG_with_file_and_line(string sql, string place, string reason)
    {
        var catalog = ProductCatalog.Of([Line(new Hours("broken"), "broken", new DeclaredTopic(TrucksDag.Topic, TruckTelemetry.Schema)) with { Sql = _ => sql }, Sound]);
        var refused = DagTrial.Of(catalog.Products, _database).ShouldHaveSingleItem();
        refused.Dag.ShouldBe("broken");
        refused.Place.ShouldEndWith(place);
        refused.Reason.ShouldContain(reason);
        refused.Reason.ShouldNotContain("\n");
    }

    [Fact]
    public void A_landing_of_a_topic_without_schema_or_of_a_field_that_is_not_there_refuses_its_DAG()
    {
        var catalog = ProductCatalog.Of([Line(new Hours("unknown"), "unknown"), Line(new Hours("timeless", time: "when"), "timeless", new DeclaredTopic(TrucksDag.Topic, TruckTelemetry.Schema)), Sound]);
        DagTrial.Of(catalog.Products, _database).Select(refused => refused.Reason).ShouldBe(
        [
            $"step land_trucks: lands the topic \"{TrucksDag.Topic}\", for which the product declares no schema; it declares: none",
            "step land_trucks: timeless/land_trucks: time \"when\": found no such field, expected one of: timestamp",
        ]);
    }

    [Fact]
    public void Every_DAG_of_the_program_is_good()
    {
        Composition.Refused.ShouldBeEmpty();
        DagTrial.Of(Composition.Products, _database).ShouldBeEmpty();
    }

    [Fact]
    public void The_outcome_is_kept_for_the_next_start()
    {
        string folder = Directory.CreateTempSubdirectory("etl-trial-").FullName;
        try
        {
            var broken = ProductCatalog.Of([Line(new Hours("broken"), "broken", new DeclaredTopic(TrucksDag.Topic, TruckTelemetry.Schema)) with { Sql = _ => "select 1 from nowhere" }]).Products;
            var refused = DagTrial.Kept(broken, _database, folder).ShouldHaveSingleItem();
            using var other = new DuckDatabase(new DuckOptions { Threads = 1, MemoryMegabytes = 256 });
            DagTrial.Kept(broken, other, folder).ShouldHaveSingleItem().ShouldBe(refused);
            File.WriteAllText(Path.Combine(folder, DagTrial.File), "{");
            DagTrial.Kept(broken, other, folder).ShouldHaveSingleItem().ShouldBe(refused, "a file that is cut is judged anew");
        }
        finally { Directory.Delete(folder, recursive: true); }
    }

    private static ProductLine Sound => Line(new Hours("sound"), "sound", new DeclaredTopic(TrucksDag.Topic, TruckTelemetry.Schema)) with { Sql = _ => Good };

    private static ProductLine Line(IDagSource source, string name, params IReadOnlyList<DeclaredTopic> topics) => new(name, _ => source, topics);

    private static Dag Twice(Dag dag)
    {
        var events = dag.Land(topic: TrucksDag.Topic, time: "timestamp");
        dag.Build("truck_hours", Grain.Hour, "hours.sql", events, ["truck_id"]);
        dag.Build("truck_hours", Grain.Hour, "hours.sql", events, ["truck_id"]);
        return dag;
    }

    private sealed class Wrong(Func<Dag> define) : IDagSource
    {
        public Dag Define() => define();
    }

    private sealed class Hours(string name, string time = "timestamp") : IDagSource
    {
        public Dag Define()
        {
            var dag = new Dag(name);
            dag.Build($"{name}_hours", Grain.Hour, "hours.sql", dag.Land(topic: TrucksDag.Topic, time: time, dataset: "trucks"), ["truck_id"]);
            return dag;
        }
    }
}
