using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata.Relational.Slots;

namespace Etl.Metadata.Relational.Runs;

internal sealed class RelationalRunLedger(Database database, NameTable names) : IRunLedger
{
    /// <summary>Runs inserted in one transaction.</summary>
    private const int PlanMax = 10_000;

    public async Task<IReadOnlyList<Run>> PlanAsync(string dag, IReadOnlyList<PlannedRun> runs, DateTimeOffset? reached, CancellationToken cancel)
    {
        if (runs.Count > PlanMax) throw new ArgumentException($"{dag}: found {runs.Count:N0} runs to plan at once, expected at most {PlanMax:N0}");
        long number = (await names.EnterAsync([dag], cancel))[dag];
        return await database.WriteAsync<IReadOnlyList<Run>>(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            await LockAsync(session, number, reached is { } place ? Micros.Of(place) : null, cancel); // whoever comes second sees what the first has put in
            var inserted = new List<Run>();
            foreach (var chunk in runs.Chunk(500))
            {
                var fires = chunk.Select(run => Micros.Of(run.Fire)).ToList();
                var there = (await session.QueryAsync($"select kind, fire from etl_run where dag = {number} and fire in ({fires})", static row => (row.GetInt32(0), row.GetInt64(1)), cancel)).ToHashSet();
                var fresh = chunk.Where(run => there.Add(((int)run.Kind, Micros.Of(run.Fire)))).ToList();
                if (fresh.Count == 0) continue;
                await session.InsertAsync(new($"insert into {RunRow.Inserted.Text}"), [.. fresh.Select(run => RunRow.Values(number, run, Micros.Of(run.Fire), now))], new(""), cancel);
                var kinds = fresh.Select(run => (run.Kind, Micros.Of(run.Fire))).ToHashSet();
                inserted.AddRange((await ReadAsync(session, new Statement().Add($"where dag = {number} and fire in ({fires}) order by fire, id"), cancel)).Where(run => kinds.Contains((run.Kind, Micros.Of(run.Fire)))));
            }
            return inserted;
        }, cancel);
    }

    public async Task SetBackAsync(string dag, DateTimeOffset reached, CancellationToken cancel)
    {
        if (await names.FindAsync(dag, cancel) is not { } number) return;
        await database.WriteOneAsync(new Statement().Add($"update etl_dag set reached = {Micros.Of(reached)} where dag = {number} and reached > {Micros.Of(reached)}"), cancel);
    }

    public async Task<Run> TriggerAsync(string dag, PlannedRun run, CancellationToken cancel)
    {
        long number = (await names.EnterAsync([dag], cancel))[dag];
        return await database.WriteAsync(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            for (long fire = Micros.Of(run.Fire); ; fire++)
            {
                if (await session.InsertAsync(new($"{database.InsertIgnore.Text} {RunRow.Inserted.Text}"), [RunRow.Values(number, run, fire, now)], new(""), cancel) == 0) continue;
                var made = (await ReadAsync(session, new Statement().Add($"where dag = {number} and kind = {(int)run.Kind} and fire = {fire}"), cancel))[0];
                if (run.ParameterSet.Length > 0) await session.InsertAsync(new("insert into etl_run_set (run, name)"), [new Statement().Add($"{made.Id}, {run.ParameterSet}")], new(""), cancel);
                return made with { ParameterSet = run.ParameterSet };
            }
        }, cancel);
    }

    public async Task<IReadOnlyList<Run>> ClaimAsync(IReadOnlyCollection<string> dags, int max, long token, TimeSpan lease, CancellationToken cancel)
    {
        if (dags.Count == 0) return [];
        var known = (await names.EnterAsync(dags, cancel)).Values.ToList(); // entered: an unknown name would be asked for at each look
        long length = SlotClaim.MicrosOf(lease);
        // Looked at outside of a transaction first: mostly nothing is due.
        var due = await database.ReadAsync(session => session.QueryAsync(
            $"""
            select id from etl_run where state in ({(int)RunState.Queued}, {(int)RunState.Running}) and dag in ({known}) and due <= {database.Clock}
            and not exists (select 1 from etl_dag where etl_dag.dag = etl_run.dag and paused = 1) order by lane, fire, id limit {max}
            """, static row => row.GetInt64(0), cancel), cancel);
        if (due.Count == 0) return [];
        return await database.WriteAsync<IReadOnlyList<Run>>(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            var held = await ReadAsync(session, new Statement().Add($"where id in ({due}) and state in ({(int)RunState.Queued}, {(int)RunState.Running}) and due <= {now} order by id{database.ForUpdateSkipLocked}"), cancel);
            if (held.Count == 0) return [];
            var numbers = held.Select(static run => run.Id).ToList();
            await session.ExecuteAsync($"update etl_run set state = {(int)RunState.Running}, token = {token}, due = {now + length}, started = coalesce(started, {now}), ended = null where id in ({numbers})", cancel);
            return [.. held.Select(run => run with { State = RunState.Running, Token = token, Started = run.Started ?? Micros.ToInstant(now), Ended = null }).OrderBy(static run => run.Lane).ThenBy(static run => run.Fire)];
        }, cancel);
    }

    public Task<OpenWork> OpenAsync(CancellationToken cancel) => database.ReadAsync(async session => (await session.QueryAsync(
        $"""
        select exists (select 1 from etl_run where state in ({(int)RunState.Queued}, {(int)RunState.Running}) and due <= {database.Clock} and not exists (select 1 from etl_dag where etl_dag.dag = etl_run.dag and paused = 1)),
        exists (select 1 from etl_run where state = {(int)RunState.Running}),
        exists (select 1 from etl_backfill where state in ({(int)BackfillState.Queued}, {(int)BackfillState.Running}))
        """, static row => new OpenWork(row.GetInt64(0) != 0, row.GetInt64(1) != 0, row.GetInt64(2) != 0), cancel))[0], cancel);

    public Task<Run?> TakeAsync(long id, long token, TimeSpan lease, CancellationToken cancel) => database.WriteAsync(async session =>
    {
        var (_, now) = await Head.ReadAsync(session, database, cancel);
        return await session.ExecuteAsync($"update etl_run set state = {(int)RunState.Running}, token = {token}, due = {now + SlotClaim.MicrosOf(lease)}, started = coalesce(started, {now}), ended = null where id = {id} and state = {(int)RunState.Queued}", cancel) == 1
            ? (await ReadAsync(session, new Statement().Add($"where id = {id}"), cancel))[0] : null;
    }, cancel);

    public Task<IReadOnlyList<Run>> RenewAsync(IReadOnlyList<Run> runs, TimeSpan lease, CancellationToken cancel) => runs.Count == 0 ? Task.FromResult(runs) : database.WriteAsync<IReadOnlyList<Run>>(async session =>
    {
        var (_, now) = await Head.ReadAsync(session, database, cancel);
        var kept = new List<Run>();
        foreach (var run in runs)
            if (await session.ExecuteAsync($"update etl_run set due = {now + SlotClaim.MicrosOf(lease)} where id = {run.Id} and state = {(int)RunState.Running} and token = {run.Token} and round = {run.Round}", cancel) == 1) kept.Add(run);
        return kept;
    }, cancel);

    public Task<bool> EndAsync(Run run, RunEnd end, CancellationToken cancel)
    {
        if (end.State is RunState.Running or RunState.Cancelled) throw new ArgumentException($"run {run.Id} of {run.Dag}: found an end as {end.State}, expected Done, Failed or Queued");
        return database.WriteAsync(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            bool again = end.State == RunState.Queued;
            return await session.ExecuteAsync(
                $"""
                update etl_run set state = {(int)end.State}, due = {(again ? end.NotBefore is { } at ? Micros.Of(at) : now : (long?)null)}, ended = {(again ? null : (long?)now)}, windows = {end.Windows}, row_count = {end.Rows},
                reason = {SlotRow.Cut(end.Reason)} where id = {run.Id} and state = {(int)RunState.Running} and token = {run.Token} and round = {run.Round}
                """, cancel) == 1;
        }, cancel);
    }

    public Task<bool> MoveAsync(Run run, RunState to, string reason, CancellationToken cancel)
    {
        if (to switch { RunState.Queued => !run.IsEnded, RunState.Cancelled => run.IsEnded, _ => true })
            throw new ArgumentException($"run {run.Id} of {run.Dag}: {run.State} may not become {to}; an ended run may be queued again, an open one cancelled");
        return database.WriteAsync(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            bool again = to == RunState.Queued;
            return await session.ExecuteAsync(
                $"""
                update etl_run set state = {(int)to}, round = {(again ? run.Round + 1 : run.Round)}, due = {(again ? now : (long?)null)}, ended = {(again ? null : (long?)now)}, reason = {SlotRow.Cut(reason)}
                where id = {run.Id} and state = {(int)run.State} and round = {run.Round}
                """, cancel) == 1;
        }, cancel);
    }

    public async Task<Run?> FindAsync(long id, CancellationToken cancel) => (await database.ReadAsync(session => ReadAsync(session, new Statement().Add($"where id = {id}"), cancel), cancel)).FirstOrDefault();

    public async Task<IReadOnlyList<Run>> ListAsync(RunFilter filter, CancellationToken cancel)
    {
        var tail = new Statement().Add($"where 1 = 1");
        if (filter.Dags is { } dags)
        {
            var known = (await names.FindAsync(dags.ToHashSet(StringComparer.Ordinal), cancel)).Values.ToList();
            if (known.Count == 0) return [];
            tail.Add($" and dag in ({known})");
        }
        if (filter.States is { } states) tail.Add($" and state in ({states.Select(static state => (long)state).ToList()})");
        if (filter.Kind is { } kind) tail.Add($" and kind = {(int)kind}");
        tail.Add($" order by fire desc, id desc limit {filter.Max}");
        return await database.ReadAsync(session => ReadAsync(session, tail, cancel), cancel);
    }

    public async Task<DagStatus> StatusAsync(string dag, CancellationToken cancel)
    {
        var unknown = new DagStatus(dag, false, null, null, "");
        if (await names.FindAsync(dag, cancel) is not { } number) return unknown;
        return await database.ReadAsync(session => session.FirstAsync($"select paused, reached, changed, note from etl_dag where dag = {number}", row => new DagStatus(
            dag, row.GetInt32(0) == 1, RunRow.Instant(row, 1), row.GetInt64(2) == 0 ? null : RunRow.Instant(row, 2), row.GetString(3)), cancel), cancel) ?? unknown;
    }

    public async Task PauseAsync(string dag, bool paused, string note, CancellationToken cancel)
    {
        long number = (await names.EnterAsync([dag], cancel))[dag];
        await database.WriteAsync(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            await session.InsertAsync(new($"{database.InsertIgnore.Text} etl_dag (dag, paused, reached, changed, note)"), [new Statement().Add($"{number}, 0, null, 0, ''")], new(""), cancel);
            return await session.ExecuteAsync($"update etl_dag set paused = {(paused ? 1 : 0)}, changed = {now}, note = {SlotRow.Cut(note)} where dag = {number}", cancel);
        }, cancel);
    }

    public async Task<int> ForgetAsync(DateTimeOffset endedBefore, int max, CancellationToken cancel)
    {
        // Looked for outside of a transaction: an ended run is only ever opened again, and that is asked once more.
        var old = await database.ReadAsync(async session =>
        {
            var kept = await session.QueryAsync($"select max(id) from etl_run group by dag union select max(id) from etl_run where state = {(int)RunState.Done} group by dag", static row => row.GetInt64(0), cancel);
            return kept.Count == 0 ? [] : await session.QueryAsync($"select id from etl_run where ended < {Micros.Of(endedBefore)} and id not in ({kept}) order by id limit {max}", static row => row.GetInt64(0), cancel);
        }, cancel);
        if (old.Count == 0) return 0;
        return await database.WriteAsync(async session =>
        {
            int forgotten = 0;
            foreach (long[] chunk in old.Chunk(database.ListMax))
            {
                forgotten += await session.ExecuteAsync($"delete from etl_run where id in ({chunk}) and ended < {Micros.Of(endedBefore)}", cancel);
                await session.ExecuteAsync($"delete from etl_run_set where run in ({chunk}) and run not in (select id from etl_run where id in ({chunk}))", cancel);
            }
            return forgotten;
        }, cancel, mayBeLost: true);
    }

    private async Task LockAsync(Session session, long dag, long? place, CancellationToken cancel)
    {
        await session.InsertAsync(new($"{database.InsertIgnore.Text} etl_dag (dag, paused, reached, changed, note)"), [new Statement().Add($"{dag}, 0, null, 0, ''")], new(""), cancel);
        await session.NumberAsync($"select reached from etl_dag where dag = {dag}{database.ForUpdate}", cancel);
        if (place is { } at) await session.ExecuteAsync($"update etl_dag set reached = {at} where dag = {dag} and (reached is null or reached < {at})", cancel);
    }

    private async Task<IReadOnlyList<Run>> ReadAsync(Session session, Statement tail, CancellationToken cancel)
    {
        var raws = await session.QueryAsync($"select {RunRow.Columns} from etl_run {tail}", RunRow.Read, cancel);
        var texts = await names.TextsAsync(session, raws.Select(static raw => raw.Dag), cancel);
        return [.. raws.Select(raw => raw.Run with { Dag = texts[raw.Dag] })];
    }
}
