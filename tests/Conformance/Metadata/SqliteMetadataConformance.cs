using Etl.Contracts;
using Etl.Metadata;
using Etl.Metadata.Sqlite;
using Microsoft.Data.Sqlite;

namespace Etl.Tests.Conformance.Metadata;

public sealed class SqliteMetadataConformance : MetadataConformance
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-metadata-").FullName;

    private string File => Path.Combine(_folder, "metadata.db");

    protected override Task<IMetadata> OpenAsync(MetadataOptions? options = null, TimeProvider? node = null) => SqliteMetadata.OpenAsync(File, node ?? TimeProvider.System, options);

    protected override ValueTask DropAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    protected override async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task A_missing_folder_and_a_file_that_is_no_database_are_said_plainly()
    {
        var away = await Should.ThrowAsync<StoreException>(() => SqliteMetadata.OpenAsync(Path.Combine(_folder, "never", "metadata.db"), TimeProvider.System));
        (away.IsTransient, away.Message.Contains("create ")).ShouldBe((false, true));
        var other = Path.Combine(_folder, "other.db");
        await System.IO.File.WriteAllTextAsync(other, new string('x', 10_000));
        var foreign = await Should.ThrowAsync<StoreException>(() => SqliteMetadata.OpenAsync(other, TimeProvider.System));
        (foreign.IsTransient, foreign.Message.Contains("no SQLite database")).ShouldBe((false, true));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_to_is_refused()
    {
        var fault = await Should.ThrowAsync<StoreException>(() => SqliteMetadata.OpenAsync("/proc/metadata.db", TimeProvider.System));
        (fault.IsTransient, fault.Message.Contains("cannot write")).ShouldBe((false, true));
    }

    [Fact]
    public async Task A_store_locked_by_another_process_is_transient_and_the_wait_is_bounded()
    {
        await using var impatient = await OpenAsync(new() { Patience = TimeSpan.FromMilliseconds(200) });
        await using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        await connection.OpenAsync();
        await using (var other = connection.BeginTransaction(deferred: false))
        {
            // The first holds the one connection that writes while it waits for the lock; the others wait for that connection.
            foreach (var opening in Enumerable.Range(0, 4).Select(_ => Task.Run(() => impatient.Commits.OpenWriterAsync("test", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken))).ToList())
            {
                var fault = await Should.ThrowAsync<StoreException>(() => opening);
                (fault.IsTransient, fault.Message.Contains("locked by another process")).ShouldBe((true, true), fault.Message);
            }
        }
        await impatient.Commits.OpenWriterAsync("test", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Several_that_open_a_new_file_at_once_all_succeed()
    {
        const int Files = 20, Openers = 6;
        for (int i = 0; i < Files; i++)
        {
            string file = Path.Combine(_folder, $"new-{i}.db");
            var stores = await Task.WhenAll(Enumerable.Range(0, Openers).Select(_ => Task.Run(() => SqliteMetadata.OpenAsync(file, TimeProvider.System))));
            foreach (var store in stores) await store.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("select id from etl_slot where step = 1 and lane = 0 and due <= 9 order by due, id limit 9", "etl_slot_due")]
    [InlineData("select id from etl_slot where step = 1 and state = 3 and start >= 1 order by start desc limit 9", "etl_slot_state")]
    [InlineData("select id from etl_slot where step = 1 and start >= 1 order by start desc limit 9", "etl_slot_identity")]
    public async Task Claims_and_lists_go_by_an_index_without_sorting(string query, string index)
    {
        await using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"explain query plan {query}";
        await using var plan = await command.ExecuteReaderAsync();
        List<string> steps = [];
        while (await plan.ReadAsync()) steps.Add(plan.GetString(3));
        steps.ShouldHaveSingleItem().ShouldContain(index);
    }
}
