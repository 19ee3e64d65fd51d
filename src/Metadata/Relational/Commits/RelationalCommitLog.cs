using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata.Relational.Slots;

namespace Etl.Metadata.Relational.Commits;

internal enum WriterState
{
    Open,
    Closed,
    Revoked,

    /// <summary>Closed or revoked, and its unlisted files are deleted.</summary>
    Swept,
}

internal sealed class RelationalCommitLog(Database database, NameTable names, Head head, SlotRows rows) : ICommitLog
{
    /// <summary>Tokens in one list.</summary>
    private const int TokensMax = 500;

    private readonly OldWriters _old = new(database);

    public async Task<IReadOnlyList<CommitOutcome>> CommitAsync(IReadOnlyList<PendingCommit> commits, CancellationToken cancel)
    {
        foreach (var commit in commits) PendingCommitRules.Require(commit);
        if (commits.Count == 0) return [];
        var known = await names.EnterAsync(commits.SelectMany(NamesOf), cancel);
        return await database.WriteAsync(session => CommitAsync(session, commits, known, cancel), cancel, commits: true);
    }

    private async Task<IReadOnlyList<CommitOutcome>> CommitAsync(Session session, IReadOnlyList<PendingCommit> commits, IReadOnlyDictionary<string, long> known, CancellationToken cancel)
    {
        var locked = await head.LockAsync(session, cancel);
        var facts = await new CommitFactsReader(session, known, rows, cancel).ReadAsync(commits);
        var writes = new CommitWrites(database, known, facts, locked.Now);
        var next = locked.Next;
        var outcomes = new CommitOutcome[commits.Count];
        for (var index = 0; index < commits.Count; index++)
        {
            var verdict = CommitDecision.Decide(commits[index], facts, next);
            if (verdict is Verdict.Accepted accepted) writes.Add(commits[index], next++, accepted.Slot);
            outcomes[index] = verdict switch
            {
                Verdict.Accepted done => new CommitOutcome.Committed(done.Number, done.Slot?.State),
                Verdict.There there => new CommitOutcome.Committed(there.Number, there.SlotState),
                Verdict.Refused refused => new CommitOutcome.Refused(refused.Reason),
                _ => throw new InvalidOperationException($"{verdict} is no verdict"),
            };
        }
        if (next == locked.Next) return outcomes;
        await writes.WriteAsync(session, cancel);
        await locked.WriteAsync(session, next - 1, cancel);
        return outcomes;
    }

    private static IEnumerable<string> NamesOf(PendingCommit commit)
    {
        foreach (var file in commit.Added)
        {
            yield return file.Dataset;
            foreach (var range in file.Offsets) yield return range.Topic;
        }
        foreach (var move in commit.Progress) yield return move.Range.Topic;
        foreach (var change in commit.Changed) yield return change.Dataset;
        foreach (var schema in commit.Schemas) yield return schema.Dataset;
        foreach (var reject in commit.Rejects)
        {
            yield return reject.Dataset;
            yield return reject.Topic;
        }
        if (commit.Confirmed is { } confirmed)
        {
            yield return confirmed.Sink;
            yield return confirmed.Table;
        }
        if (commit.Slot is not { } end) yield break;
        yield return end.Id.Step;
        yield return end.Id.Key;
        yield return end.Digest;
        foreach (var input in end.Inputs) yield return input.Dataset;
    }

    public Task<long> HeadAsync(CancellationToken cancel) =>
        database.ReadAsync(session => session.FirstAsync($"select head from etl_head where id = 1", static row => row.GetInt64(0), cancel), cancel);

    public Task<long> OpenWriterAsync(string name, TimeSpan lease, CancellationToken cancel) => database.WriteAsync(async session =>
    {
        var (_, now) = await Head.ReadAsync(session, database, cancel);
        await session.ExecuteAsync($"insert into etl_writer (name, opened, lease_end, state) values ({name}, {now}, {now + MicrosOf(lease)}, {(int)WriterState.Open})", cancel);
        return (await session.NumberAsync($"select {database.LastNumber}", cancel))!.Value;
    }, cancel);

    public Task<bool> RenewWriterAsync(long token, TimeSpan lease, CancellationToken cancel) => database.WriteAsync(async session =>
    {
        var (_, now) = await Head.ReadAsync(session, database, cancel);
        return await session.ExecuteAsync($"update etl_writer set lease_end = {now + MicrosOf(lease)} where token = {token} and state = {(int)WriterState.Open}", cancel) == 1;
    }, cancel);

    public Task CloseWriterAsync(long token, CancellationToken cancel) => database.WriteAsync(async session =>
    {
        await head.LockAsync(session, cancel); // no commit under the token is half-way
        return await session.ExecuteAsync($"update etl_writer set state = {(int)WriterState.Closed} where token = {token} and state = {(int)WriterState.Open}", cancel);
    }, cancel);

    public Task<IReadOnlyList<long>> RevokeExpiredAsync(bool evenLive, CancellationToken cancel) => database.WriteAsync<IReadOnlyList<long>>(async session =>
    {
        var locked = await head.LockAsync(session, cancel);
        var over = evenLive ? long.MaxValue : locked.Now;
        await session.ExecuteAsync($"update etl_writer set state = {(int)WriterState.Revoked} where state = {(int)WriterState.Open} and lease_end < {over}", cancel);
        // Nobody can end these attempts any more: their slots are due at once, not when the slot's own lease is over.
        await session.ExecuteAsync(
            $"""
            update etl_slot set due = {locked.Now} where state = {(int)SlotState.Running} and due > {locked.Now}
            and token in (select token from etl_writer where state <> {(int)WriterState.Open})
            """, cancel);
        await session.ExecuteAsync(
            $"""
            update etl_run set due = {locked.Now} where state = {(int)RunState.Running} and due > {locked.Now}
            and token in (select token from etl_writer where state <> {(int)WriterState.Open})
            """, cancel);
        await session.ExecuteAsync($"update etl_feed set lease_end = 0 where lease_end > {locked.Now} and token in (select token from etl_writer where state <> {(int)WriterState.Open})", cancel);
        await session.ExecuteAsync($"delete from etl_feed_lander where token in (select token from etl_writer where state <> {(int)WriterState.Open})", cancel);
        return await session.QueryAsync($"select token from etl_writer where state in ({(int)WriterState.Closed}, {(int)WriterState.Revoked}) order by token", static row => row.GetInt64(0), cancel);
    }, cancel);

    public Task MarkSweptAsync(IReadOnlyCollection<long> tokens, DateTimeOffset endedBefore, CancellationToken cancel) => database.WriteAsync(async session =>
    {
        foreach (var chunk in tokens.Chunk(TokensMax))
            await session.ExecuteAsync(
                $"""
                update etl_writer set state = {(int)WriterState.Swept}
                where token in ({chunk}) and state in ({(int)WriterState.Closed}, {(int)WriterState.Revoked}) and lease_end < {Micros.Of(endedBefore)}
                """, cancel);
        return 0;
    }, cancel);

    public Task<Forgotten> ForgetWritersAsync(DateTimeOffset endedBefore, long after, int max, CancellationToken cancel) => _old.ForgetAsync(endedBefore, after, max, cancel);

    public async Task<IReadOnlyList<CommitInfo>> AfterAsync(long number, int max, CancellationToken cancel) =>
        await ListAsync(new Statement().Add($"c.number > {number} order by c.number limit {max}"), cancel);

    public async Task<CommitInfo?> FindAsync(long number, CancellationToken cancel) => (await ListAsync(new Statement().Add($"c.number = {number}"), cancel)) is [var found] ? found : null;

    private Task<List<CommitInfo>> ListAsync(Statement condition, CancellationToken cancel) => database.ReadAsync(session => session.QueryAsync(
        $"select c.number, c.at, c.kind, c.token, coalesce(w.name, ''), c.note from etl_commit c left join etl_writer w on w.token = c.token where {condition}",
        static row => new CommitInfo(row.GetInt64(0), Micros.ToInstant(row.GetInt64(1)), (CommitKind)row.GetInt32(2), row.GetInt64(3), row.GetString(4), row.GetString(5)), cancel), cancel);

    public Task<IReadOnlyList<ChangedWindow>> ChangesAfterAsync(long number, int max, CancellationToken cancel) => database.ReadAsync<IReadOnlyList<ChangedWindow>>(async session =>
    {
        // The number that the cut would fall into is read to its end: whoever moves a cursor to the last number has seen all of it.
        var last = await session.NumberAsync($"select number from etl_changed where number > {number} order by number limit 1 offset {Math.Max(0, max - 1)}", cancel) ?? long.MaxValue;
        var found = await session.QueryAsync($"select dataset, start, number from etl_changed where number > {number} and number <= {last} order by number, dataset, start",
            static row => (Dataset: row.GetInt64(0), Start: row.GetInt64(1), Number: row.GetInt64(2)), cancel);
        var texts = await names.TextsAsync(session, found.Select(static each => each.Dataset), cancel);
        return [.. found.Select(each => new ChangedWindow(texts[each.Dataset], Micros.ToInstant(each.Start), each.Number))];
    }, cancel);

    public Task<long> CursorAsync(string reader, CancellationToken cancel) =>
        database.ReadAsync(async session => await session.NumberAsync($"select number from etl_cursor where reader = {reader}", cancel) ?? 0, cancel);

    public Task MoveCursorAsync(string reader, long number, CancellationToken cancel) => database.WriteAsync(session => session.ExecuteAsync(
        $"insert into etl_cursor (reader, number) values ({reader}, {number}){database.Overwrite("reader", "number")}", cancel), cancel, mayBeLost: true);

    private static long MicrosOf(TimeSpan span) => span > TimeSpan.Zero ? span.Ticks / TimeSpan.TicksPerMicrosecond : throw new ArgumentOutOfRangeException(nameof(span), span, "a lease must be longer than zero");
}
