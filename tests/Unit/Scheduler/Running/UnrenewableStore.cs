using Etl.Contracts;
using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Tests.Unit.Scheduler.Running;

/// <summary>A store that is away whenever a lease is to be renewed; all else it passes on.</summary>
internal sealed class UnrenewableStore(IMetadata store) : IMetadata, ILedger
{
    public string StoreId => store.StoreId;

    public ICommitLog Commits => store.Commits;

    public ILakeCatalog Catalog => store.Catalog;

    public ILedger Ledger => this;

    public IPoolLedger Pools => store.Pools;

    public IAttemptLogs Logs => store.Logs;

    public IRunLedger Runs => store.Runs;

    public IFeedLog Feeds => store.Feeds;

    public IPublishLog Publishes => store.Publishes;

    public IParameterSets ParameterSets => store.ParameterSets;

    public IBackfillLog Backfills => store.Backfills;

    public ISourceLedger Sources => store.Sources;

    public Task<DateTimeOffset> NowAsync(CancellationToken cancel) => store.NowAsync(cancel);

    public Task<IReadOnlyList<SlotId>> RenewAsync(IReadOnlyList<Slot> slots, TimeSpan lease, CancellationToken cancel) => throw new StoreException("the store is away", isTransient: true);

    public Task<int> PlanAsync(IReadOnlyList<PlannedSlot> slots, CancellationToken cancel) => store.Ledger.PlanAsync(slots, cancel);

    public Task<IReadOnlyList<Slot>> ClaimAsync(ClaimRequest request, CancellationToken cancel) => store.Ledger.ClaimAsync(request, cancel);

    public Task<int> DueAsync(IReadOnlyCollection<string> steps, Lane? lane, int max, CancellationToken cancel) => store.Ledger.DueAsync(steps, lane, max, cancel);

    public Task<IReadOnlyList<Slot>> FollowAsync(IReadOnlyList<FollowingSlot> slots, long token, TimeSpan lease, CancellationToken cancel) => store.Ledger.FollowAsync(slots, token, lease, cancel);

    public Task<IReadOnlyList<SlotId>> MoveAsync(IReadOnlyList<SlotMove> moves, CancellationToken cancel) => store.Ledger.MoveAsync(moves, cancel);

    public Task<int> ToLiveAsync(IReadOnlyList<SlotId> slots, CancellationToken cancel) => store.Ledger.ToLiveAsync(slots, cancel);

    public Task<Slot?> FindAsync(SlotId id, CancellationToken cancel) => store.Ledger.FindAsync(id, cancel);

    public Task<IReadOnlyList<Slot>> FindAsync(IReadOnlyList<SlotId> ids, CancellationToken cancel) => store.Ledger.FindAsync(ids, cancel);

    public Task<IReadOnlyList<Slot>> ListAsync(SlotFilter filter, CancellationToken cancel) => store.Ledger.ListAsync(filter, cancel);

    public Task<IReadOnlyList<SlotCount>> CountAsync(SlotFilter filter, CancellationToken cancel) => store.Ledger.CountAsync(filter, cancel);

    public Task<IReadOnlyList<SlotAttempt>> AttemptsAsync(SlotId id, CancellationToken cancel) => store.Ledger.AttemptsAsync(id, cancel);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
