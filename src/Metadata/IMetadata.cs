using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Metadata;

/// <summary>The store of all that is known about the lake and the work on it. Two back ends: SQLite and MySQL/MariaDB.</summary>
public interface IMetadata : IAsyncDisposable
{
    /// <summary>Which store it is, 32 hexadecimal digits made with its tables: the lake's files name it.</summary>
    string StoreId { get; }

    ICommitLog Commits { get; }

    ILakeCatalog Catalog { get; }

    ILedger Ledger { get; }

    IPoolLedger Pools { get; }

    IAttemptLogs Logs { get; }

    IRunLedger Runs { get; }

    IParameterSets ParameterSets { get; }

    IFeedLog Feeds { get; }

    IBackfillLog Backfills { get; }

    IPublishLog Publishes { get; }

    ISourceLedger Sources { get; }

    /// <summary>The database's clock: leases and commit numbers go by it alone.</summary>
    Task<DateTimeOffset> NowAsync(CancellationToken cancel);
}

/// <summary>The numbered commits: who reads head = N sees all commits ≤ N.</summary>
public interface ICommitLog
{
    Task<long> HeadAsync(CancellationToken cancel);

    /// <summary>Begins a writer's session. Tokens only grow.</summary>
    /// <param name="lease">How long it holds without <see cref="RenewWriterAsync"/>.</param>
    Task<long> OpenWriterAsync(string name, TimeSpan lease, CancellationToken cancel);

    /// <returns>false when the token was revoked: the writer must stop.</returns>
    Task<bool> RenewWriterAsync(long token, TimeSpan lease, CancellationToken cancel);

    Task CloseWriterAsync(long token, CancellationToken cancel);

    /// <summary>Revokes every writer whose lease is over (or all, when the caller alone holds the store), so that none of them can commit any more; slots that they left running are due at once.</summary>
    /// <returns>All tokens that are revoked or closed and may have left files, ascending: the sweep deletes their unlisted files.</returns>
    Task<IReadOnlyList<long>> RevokeExpiredAsync(bool evenLive, CancellationToken cancel);

    /// <summary>Says that the unlisted files of these writers are deleted: they are not listed again. Live writers are left alone.</summary>
    /// <param name="endedBefore">Only those whose lease was over by then: one that was merely paused may still write a file, though it can commit none.</param>
    Task MarkSweptAsync(IReadOnlyCollection<long> tokens, DateTimeOffset endedBefore, CancellationToken cancel);

    /// <summary>Forgets writers of one page of tokens whose lease was over before and whose unlisted files are swept: those that no commit names, and that hold no position, feed, slot or run. The newest token always stays.</summary>
    /// <param name="after">Where the page begins: 0, or what the page before answered.</param>
    /// <param name="max">Most writers of the page.</param>
    Task<Forgotten> ForgetWritersAsync(DateTimeOffset endedBefore, long after, int max, CancellationToken cancel);

    /// <summary>Carries out each pending commit under its own number, all in one transaction; a refused one changes nothing and hinders no other. <see cref="Committer"/> is its one caller.</summary>
    /// <remarks>
    /// A commit that is in the store already answers with its number again. It is known by what only it can have done: the names of its files, its progress, the end of its attempt,
    /// its retirements, its confirmation. One that has none of these (changes or schemas alone) is carried out again.
    /// </remarks>
    /// <exception cref="ArgumentException">A commit contradicts itself: a bug of whoever made it. None is carried out.</exception>
    /// <exception cref="ClockSkewException">The database's clock is too far off the node's.</exception>
    Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<PendingCommit> commits, CancellationToken cancel);

    /// <summary>Commits with numbers above <paramref name="number"/>, ascending.</summary>
    Task<IReadOnlyList<CommitInfo>> AfterAsync(long number, int max, CancellationToken cancel);

    Task<CommitInfo?> FindAsync(long number, CancellationToken cancel);

    /// <summary>Windows last changed by a commit above <paramref name="number"/>, ascending by number: what the planner follows from its cursor.</summary>
    /// <param name="max">A commit's windows are never split between two reads: the last commit's may go beyond it.</param>
    Task<IReadOnlyList<ChangedWindow>> ChangesAfterAsync(long number, int max, CancellationToken cancel);

    /// <summary>A reader's stored place in the commits; 0 at first.</summary>
    Task<long> CursorAsync(string reader, CancellationToken cancel);

    Task MoveCursorAsync(string reader, long number, CancellationToken cancel);
}

public sealed record CommitInfo(long Number, DateTimeOffset At, CommitKind Kind, long Token, string Writer, string Note);

/// <param name="Number">The last commit that changed rows of the window.</param>
public sealed record ChangedWindow(string Dataset, DateTimeOffset Start, long Number);

/// <summary>The lake's files, schemas, progress and rejects.</summary>
public interface ILakeCatalog : ILandingLog
{
    Task<IReadOnlyList<string>> DatasetsAsync(CancellationToken cancel);

    /// <summary>Files that hold rows of window starts in [from, to) as of a commit, ordered by path.</summary>
    Task<IReadOnlyList<LakeFile>> FilesAsync(string dataset, DateTimeOffset from, DateTimeOffset to, long asOf, CancellationToken cancel);

    /// <summary>All live files as of a commit.</summary>
    Task<IReadOnlyList<LakeFile>> FilesAsync(string dataset, long asOf, CancellationToken cancel);

    /// <summary>Whether the paths are listed, live or retired: those that are not are orphans.</summary>
    Task<IReadOnlySet<string>> ListedAsync(IReadOnlyCollection<string> paths, CancellationToken cancel);

    /// <summary>Retired before <paramref name="retiredBefore"/> and needed by no running slot and no unconfirmed publish.</summary>
    Task<IReadOnlyList<LakeFile>> VacuumableAsync(DateTimeOffset retiredBefore, CancellationToken cancel);

    /// <summary>Forgets retired files, after they were deleted.</summary>
    Task ForgetAsync(IReadOnlyCollection<string> paths, CancellationToken cancel);

    /// <summary>Windows of [from, to) with their last change, ascending.</summary>
    Task<IReadOnlyList<ChangedWindow>> ChangedAsync(string dataset, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel);

    /// <summary>Rows by window start as of a commit, ascending.</summary>
    Task<IReadOnlyList<WindowRows>> RowsAsync(string dataset, DateTimeOffset from, DateTimeOffset to, long asOf, CancellationToken cancel);

    /// <summary>Every partition ever landed of the topic's current generation.</summary>
    Task<IReadOnlyList<PartitionProgress>> ProgressAsync(string topic, CancellationToken cancel);

    /// <summary>Halts a partition by name until somebody accepts the break.</summary>
    Task HaltAsync(string topic, int partition, string reason, CancellationToken cancel);

    /// <summary>Opens the next generation of the topic at the given positions and clears halts; recorded as a commit. Landers take their partitions anew.</summary>
    /// <param name="from">Partitions left out go on where they stand; those of a topic that was made anew begin at 0.</param>
    Task AcceptResetAsync(string topic, string topicId, IReadOnlyDictionary<int, long> from, CancellationToken cancel);

    /// <summary>All events of the dataset before it have landed, lateness allowed for; null before the first landing.</summary>
    Task<DateTimeOffset?> FrontierAsync(string dataset, CancellationToken cancel);

    /// <summary>Moves the frontier forward, never back.</summary>
    Task MoveFrontierAsync(string dataset, DateTimeOffset frontier, CancellationToken cancel);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<StoredReject>> RejectsAsync(string? dataset, int max, CancellationToken cancel);

    Task<StoredReject?> RejectAsync(long id, CancellationToken cancel);
}

public sealed record LakeFile(string Dataset, string Path, long Rows, long Bytes, int SchemaVersion, long AddedIn, long? RetiredIn, IReadOnlyList<OffsetRange> Offsets);

public sealed record StoredReject(long Id, Reject Reject, long Commit, DateTimeOffset At);

/// <summary>The slots. Every change of state is compare-and-set on (state, round, attempt, token) and follows <see cref="SlotTransitions"/>.</summary>
public interface ILedger
{
    /// <summary>Inserts slots that are not there; leaves the others alone.</summary>
    /// <returns>How many were inserted.</returns>
    Task<int> PlanAsync(IReadOnlyList<PlannedSlot> slots, CancellationToken cancel);

    /// <summary>Takes due slots (queued, or retrying past their time; or running with the lease over: next attempt) and makes them running; as_of = head. Where both lanes are wanted and have due slots, one of five is of the backfill lane and the others are live; in each lane whoever waited longest.</summary>
    /// <returns>Empty where nothing is due, or the token is revoked.</returns>
    Task<IReadOnlyList<Slot>> ClaimAsync(ClaimRequest request, CancellationToken cancel);

    /// <summary>How many slots of these steps a claim would find due now, counted up to <paramref name="max"/>; one question that locks nothing.</summary>
    /// <param name="lane">null for both.</param>
    Task<int> DueAsync(IReadOnlyCollection<string> steps, Lane? lane, int max, CancellationToken cancel);

    /// <summary>Plans, queues and claims in one transaction what follows slots that have just ended: those of <paramref name="slots"/> whose <see cref="FollowingSlot.After"/> are all done, and which are absent, wait, are due, or ended before their input changed.</summary>
    /// <returns>Those that run now; empty also where the token is revoked. The others are left to a pass of planning.</returns>
    Task<IReadOnlyList<Slot>> FollowAsync(IReadOnlyList<FollowingSlot> slots, long token, TimeSpan lease, CancellationToken cancel);

    /// <returns>The slots whose lease was still the caller's.</returns>
    Task<IReadOnlyList<SlotId>> RenewAsync(IReadOnlyList<Slot> slots, TimeSpan lease, CancellationToken cancel);

    /// <summary>Moves slots between states that need no commit: waiting ↔ queued, ended → queued (round + 1), retrying or running → queued (the round goes on), → cancelled.</summary>
    /// <returns>Those that were as expected and moved.</returns>
    /// <exception cref="ArgumentException">The move is none of these.</exception>
    Task<IReadOnlyList<SlotId>> MoveAsync(IReadOnlyList<SlotMove> moves, CancellationToken cancel);

    /// <summary>Takes open slots of the backfill lane to the live one: what both want is live. Ended ones are left as they are.</summary>
    /// <returns>How many.</returns>
    Task<int> ToLiveAsync(IReadOnlyList<SlotId> slots, CancellationToken cancel);

    Task<Slot?> FindAsync(SlotId id, CancellationToken cancel);

    Task<IReadOnlyList<Slot>> FindAsync(IReadOnlyList<SlotId> ids, CancellationToken cancel);

    /// <returns>Ordered by window start, step and key; the newest windows where there are more than <see cref="SlotFilter.Max"/>.</returns>
    Task<IReadOnlyList<Slot>> ListAsync(SlotFilter filter, CancellationToken cancel);

    /// <summary>How many slots of each step are in which state; <see cref="SlotFilter.Max"/> counts for nothing. Ordered by step, in the order of the filter's, and state.</summary>
    Task<IReadOnlyList<SlotCount>> CountAsync(SlotFilter filter, CancellationToken cancel);

    Task<IReadOnlyList<SlotAttempt>> AttemptsAsync(SlotId id, CancellationToken cancel);
}

/// <param name="State">Waiting or Queued.</param>
public sealed record PlannedSlot(SlotId Id, Lane Lane, SlotState State, string Reason = "");

/// <param name="Lane">Where it is planned anew.</param>
/// <param name="Changed">The commit that changed its input: an end that is older counts no more, and a slot that is absent is planned. 0 where it only waited.</param>
/// <param name="After">Slots that must be there and done or skipped.</param>
public sealed record FollowingSlot(SlotId Id, Lane Lane, long Changed, IReadOnlyList<SlotId> After);

/// <param name="Steps">Full names of the steps the worker can run.</param>
/// <param name="Max">Most slots to take, 1 to 1,000.</param>
public sealed record ClaimRequest(IReadOnlyCollection<string> Steps, int Max, long Token, TimeSpan Lease)
{
    /// <summary>The one lane that is wanted; null for both.</summary>
    public Lane? Lane { get; init; }
}

/// <param name="Expected">The slot as read: state, round, attempt and token must still be these.</param>
public sealed record SlotMove(Slot Expected, SlotState To, string Reason, DateTimeOffset? NotBefore = null)
{
    /// <summary>The lane it goes on in; null for the one it has.</summary>
    public Lane? Lane { get; init; }
}

public sealed record SlotFilter
{
    /// <summary>Full names; null for all.</summary>
    public IReadOnlyCollection<string>? Steps { get; init; }

    public IReadOnlyCollection<SlotState>? States { get; init; }

    /// <summary>Null for both.</summary>
    public Lane? Lane { get; init; }

    /// <summary>Windows that start in [From, To).</summary>
    public DateTimeOffset? From { get; init; }

    public DateTimeOffset? To { get; init; }

    public int Max { get; init; } = 1_000;
}

public sealed record SlotCount(string Step, SlotState State, long Count);

public sealed record SlotAttempt(int Round, int Attempt, long Token, DateTimeOffset Started, DateTimeOffset? Ended, SlotState? State, long Rows, string Reason)
{
    /// <summary>Name of the writer whose token it is, <c>up 4711</c>; "" where it is not known any more.</summary>
    public string Worker { get; init; } = "";
}
