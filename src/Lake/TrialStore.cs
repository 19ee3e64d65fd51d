using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Lake;

/// <summary>
/// The store as it is now, and over it what pending commits would change for readers of the lake: the same jobs read and write through it as through the store itself, and nothing is committed.
/// It answers what jobs ask; whatever would change the store is refused.
/// </summary>
/// <remarks>Files that its jobs write lie in the lake's folder unlisted, under a token of their own: whoever makes it deletes them, and after a crash the sweep does.</remarks>
public sealed class TrialStore : IMetadata, ICommitLog, ILakeCatalog
{
    private readonly IMetadata _store;
    private readonly long _head;
    private readonly List<(PendingCommit Commit, long Number)> _pending = [];

    private TrialStore(IMetadata store, long head) => (_store, _head) = (store, head);

    public static async Task<TrialStore> OfAsync(IMetadata store, CancellationToken cancel) => new(store, await store.Commits.HeadAsync(cancel));

    /// <summary>As of which jobs read: all of the store as it was when this was made, and all that was tried.</summary>
    public long Head => _head + _pending.Count;

    /// <summary>Files of all that was tried.</summary>
    public IEnumerable<NewFile> Written => _pending.SelectMany(pending => pending.Commit.Added);

    public string StoreId => _store.StoreId;

    public ICommitLog Commits => this;

    public ILakeCatalog Catalog => this;

    public ILedger Ledger => throw Refused();

    public IAttemptLogs Logs => throw Refused();

    public IRunLedger Runs => throw Refused();

    public IFeedLog Feeds => throw Refused();

    public IPoolLedger Pools => throw Refused();

    public IParameterSets ParameterSets => throw Refused();

    public IBackfillLog Backfills => throw Refused();

    public IPublishLog Publishes => throw Refused();

    public ISourceLedger Sources => throw Refused();

    /// <summary>From here on readers see what the commit changes.</summary>
    public void Try(PendingCommit commit) => _pending.Add((commit, Head + 1));

    public Task<DateTimeOffset> NowAsync(CancellationToken cancel) => _store.NowAsync(cancel);

    public Task<long> HeadAsync(CancellationToken cancel) => Task.FromResult(Head);

    public async Task<IReadOnlyList<DatasetSchema>> SchemasAsync(string dataset, CancellationToken cancel) =>
        [.. await _store.Catalog.SchemasAsync(dataset, cancel), .. _pending.SelectMany(pending => pending.Commit.Schemas).Where(schema => schema.Dataset == dataset).DistinctBy(schema => schema.Version).OrderBy(schema => schema.Version)];

    public async Task<IReadOnlyList<string>> DatasetsAsync(CancellationToken cancel) => [.. (await _store.Catalog.DatasetsAsync(cancel)).Union(Written.Select(file => file.Dataset))];

    public async Task<IReadOnlyList<LakeFile>> FilesAsync(string dataset, DateTimeOffset from, DateTimeOffset to, long asOf, CancellationToken cancel) =>
        Shown(await _store.Catalog.FilesAsync(dataset, from, to, Math.Min(asOf, _head), cancel), asOf, file => file.Dataset == dataset && file.Windows.Any(window => window.Start >= from && window.Start < to));

    public async Task<IReadOnlyList<LakeFile>> FilesAsync(string dataset, long asOf, CancellationToken cancel) =>
        Shown(await _store.Catalog.FilesAsync(dataset, Math.Min(asOf, _head), cancel), asOf, file => file.Dataset == dataset);

    public async Task<IReadOnlyList<ChangedWindow>> ChangedAsync(string dataset, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        var changed = (await _store.Catalog.ChangedAsync(dataset, from, to, cancel)).Where(window => window.Number <= _head).ToDictionary(window => window.Start);
        foreach (var (commit, number) in _pending)
            foreach (var change in commit.Changed.Where(change => change.Dataset == dataset && change.Start >= from && change.Start < to)) changed[change.Start] = new(dataset, change.Start, number);
        return [.. changed.Values.OrderBy(window => window.Start)];
    }

    public async Task<IReadOnlyList<WindowRows>> RowsAsync(string dataset, DateTimeOffset from, DateTimeOffset to, long asOf, CancellationToken cancel)
    {
        // A trial replaces windows whole: of one that it has changed only its last commit counts.
        var rows = (await _store.Catalog.RowsAsync(dataset, from, to, Math.Min(asOf, _head), cancel)).ToDictionary(window => window.Start);
        foreach (var (commit, _) in _pending.Where(pending => pending.Number <= asOf))
        {
            foreach (var change in commit.Changed.Where(change => change.Dataset == dataset)) rows.Remove(change.Start);
            foreach (var window in commit.Added.Where(file => file.Dataset == dataset).SelectMany(file => file.Windows).Where(window => window.Start >= from && window.Start < to)) rows[window.Start] = window;
        }
        return [.. rows.Values.OrderBy(window => window.Start)];
    }

    public Task<DateTimeOffset?> FrontierAsync(string dataset, CancellationToken cancel) => _store.Catalog.FrontierAsync(dataset, cancel);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask; // the store is its owner's

    private IReadOnlyList<LakeFile> Shown(IReadOnlyList<LakeFile> there, long asOf, Func<NewFile, bool> isWanted)
    {
        var pending = _pending.Where(each => each.Number <= asOf).ToList();
        var retired = pending.SelectMany(each => each.Commit.Retired).ToHashSet(StringComparer.Ordinal);
        var added = pending.SelectMany(each => each.Commit.Added.Where(isWanted).Select(file => new LakeFile(file.Dataset, file.Path, file.Rows, file.Bytes, file.SchemaVersion, each.Number, null, file.Offsets)));
        return [.. there.Concat(added).Where(file => !retired.Contains(file.Path)).OrderBy(file => file.Path, StringComparer.Ordinal)];
    }

    private static InvalidOperationException Refused() => new("a trial changes nothing of the store, and reads only the lake");

    Task<Forgotten> ICommitLog.ForgetWritersAsync(DateTimeOffset endedBefore, long after, int max, CancellationToken cancel) => throw Refused();

    Task<long> ICommitLog.OpenWriterAsync(string name, TimeSpan lease, CancellationToken cancel) => throw Refused();

    Task<bool> ICommitLog.RenewWriterAsync(long token, TimeSpan lease, CancellationToken cancel) => throw Refused();

    Task ICommitLog.CloseWriterAsync(long token, CancellationToken cancel) => throw Refused();

    Task<IReadOnlyList<long>> ICommitLog.RevokeExpiredAsync(bool evenLive, CancellationToken cancel) => throw Refused();

    Task ICommitLog.MarkSweptAsync(IReadOnlyCollection<long> tokens, DateTimeOffset endedBefore, CancellationToken cancel) => throw Refused();

    Task<IReadOnlyList<CommitOutcome>> ICommitLog.CommitAsync(IReadOnlyList<PendingCommit> commits, CancellationToken cancel) => throw Refused();

    Task<IReadOnlyList<CommitInfo>> ICommitLog.AfterAsync(long number, int max, CancellationToken cancel) => throw Refused();

    Task<CommitInfo?> ICommitLog.FindAsync(long number, CancellationToken cancel) => throw Refused();

    Task<IReadOnlyList<ChangedWindow>> ICommitLog.ChangesAfterAsync(long number, int max, CancellationToken cancel) => throw Refused();

    Task<long> ICommitLog.CursorAsync(string reader, CancellationToken cancel) => throw Refused();

    Task ICommitLog.MoveCursorAsync(string reader, long number, CancellationToken cancel) => throw Refused();

    Task<IReadOnlySet<string>> ILakeCatalog.ListedAsync(IReadOnlyCollection<string> paths, CancellationToken cancel) => throw Refused();

    Task<IReadOnlyList<LakeFile>> ILakeCatalog.VacuumableAsync(DateTimeOffset retiredBefore, CancellationToken cancel) => throw Refused();

    Task ILakeCatalog.ForgetAsync(IReadOnlyCollection<string> paths, CancellationToken cancel) => throw Refused();

    Task<IReadOnlyList<PartitionProgress>> ILakeCatalog.ProgressAsync(string topic, CancellationToken cancel) => throw Refused();

    Task ILakeCatalog.HaltAsync(string topic, int partition, string reason, CancellationToken cancel) => throw Refused();

    Task ILakeCatalog.AcceptResetAsync(string topic, string topicId, IReadOnlyDictionary<int, long> from, CancellationToken cancel) => throw Refused();

    Task ILakeCatalog.MoveFrontierAsync(string dataset, DateTimeOffset frontier, CancellationToken cancel) => throw Refused();

    Task<IReadOnlyList<StoredReject>> ILakeCatalog.RejectsAsync(string? dataset, int max, CancellationToken cancel) => throw Refused();

    Task<StoredReject?> ILakeCatalog.RejectAsync(long id, CancellationToken cancel) => throw Refused();

    Task<IReadOnlyList<PartitionProgress>> ILandingLog.TakeAsync(string topic, string topicId, IReadOnlyCollection<int> partitions, long token, CancellationToken cancel) => throw Refused();
}
