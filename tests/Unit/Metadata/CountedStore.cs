using Etl.Metadata;
using Etl.Metadata.Relational;
using Etl.Metadata.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Etl.Tests.Unit.Metadata;

/// <summary>An empty store in a folder of its own which counts the instructions of SQLite's machine: what work costs, without a clock.</summary>
internal sealed class CountedStore : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("etl-scale-").FullName;
    private SqliteDatabase _database = null!;
    private long _steps;

    private CountedStore() { }

    /// <summary>Instructions of each piece of work, by name.</summary>
    public Dictionary<string, long> Costs { get; } = [];

    public static async Task<CountedStore> OpenAsync()
    {
        var store = new CountedStore();
        string path = Path.Combine(store._folder, "store.db");
        await (await SqliteMetadata.OpenAsync(path, TimeProvider.System)).DisposeAsync();
        store._database = new(path, TimeProvider.System, new MetadataOptions());
        await store._database.WriteAsync(store.Watch, default);
        await store._database.ReadAsync(store.Watch, default);
        return store;
    }

    /// <summary>The store as a process sees it that has read nothing yet.</summary>
    public Task<RelationalMetadata> AnewAsync() => RelationalMetadata.OpenAsync(_database, TimeProvider.System, default);

    /// <summary>Counts what the work costs.</summary>
    public async Task<T> CostAsync<T>(string what, Func<Task<T>> work)
    {
        _steps = 0;
        var done = await work();
        Costs[what] = _steps;
        return done;
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<int> Watch(Session session)
    {
        raw.sqlite3_progress_handler(((SqliteConnection)session.Connection).Handle, 1, _ =>
        {
            _steps++;
            return 0; // go on
        }, null);
        return Task.FromResult(0);
    }
}
