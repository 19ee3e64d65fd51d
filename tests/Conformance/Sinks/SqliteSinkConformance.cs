using Etl.Codecs.Columns;
using Etl.Contracts;
using Etl.Contracts.Workflow;
using Etl.Sinks;
using Etl.Sinks.Sqlite;
using Microsoft.Data.Sqlite;

namespace Etl.Tests.Conformance.Sinks;

public sealed class SqliteSinkConformance : SinkConformance
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"etl-sinks-{Guid.NewGuid():N}");

    private string File => Path.Combine(_folder, "results.db");

    protected override Task CreateAsync() => Task.CompletedTask;

    protected override Task DropAsync()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    protected override ISink Open() => new SqliteSink(new SinkName("sqlite"), new SqliteSinkOptions { Path = File });

    protected override async Task ExecuteAsync(string sql)
    {
        Directory.CreateDirectory(_folder);
        await using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task A_file_that_another_writer_holds_is_transient()
    {
        await PublishAsync(1, [Start, "a", 1L, 0.5]);
        await using var holder = new SqliteConnection($"Data Source={File};Pooling=False");
        await holder.OpenAsync();
        await using var begin = holder.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        await begin.ExecuteNonQueryAsync();
        await using var sink = new SqliteSink(new SinkName("sqlite"), new SqliteSinkOptions { Path = File, BusyTimeout = TimeSpan.FromMilliseconds(50) });
        (await Should.ThrowAsync<StoreException>(() => PublishAsync(sink, Trucks, 2, [], null))).IsTransient.ShouldBeTrue();
    }

    [Fact]
    public async Task Several_that_open_a_new_file_at_once_all_succeed()
    {
        const int Files = 80, Openers = 6;
        for (int i = 0; i < Files; i++)
        {
            string path = Path.Combine(_folder, $"new-{i}.db");
            var sinks = Enumerable.Range(0, Openers).Select(_ => new SqliteSink(new SinkName("sqlite"), new SqliteSinkOptions { Path = path })).ToList();
            await AtOnce.RunAsync([.. sinks.Select(sink => (Func<Task>)(async () => (await sink.PrepareAsync(Trucks, default)).ShouldBeNull()))]);
            foreach (var sink in sinks) await sink.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_file_that_is_no_database_or_no_file_is_named()
    {
        Directory.CreateDirectory(_folder);
        await System.IO.File.WriteAllTextAsync(File, new string('x', 5_000));
        var wrong = await Should.ThrowAsync<StoreException>(() => PublishAsync(1));
        (wrong.IsTransient, wrong.Message.Contains($"sqlite {File}: ", StringComparison.Ordinal), wrong.Message.Contains("not a SQLite database", StringComparison.Ordinal)).ShouldBe((false, true, true), wrong.Message);

        await using var folder = new SqliteSink(new SinkName("sqlite"), new SqliteSinkOptions { Path = _folder });
        (await Should.ThrowAsync<StoreException>(() => PublishAsync(folder, Trucks, 1, [], null))).Message.ShouldContain("cannot open or create the file");
    }

    [Fact]
    public async Task A_whole_number_past_64_bits_is_refused_by_column()
    {
        var table = Table("wide", ["hour"], Trucks.Columns[0], Field("total", ColumnKind.Int128));
        var error = await Should.ThrowAsync<StoreException>(() => PublishAsync(Sink, table, 1, [[Start, (Int128)long.MaxValue + 1]], null));
        error.Message.ShouldContain("\"total\": found 9223372036854775808, expected a whole number of 64 bits");
    }

    [Fact]
    public async Task People_read_times_and_numbers_as_they_write_them()
    {
        await PublishAsync(1, [Start, "a", 1L, 0.5]);
        await using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT hour || '|' || count || '|' || speed FROM truck_hourly WHERE hour = '2026-03-01 07:00:00'";
        (await command.ExecuteScalarAsync()).ShouldBe("2026-03-01 07:00:00|1|0.5");
    }
}
