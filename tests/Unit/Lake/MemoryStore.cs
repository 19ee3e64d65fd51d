using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Unit.Lake;

/// <summary>The least of a store that the lake's parts need, in memory. What the real ones do beyond it the conformance suite asks of them.</summary>
public sealed class MemoryStore : IMetadata, ICommitLog, ILakeCatalog
{
    private readonly List<(LakeFile File, IReadOnlyList<WindowRows> Windows)> _files = [];
    private readonly List<DatasetSchema> _schemas = [];
    private readonly Dictionary<WindowChange, long> _changed = [];
    private readonly HashSet<long> _live = [];
    private readonly HashSet<long> _dead = [];
    private long _lastToken;

    public long Head { get; private set; }

    public DateTimeOffset Now { get; set; } = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    public List<PartitionProgress> Progress { get; } = [];

    public string StoreId => "memory";

    public ICommitLog Commits => this;

    public ILakeCatalog Catalog => this;

    public ILedger Ledger => throw new NotSupportedException();

    public IAttemptLogs Logs => throw new NotSupportedException();

    public IRunLedger Runs => throw new NotSupportedException();

    public IFeedLog Feeds => throw new NotSupportedException();

    public IPoolLedger Pools => throw new NotSupportedException();

    public IParameterSets ParameterSets => throw new NotSupportedException();

    public IBackfillLog Backfills => throw new NotSupportedException();

    public IPublishLog Publishes => throw new NotSupportedException();

    public ISourceLedger Sources => throw new NotSupportedException();

    public Task<DateTimeOffset> NowAsync(CancellationToken cancel) => Task.FromResult(Now);

    public Task<long> HeadAsync(CancellationToken cancel) => Task.FromResult(Head);

    public Task<long> OpenWriterAsync(string name, TimeSpan lease, CancellationToken cancel)
    {
        _live.Add(++_lastToken);
        return Task.FromResult(_lastToken);
    }

    public Task CloseWriterAsync(long token, CancellationToken cancel)
    {
        if (_live.Remove(token)) _dead.Add(token);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<long>> RevokeExpiredAsync(bool evenLive, CancellationToken cancel)
    {
        if (evenLive)
        {
            _dead.UnionWith(_live);
            _live.Clear();
        }
        return Task.FromResult<IReadOnlyList<long>>([.. _dead]);
    }

    public Task MarkSweptAsync(IReadOnlyCollection<long> tokens, DateTimeOffset endedBefore, CancellationToken cancel)
    {
        _dead.ExceptWith(tokens);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<PendingCommit> commits, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<CommitOutcome>>([.. commits.Select(Commit)]);

    public Task<IReadOnlyList<string>> DatasetsAsync(CancellationToken cancel) => Task.FromResult<IReadOnlyList<string>>([.. _schemas.Select(schema => schema.Dataset).Distinct()]);

    public Task<IReadOnlyList<DatasetSchema>> SchemasAsync(string dataset, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<DatasetSchema>>([.. _schemas.Where(schema => schema.Dataset == dataset).OrderBy(schema => schema.Version)]);

    public Task<IReadOnlyList<LakeFile>> FilesAsync(string dataset, DateTimeOffset from, DateTimeOffset to, long asOf, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<LakeFile>>([.. _files.Where(entry => entry.File.Dataset == dataset && Shows(entry.File, asOf) && entry.Windows.Any(window => window.Start >= from && window.Start < to)).Select(entry => entry.File)]);

    public Task<IReadOnlyList<ChangedWindow>> ChangedAsync(string dataset, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<ChangedWindow>>([.. _changed.Where(pair => pair.Key.Dataset == dataset && pair.Key.Start >= from && pair.Key.Start < to).OrderBy(pair => pair.Key.Start).Select(pair => new ChangedWindow(dataset, pair.Key.Start, pair.Value))]);

    public Task<IReadOnlyList<LakeFile>> FilesAsync(string dataset, long asOf, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<LakeFile>>([.. _files.Select(entry => entry.File).Where(file => file.Dataset == dataset && Shows(file, asOf))]);

    public Task<IReadOnlySet<string>> ListedAsync(IReadOnlyCollection<string> paths, CancellationToken cancel) =>
        Task.FromResult<IReadOnlySet<string>>(_files.Select(entry => entry.File.Path).Where(paths.Contains).ToHashSet());

    public Task<IReadOnlyList<LakeFile>> VacuumableAsync(DateTimeOffset retiredBefore, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<LakeFile>>([.. _files.Select(entry => entry.File).Where(file => file.RetiredIn is { } number && number < Etl.Contracts.Time.Micros.Of(retiredBefore))]);

    public Task ForgetAsync(IReadOnlyCollection<string> paths, CancellationToken cancel)
    {
        _files.RemoveAll(entry => paths.Contains(entry.File.Path));
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<WindowRows>> RowsAsync(string dataset, DateTimeOffset from, DateTimeOffset to, long asOf, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<WindowRows>>([.. _files.Where(entry => entry.File.Dataset == dataset && Shows(entry.File, asOf)).SelectMany(entry => entry.Windows)
            .Where(window => window.Start >= from && window.Start < to).GroupBy(window => window.Start).OrderBy(group => group.Key).Select(group => new WindowRows(group.Key, group.Sum(window => window.Rows)))]);

    public Task<IReadOnlyList<PartitionProgress>> ProgressAsync(string topic, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<PartitionProgress>>([.. Progress.Where(progress => progress.Topic == topic)]);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private CommitOutcome Commit(PendingCommit commit)
    {
        if (!_live.Contains(commit.Token)) return new CommitOutcome.Refused($"token {commit.Token} is revoked");
        foreach (string path in commit.Retired)
            if (!_files.Any(entry => entry.File.Path == path && entry.File.RetiredIn is null)) return new CommitOutcome.Refused($"{path} is not live");
        long number = Head = Math.Max(Head + 1, Etl.Contracts.Time.Micros.Of(Now));
        for (int i = 0; i < _files.Count; i++)
            if (commit.Retired.Contains(_files[i].File.Path)) _files[i] = (_files[i].File with { RetiredIn = number }, _files[i].Windows);
        foreach (var file in commit.Added) _files.Add((new(file.Dataset, file.Path, file.Rows, file.Bytes, file.SchemaVersion, number, null, file.Offsets), file.Windows));
        _schemas.AddRange(commit.Schemas);
        foreach (var change in commit.Changed) _changed[change] = number;
        return new CommitOutcome.Committed(number);
    }

    private static bool Shows(LakeFile file, long asOf) => file.AddedIn <= asOf && (file.RetiredIn is not { } retired || retired > asOf);

    Task<Forgotten> ICommitLog.ForgetWritersAsync(DateTimeOffset endedBefore, long after, int max, CancellationToken cancel) => throw new NotSupportedException();

    Task<bool> ICommitLog.RenewWriterAsync(long token, TimeSpan lease, CancellationToken cancel) => throw new NotSupportedException();

    Task<IReadOnlyList<CommitInfo>> ICommitLog.AfterAsync(long number, int max, CancellationToken cancel) => throw new NotSupportedException();

    Task<CommitInfo?> ICommitLog.FindAsync(long number, CancellationToken cancel) => throw new NotSupportedException();

    Task<IReadOnlyList<ChangedWindow>> ICommitLog.ChangesAfterAsync(long number, int max, CancellationToken cancel) => throw new NotSupportedException();

    Task<long> ICommitLog.CursorAsync(string reader, CancellationToken cancel) => throw new NotSupportedException();

    Task ICommitLog.MoveCursorAsync(string reader, long number, CancellationToken cancel) => throw new NotSupportedException();

    Task<IReadOnlyList<PartitionProgress>> ILandingLog.TakeAsync(string topic, string topicId, IReadOnlyCollection<int> partitions, long token, CancellationToken cancel) => throw new NotSupportedException();

    Task ILakeCatalog.HaltAsync(string topic, int partition, string reason, CancellationToken cancel) => throw new NotSupportedException();

    Task ILakeCatalog.AcceptResetAsync(string topic, string topicId, IReadOnlyDictionary<int, long> from, CancellationToken cancel) => throw new NotSupportedException();

    Task<DateTimeOffset?> ILakeCatalog.FrontierAsync(string dataset, CancellationToken cancel) => throw new NotSupportedException();

    Task ILakeCatalog.MoveFrontierAsync(string dataset, DateTimeOffset frontier, CancellationToken cancel) => throw new NotSupportedException();

    Task<IReadOnlyList<StoredReject>> ILakeCatalog.RejectsAsync(string? dataset, int max, CancellationToken cancel) => throw new NotSupportedException();

    Task<StoredReject?> ILakeCatalog.RejectAsync(long id, CancellationToken cancel) => throw new NotSupportedException();
}
