using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Etl.Codecs.Columns;
using Etl.Contracts;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Sinks;
using Etl.Sinks.MySql;
using MySqlConnector;

namespace Etl.Tests.Conformance.Sinks;

[Trait("needs", "mysql")]
public sealed class MySqlSinkConformance : SinkConformance
{
    private readonly string _server = Environment.GetEnvironmentVariable("ETL_TEST_MYSQL") ?? "";
    private readonly string _database = $"etl_sinks_{Guid.NewGuid():N}";

    protected override Task CreateAsync()
    {
        Assert.SkipWhen(_server.Length == 0, "ETL_TEST_MYSQL is not set: no MySQL or MariaDB to test against");
        return Task.CompletedTask;
    }

    protected override Task DropAsync() => _server.Length == 0 ? Task.CompletedTask : ServerAsync($"DROP DATABASE IF EXISTS `{_database}`");

    protected override ISink Open() => Open(_server);

    protected override async Task ExecuteAsync(string sql)
    {
        await ServerAsync($"CREATE DATABASE IF NOT EXISTS `{_database}`");
        await ServerAsync($"USE `{_database}`; {sql}");
    }

    [Fact]
    public async Task A_connection_killed_in_the_middle_is_answered_by_running_again()
    {
        object?[][] rows = [.. Enumerable.Range(0, 5_000).Select(i => new object?[] { Start, $"{i:00000}", 2L, 0.5 })];
        await PublishAsync(1, rows[..10]);
        int killed = 0;
        using (CrashPoints.Listen(point => { if (point == CrashPoint.PublishHalf && killed++ == 0) KillOthers(); }))
            (await PublishAsync(2, rows)).ShouldBe(ReplaceOutcome.Replaced);
        killed.ShouldBe(2); // the first statement ran twice
        await ShouldHoldAsync(rows);
    }

    [Fact]
    public async Task A_connection_killed_again_and_again_ends_transient_with_nothing_half()
    {
        object?[][] rows = [.. Enumerable.Range(0, 5_000).Select(i => new object?[] { Start, $"{i:00000}", 2L, 0.5 })];
        await PublishAsync(1, rows[..10]);
        using (CrashPoints.Listen(point => { if (point == CrashPoint.PublishHalf) KillOthers(); }))
        {
            var error = await Should.ThrowAsync<StoreException>(() => PublishAsync(2, rows));
            error.IsTransient.ShouldBeTrue(error.Message);
            error.Message.ShouldContain("the connection was lost");
        }
        await ShouldHoldAsync(rows[..10]);
        (await VersionAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_key_longer_than_MySQL_takes_is_refused_by_name()
    {
        string fits = new('ä', 255), tooLong = new('ä', 256);
        await PublishAsync(1, [Start, fits, 1L, 0.5]);
        var error = await Should.ThrowAsync<StoreException>(() => PublishAsync(2, [Start, tooLong, 1L, 0.5]));
        error.Message.ShouldContain("truck_hourly.truck_id: found a key of 256 letters");
        await ShouldHoldAsync([Start, fits, 1L, 0.5]);
    }

    [Fact]
    public async Task Five_text_keys_fit_into_one_index()
    {
        string[] names = ["country", "city", "colour", "severity", "type"];
        var table = Table("server_hourly", ["hour", .. names], [Field("hour", ColumnKind.Timestamp), .. names.Select(name => Field(name, ColumnKind.Text)), Field("count", ColumnKind.Int64)]);
        await PublishAsync(Sink, table, 1, [[Start, "Deutschland", "Köln", "red", "high", "disk", 1L]], null);
        (await Sink.ReadAsync(table, Hour, CancellationToken.None)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Rows_of_much_text_go_in_statements_that_fit_a_packet()
    {
        var table = Table("notes", ["hour", "id"], Field("hour", ColumnKind.Timestamp), Field("id", ColumnKind.Int32), Field("note", ColumnKind.Text));
        object?[][] rows = [.. Enumerable.Range(0, 40).Select(i => new object?[] { Start, i, new string((char)('a' + i % 26), 500_000) })];
        await PublishAsync(Sink, table, 1, rows, null);
        (await Sink.ReadAsync(table, Hour, CancellationToken.None)).Select(row => (string)row[2]!).ShouldBe(rows.Select(row => (string)row[2]!));
    }

    [Fact]
    public async Task A_wrong_password_is_named_without_printing_it()
    {
        string user = $"u{Guid.NewGuid():N}"[..20];
        await ServerAsync($"CREATE USER '{user}'@'%' IDENTIFIED BY 'right'");
        try
        {
            await using var sink = Open(new MySqlConnectionStringBuilder(_server) { UserID = user, Password = "very-wrong" }.ConnectionString);
            var error = await Should.ThrowAsync<StoreException>(() => sink.PrepareAsync(Trucks, CancellationToken.None));
            error.IsTransient.ShouldBeFalse();
            error.Message.ShouldContain("the server refused the user or the password");
            error.ToString().ShouldNotContain("very-wrong");

            await using var poor = Open(new MySqlConnectionStringBuilder(_server) { UserID = user, Password = "right" }.ConnectionString);
            var denied = await Should.ThrowAsync<StoreException>(() => poor.PrepareAsync(Trucks, CancellationToken.None));
            (denied.IsTransient, denied.Message.Contains("lacks a privilege", StringComparison.Ordinal)).ShouldBe((false, true), denied.Message);
        }
        finally { await ServerAsync($"DROP USER '{user}'@'%'"); }
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_transient_and_quick()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        await using var sink = Open(new MySqlConnectionStringBuilder(_server) { Server = "127.0.0.1", Port = (uint)port }.ConnectionString);
        long start = Stopwatch.GetTimestamp();
        var error = await Should.ThrowAsync<StoreException>(() => sink.VersionAsync("t", Hour, CancellationToken.None));
        error.IsTransient.ShouldBeTrue();
        error.Message.ShouldContain($"127.0.0.1:{port}");
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task The_servers_defaults_do_not_matter()
    {
        await PublishAsync(1, [Start, "a ", 1L, 0.1]);
        var columns = await ServerRowAsync($"SELECT group_concat(column_type ORDER BY ordinal_position), group_concat(collation_name) FROM information_schema.columns WHERE table_schema = '{_database}' AND table_name = 'truck_hourly'");
        columns[0].ToString()!.Replace("(20)", "", StringComparison.Ordinal).ShouldBe("datetime(6),varchar(255),bigint,double");
        columns[1].ToString()!.ShouldBeOneOf("utf8mb4_nopad_bin", "utf8mb4_0900_bin");
        (await ServerRowAsync($"SELECT cast(hour AS CHAR) FROM `{_database}`.truck_hourly"))[0].ShouldBe("2026-03-01 07:00:00.000000");
    }

    private MySqlSink Open(string connectionString) =>
        new(new SinkName("mysql"), new MySqlSinkOptions { ConnectionString = connectionString, Database = _database }, TimeProvider.System, new Random(1));

    private void KillOthers()
    {
        using var connection = new MySqlConnection(_server + ";Pooling=false");
        connection.Open();
        var ids = new List<long>();
        using (var command = new MySqlCommand($"SELECT id FROM information_schema.processlist WHERE db = '{_database}'", connection))
        using (var reader = command.ExecuteReader())
            while (reader.Read()) ids.Add(Convert.ToInt64(reader.GetValue(0)));
        foreach (long id in ids)
            using (var kill = new MySqlCommand($"KILL {id}", connection)) kill.ExecuteNonQuery();
    }

    private async Task ServerAsync(string sql)
    {
        await using var connection = new MySqlConnection(_server + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<object[]> ServerRowAsync(string sql)
    {
        await using var connection = new MySqlConnection(_server + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        (await reader.ReadAsync()).ShouldBeTrue();
        return [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)];
    }
}
