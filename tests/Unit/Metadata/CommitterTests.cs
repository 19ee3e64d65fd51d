using Etl.Contracts.Commits;
using Etl.Metadata;

namespace Etl.Tests.Unit.Metadata;

public sealed class CommitterTests
{
    [Fact]
    public async Task Commits_that_come_while_one_runs_are_carried_out_together()
    {
        var log = new HeldLog();
        var committer = new Committer(log);
        var first = committer.CommitAsync(Commit(1));
        await log.Called;
        var others = Enumerable.Range(2, 9).Select(token => committer.CommitAsync(Commit(token))).ToArray();
        log.Release();
        await first;
        var outcomes = await Task.WhenAll(others);
        log.Groups.ShouldBe([1, 9]);
        outcomes.Cast<CommitOutcome.Committed>().Select(static each => each.Number).ShouldBe(Enumerable.Range(2, 9).Select(static token => (long)token));
    }

    [Fact]
    public async Task A_malformed_commit_does_not_take_others_with_it()
    {
        var log = new HeldLog();
        var committer = new Committer(log);
        var first = committer.CommitAsync(Commit(1));
        var (good, bad, alsoGood) = (committer.CommitAsync(Commit(2)), committer.CommitAsync(Commit(-1)), committer.CommitAsync(Commit(3)));
        log.Release();
        await Task.WhenAll(first, good, alsoGood);
        await Should.ThrowAsync<ArgumentException>(() => bad);
    }

    private static PendingCommit Commit(long token) => new() { Kind = CommitKind.Land, Token = token };

    /// <summary>Answers with the token as number; the first call waits to be released.</summary>
    private sealed class HeldLog : ICommitLog
    {
        private readonly TaskCompletionSource _held = new();

        private readonly TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Ends with the first call.</summary>
        public Task Called => _called.Task;

        public List<int> Groups { get; } = [];

        public void Release() => _held.SetResult();

        public async Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<PendingCommit> commits, CancellationToken cancel)
        {
            _called.TrySetResult();
            await _held.Task;
            if (commits.Any(static commit => commit.Token < 0)) throw new ArgumentException("malformed");
            Groups.Add(commits.Count);
            return [.. commits.Select(static commit => new CommitOutcome.Committed(commit.Token))];
        }

        public Task<long> HeadAsync(CancellationToken cancel) => throw new NotSupportedException();
        public Task<long> OpenWriterAsync(string name, TimeSpan lease, CancellationToken cancel) => throw new NotSupportedException();
        public Task<bool> RenewWriterAsync(long token, TimeSpan lease, CancellationToken cancel) => throw new NotSupportedException();
        public Task<Forgotten> ForgetWritersAsync(DateTimeOffset endedBefore, long after, int max, CancellationToken cancel) => throw new NotSupportedException();
        public Task CloseWriterAsync(long token, CancellationToken cancel) => throw new NotSupportedException();
        public Task<IReadOnlyList<long>> RevokeExpiredAsync(bool evenLive, CancellationToken cancel) => throw new NotSupportedException();

        public Task MarkSweptAsync(IReadOnlyCollection<long> tokens, DateTimeOffset endedBefore, CancellationToken cancel) => throw new NotSupportedException();
        public Task<IReadOnlyList<CommitInfo>> AfterAsync(long number, int max, CancellationToken cancel) => throw new NotSupportedException();
        public Task<CommitInfo?> FindAsync(long number, CancellationToken cancel) => throw new NotSupportedException();
        public Task<IReadOnlyList<ChangedWindow>> ChangesAfterAsync(long number, int max, CancellationToken cancel) => throw new NotSupportedException();
        public Task<long> CursorAsync(string reader, CancellationToken cancel) => throw new NotSupportedException();
        public Task MoveCursorAsync(string reader, long number, CancellationToken cancel) => throw new NotSupportedException();
    }
}
