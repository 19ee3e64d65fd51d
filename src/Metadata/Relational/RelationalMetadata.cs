using Etl.Contracts.Commits;
using Etl.Metadata.Relational.Backfills;
using Etl.Metadata.Relational.Catalog;
using Etl.Metadata.Relational.Commits;
using Etl.Metadata.Relational.Runs;
using Etl.Metadata.Relational.Slots;
using Etl.Metadata.Relational.Sources;

namespace Etl.Metadata.Relational;

/// <summary>The store over ADO.NET; what differs between SQLite and MySQL is in its <see cref="Database"/>.</summary>
internal sealed class RelationalMetadata : IMetadata
{
    private RelationalMetadata(Database database, TimeProvider node, string store)
    {
        (Database, StoreId) = (database, store);
        var names = new NameTable(database);
        var head = new Head(database, node);
        var rows = new SlotRows(database, names);
        Commits = new RelationalCommitLog(database, names, head, rows);
        Catalog = new RelationalCatalog(database, names, head);
        Ledger = new RelationalLedger(database, names, rows);
        Pools = new RelationalPoolLedger(database, names);
        Logs = new RelationalAttemptLogs(database, names, rows);
        Runs = new RelationalRunLedger(database, names);
        ParameterSets = new RelationalParameterSets(database, names);
        Feeds = new RelationalFeedLog(database, names);
        Backfills = new RelationalBackfillLog(database, names);
        Publishes = new RelationalPublishLog(database, names);
        Sources = new RelationalSourceLedger(database, names);
    }

    public static async Task<RelationalMetadata> OpenAsync(Database database, TimeProvider node, CancellationToken cancel) =>
        new(database, node, (await database.ReadAsync(session => session.FirstAsync($"select name from etl_store where id = 1", static row => row.GetString(0), cancel), cancel))!);

    public Database Database { get; }

    public string StoreId { get; }

    public ICommitLog Commits { get; }

    public ILakeCatalog Catalog { get; }

    public ILedger Ledger { get; }

    public IPoolLedger Pools { get; }

    public IAttemptLogs Logs { get; }

    public IRunLedger Runs { get; }

    public IParameterSets ParameterSets { get; }

    public IFeedLog Feeds { get; }

    public IBackfillLog Backfills { get; }

    public IPublishLog Publishes { get; }

    public ISourceLedger Sources { get; }

    public Task<DateTimeOffset> NowAsync(CancellationToken cancel) => Catalog.NowAsync(cancel);

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
