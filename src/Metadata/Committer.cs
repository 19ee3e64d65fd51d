using System.Collections.Concurrent;
using Etl.Contracts.Commits;

namespace Etl.Metadata;

/// <summary>The one place that commits. Callers that come while a commit runs are carried out together by the next: one transaction, one sync, a number for each.</summary>
/// <remarks>Who comes first starts the committing, which goes on until nobody waits; so a caller waits for its own commit alone.</remarks>
public sealed class Committer(ICommitLog log)
{
    /// <summary>Commits in one transaction.</summary>
    public const int GroupMax = 256;

    /// <summary>Callers that may wait; those beyond wait for a place.</summary>
    public const int WaitingMax = 4_096;

    private readonly ConcurrentQueue<Waiting> _queue = new();
    private readonly SemaphoreSlim _places = new(WaitingMax, WaitingMax);
    private int _committing;

    /// <summary>Carries out <paramref name="commit"/>. After an exception the same commit may be handed in again: one that is in the store already is known again and answers with its number.</summary>
    /// <param name="cancel">Ends the wait for a place; once queued, the commit's outcome is awaited.</param>
    /// <exception cref="Etl.Contracts.StoreException">The store is away or refused; whether the commit is in it shows when it is handed in again.</exception>
    public async Task<CommitOutcome> CommitAsync(PendingCommit commit, CancellationToken cancel = default)
    {
        await _places.WaitAsync(cancel);
        try
        {
            var own = new Waiting(commit);
            _queue.Enqueue(own);
            if (Interlocked.Exchange(ref _committing, 1) == 0) _ = Task.Run(CommitAllAsync, CancellationToken.None);
            return await own.Outcome.Task;
        }
        finally { _places.Release(); }
    }

    private async Task CommitAllAsync()
    {
        do
        {
            while (!_queue.IsEmpty) await CommitGroupAsync();
            Interlocked.Exchange(ref _committing, 0); // a full fence: the look below must not come before it, or one that came between is never seen
        }
        while (!_queue.IsEmpty && Interlocked.Exchange(ref _committing, 1) == 0); // one that came after the last look is not left waiting
    }

    private async Task CommitGroupAsync()
    {
        List<Waiting> group = [];
        while (group.Count < GroupMax && _queue.TryDequeue(out var next)) group.Add(next);
        if (group is [{ Context: { } context }, ..]) ExecutionContext.Restore(context); // the first caller's, not of whoever started the committing
        try
        {
            var outcomes = await log.CommitAsync([.. group.Select(static each => each.Commit)], CancellationToken.None);
            for (var index = 0; index < group.Count; index++) group[index].Outcome.SetResult(outcomes[index]);
        }
        catch (ArgumentException) when (group.Count > 1)
        {
            foreach (var each in group) await CommitAloneAsync(each); // one of them is malformed: its fault must not be the others'
        }
        catch (Exception exception)
        {
            foreach (var each in group) each.Outcome.SetException(exception);
        }
    }

    private async Task CommitAloneAsync(Waiting waiting)
    {
        try { waiting.Outcome.SetResult((await log.CommitAsync([waiting.Commit], CancellationToken.None))[0]); }
        catch (Exception exception) { waiting.Outcome.SetException(exception); }
    }

    private sealed record Waiting(PendingCommit Commit)
    {
        public ExecutionContext? Context { get; } = ExecutionContext.Capture();

        public TaskCompletionSource<CommitOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
