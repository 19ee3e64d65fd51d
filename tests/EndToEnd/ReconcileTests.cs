using Etl.Cli;
using Etl.Cli.Reconciling;
using Etl.Contracts.Events;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Sinks.Cassandra.Cql;
using Microsoft.Data.Sqlite;
using MySqlConnector;

namespace Etl.Tests.EndToEnd;

/// <summary>Topic, lake and every sink hold the same; and what was changed behind the program's back is found, row by row.</summary>
[Collection(RealServers.Collection)]
public sealed class ReconcileTests
{
    private readonly List<TruckTelemetry> _events = World.Reports(World.Fleet(trucks: 5, hours: 4, startHour: 22) with { MeanGap = TimeSpan.FromSeconds(20) });

    [Fact]
    public async Task Kafka_lake_MySQL_and_Cassandra_agree_bit_for_bit_and_a_changed_row_is_found()
    {
        await using var database = RealServers.NewDatabase();
        string keyspace = $"etl_e2e_{Guid.NewGuid():N}"[..40];
        var settings = RealServers.Settings(database) with { Cassandra = new() { ContactPoints = RealServers.Cassandra, Keyspace = keyspace } };
        await RealServers.ForgetTrucksAsync();
        await using var cluster = Cluster.Builder(TimeProvider.System, new Random(1)).AddContactPoint(RealServers.Cassandra).Build();
        await using var session = await cluster.ConnectAsync();
        try
        {
            await using var embedded = await World.OpenAsync();
            await using var real = await World.OpenAsync(settings);
            foreach (var world in (World[])[embedded, real])
            {
                await world.ProduceAsync(_events);
                await world.RunAsync();
            }
            foreach (string dataset in (string[])["truck_telemetry", "truck_hourly", "truck_daily", "truck_distance_correlation", "truck_engine_speed_correlation", "truck_parameter_map"])
            {
                var found = await ReconcileAsync(real, dataset);
                found.Differences.ShouldBeEmpty(dataset);
                found.Windows.ShouldBeGreaterThan(0);
                if (dataset != "truck_telemetry") found.Compared[1].Places.Select(place => place.Split(' ')[0]).ShouldBe(["sqlite", "mysql", "cassandra"], dataset);
            }
            foreach (string table in (string[])["truck_hourly", "truck_daily", "TRUCK_PARAMETER_MAP"]) real.Rows(table).ShouldBe(embedded.Rows(table), $"{table}: sinks equal this one, which equals the embedded run's");

            await session.ExecuteAsync(new SimpleStatement($"DELETE FROM {keyspace}.truck_hourly WHERE truck_id = 'truck-00001' AND month = 202603 AND hour = '2026-03-01 22:00:00+0000'"));
            await MySqlAsync(database.Name, "update truck_hourly set events = events + 1 where truck_id = 'truck-00002' order by hour limit 1");
            var changed = await ReconcileAsync(real, "truck_hourly");
            changed.Differences.Select(difference => difference.Place).Order().ShouldBe(["cassandra truck_hourly", "mysql truck_hourly"]);
            changed.Equal.ShouldBe(changed.Windows - changed.Differences.Select(difference => difference.Start).Distinct().Count());
            changed.Differences.Single(difference => difference.Place.StartsWith("cassandra", StringComparison.Ordinal)).Rows.ShouldBe([new("truck-00001", "only in the lake")]);
            var row = changed.Differences.Single(difference => difference.Place.StartsWith("mysql", StringComparison.Ordinal)).Rows.ShouldHaveSingleItem();
            (row.Key, row.What.StartsWith("events: ", StringComparison.Ordinal)).ShouldBe(("truck-00002", true), row.What);
        }
        finally
        {
            await session.ExecuteAsync(new SimpleStatement($"DROP KEYSPACE IF EXISTS {keyspace}"));
            await RealServers.ForgetTrucksAsync();
        }
    }

    [Fact]
    public async Task Events_that_the_lake_has_lost_are_found_by_their_hours()
    {
        await using var world = await World.OpenAsync();
        await world.ProduceAsync(_events);
        await world.ProduceRawAsync([("truck-00001", [0, 1, 2])]); // rejected: kept, and no difference
        await world.RunAsync();
        (await ReconcileAsync(world, "truck_telemetry")).Differences.ShouldBeEmpty();

        await using (var store = new SqliteConnection($"Data Source={world.Folder.In("metadata.db")};Pooling=false"))
        {
            await store.OpenAsync();
            await using var lose = new SqliteCommand("update etl_file set retired_in = added_in where id = (select min(id) from etl_file)", store);
            (await lose.ExecuteNonQueryAsync()).ShouldBe(1);
        }
        var lost = await ReconcileAsync(world, "truck_hourly");
        lost.Differences.ShouldNotBeEmpty();
        lost.Differences.ShouldAllBe(difference => difference.Place == "topic Truck-Data" && difference.LakeRows < difference.PlaceRows);
    }

    [Fact]
    public async Task Rows_of_a_window_that_the_lake_has_not_built_are_found()
    {
        await using var world = await World.OpenAsync();
        await world.ProduceAsync(_events);
        await world.RunAsync();
        await using (var results = new SqliteConnection($"Data Source={world.ResultsFile};Pooling=false"))
        {
            await results.OpenAsync();
            await using var stray = new SqliteCommand("update truck_hourly set hour = '2026-03-01 01:00:00' where truck_id = 'truck-00001' and hour = (select min(hour) from truck_hourly)", results);
            (await stray.ExecuteNonQueryAsync()).ShouldBe(1);
        }
        var found = await ReconcileAsync(world, "truck_hourly");
        found.Differences.Select(difference => (difference.LakeRows, difference.PlaceRows)).ShouldBe([(0, 1), (5, 4)]);
    }

    private static Task<ReconcileDocument> ReconcileAsync(World world, string dataset)
    {
        var step = Composition.Dags.SelectMany(dag => dag.Steps).OfType<DatasetStep>().Single(step => step.Dataset == dataset);
        var calendar = step.Dag.Calendar;
        return new DatasetReconciler(world.Engine).RunAsync(step, calendar, calendar.Day(new(2026, 3, 1)).Start, calendar.Day(new(2026, 3, 2)).End, withRows: true, world.Topics, TestContext.Current.CancellationToken);
    }

    private static async Task MySqlAsync(string database, string sql)
    {
        await using var connection = new MySqlConnection(RealServers.MySql + ";Database=" + database);
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
