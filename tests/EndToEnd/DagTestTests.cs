using Etl.Cli;
using Etl.Cli.Testing;
using Etl.Contracts.Events;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs.Trucks;

namespace Etl.Tests.EndToEnd;

/// <summary>`etl dag test`: what it finds is what a run makes, and it leaves everything as it is.</summary>
public sealed class DagTestTests : IAsyncLifetime
{
    private readonly List<TruckTelemetry> _events = World.Reports(World.Fleet(trucks: 3, hours: 3, startHour: 6) with { MeanGap = TimeSpan.FromSeconds(60) });
    private World _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await World.OpenAsync();
        await _world.ProduceAsync(_events);
        await _world.RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_world is not null) await _world.DisposeAsync();
    }

    [Fact]
    public async Task A_test_of_what_is_built_finds_every_window_as_it_is_and_leaves_no_trace()
    {
        var before = await StateAsync();
        using var report = await TestAsync(World.Trucks, Day);
        report.IsFailed.ShouldBeFalse();
        report.Lines.Count.ShouldBe(4 * 3 + 3 + 1, "four results and the check by the hour, one by the day");
        report.Lines.ShouldAllBe(line => line.Step is CheckStep ? line.Outcome == "passed" : line.Outcome == "as it is");
        report.Rows.Select(shown => shown.Step.Name).ShouldContain("truck_daily");
        (await StateAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Changed_SQL_shows_in_its_own_rows_in_what_reads_them_and_in_the_check_and_changes_nothing()
    {
        var before = await StateAsync();
        var changed = new Product(new TrucksDag(), World.Trucks.Topics, name => name switch
        {
            "hourly.checks.sql" => "select truck_id, events from truck_hourly where events > 0",
            "daily.sql" => "select truck_id, sum(events)::bigint as events, count(*) as hours from truck_hourly group by truck_id",
            "hourly.sql" => "select truck_id, count(*) * 2 as events from truck_telemetry group by truck_id",
            _ => World.Trucks.Sql(name),
        });
        using var report = await TestAsync(changed, Day);
        Outcomes(report, "truck_hourly").ShouldBe(["changed", "changed", "changed"]);
        Outcomes(report, "truck_parameter_map").ShouldBe(["as it is", "as it is", "as it is"]);
        Outcomes(report, "check_truck_hourly").ShouldBe(["failed", "failed", "failed"]);
        report.Lines.First(line => line.IsFailed).Result.ShouldBeOfType<JobResult.Failed>().Reason.ShouldContain("hourly.checks.sql returned 3 rows, expected none: ");
        var daily = report.Rows.Single(shown => shown.Step.Name == "truck_daily").Rows;
        Enumerable.Range(0, daily.RowCount).Sum(row => (long)daily.GetValue(daily.Fields.Select(field => field.Name).ToList().IndexOf("events"), row)!).ShouldBe(2 * _events.Count, "the day read the hours of the test, not those of the lake");
        (await StateAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task What_reads_a_failed_window_is_left_out_and_an_hour_tests_the_steps_of_hours()
    {
        var broken = new Product(new TrucksDag(), World.Trucks.Topics, name => name == "hourly.sql" ? "select truck_id, 1/0 as events, error('no good') as e from truck_telemetry" : World.Trucks.Sql(name));
        using (var report = await TestAsync(broken, Day))
        {
            Outcomes(report, "truck_hourly").ShouldBe(["failed", "failed", "failed"]);
            Outcomes(report, "check_truck_hourly").ShouldBe(["left out", "left out", "left out"]);
            Outcomes(report, "truck_daily").ShouldBe(["left out"]);
        }
        using var hour = await TestAsync(World.Trucks, World.Trucks.Dag.Calendar.HourOf(_events[0].Timestamp));
        hour.Lines.Select(line => line.Step.Name).ShouldBe(["truck_hourly", "truck_distance_correlation", "truck_engine_speed_correlation", "truck_parameter_map", "check_truck_hourly"]);
    }

    private static Window Day => World.Trucks.Dag.Calendar.Day(new(2026, 3, 1));

    private async Task<DagTestReport> TestAsync(Product product, Window window)
    {
        long token = await _world.Store.Commits.OpenWriterAsync("test", TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
        return await DagTest.RunAsync(_world.Engine, product, window, token, 1_000, TimeProvider.System, _ => { }, TestContext.Current.CancellationToken);
    }

    private static IEnumerable<string> Outcomes(DagTestReport report, string step) => report.Lines.Where(line => line.Step.Name == step).Select(line => line.Outcome);

    /// <summary>Head, files on disk, tables: what a run would change.</summary>
    private async Task<string> StateAsync() =>
        $"{await _world.Store.Commits.HeadAsync(TestContext.Current.CancellationToken)} {string.Join(' ', _world.Engine.Lake.Files.All())} {string.Join('\n', _world.Rows("truck_hourly"))} {string.Join('\n', _world.Rows("truck_daily"))}";
}
