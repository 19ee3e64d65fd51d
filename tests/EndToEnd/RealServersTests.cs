using Etl.Contracts.Events;

namespace Etl.Tests.EndToEnd;

/// <summary>The same events through the embedded servers and through Kafka, a registry and MySQL: one job, the same rows.</summary>
[Collection(RealServers.Collection)]
public sealed class RealServersTests
{
    private static readonly string[] Tables = ["truck_hourly", "truck_daily", "TRUCK_DISTANCE_CORRELATION", "TRUCK_ENGINE_SPEED_CORRELATION", "TRUCK_PARAMETER_MAP"];

    private readonly List<TruckTelemetry> _events = World.Reports(World.Fleet(trucks: 5, hours: 4, startHour: 22) with { MeanGap = TimeSpan.FromSeconds(20) });

    [Fact]
    public async Task Kafka_a_registry_and_MySQL_give_the_embedded_ones_rows_bit_for_bit()
    {
        await using var database = RealServers.NewDatabase();
        var settings = RealServers.Settings(database);
        await RealServers.ForgetTrucksAsync();
        try
        {
            await using var embedded = await World.OpenAsync();
            await using var real = await World.OpenAsync(settings);
            real.Servers.IsEmbeddedKafka.ShouldBeFalse();
            foreach (var world in (World[])[embedded, real])
            {
                await world.ProduceAsync(_events);
                await world.RunAsync();
                await world.ShouldHoldExactlyAsync(_events);
            }
            var mysql = new MySqlTables(RealServers.MySql, database.Name);
            TruckOracle.Of(_events).ShouldEqual(mysql);
            foreach (string table in Tables)
            {
                var rows = embedded.Rows(table);
                rows.Count.ShouldBeGreaterThan(0, table);
                real.Rows(table).ShouldBe(rows, table);
                mysql.Read(table).ShouldBe(rows, $"{table} in MySQL");
            }
        }
        finally { await RealServers.ForgetTrucksAsync(); }
    }
}
