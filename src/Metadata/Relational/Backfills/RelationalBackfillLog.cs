using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata.Relational.Slots;

namespace Etl.Metadata.Relational.Backfills;

/// <remarks>Windows are taken in the order of their numbers, unit by unit, so those still planned are always the last ones: nothing here reads or counts all windows of a plan.</remarks>
internal sealed class RelationalBackfillLog(Database database, NameTable names) : IBackfillLog
{
    private static readonly List<long> OpenStates = [(long)BackfillState.Queued, (long)BackfillState.Running, (long)BackfillState.Paused];

    public async Task<(Backfill? Made, Backfill? Meets)> StartAsync(NewBackfill backfill, IReadOnlyList<BackfillWindow> plan, bool queue, CancellationToken cancel)
    {
        var known = await names.EnterAsync(plan.SelectMany(static window => new[] { window.Slot.Step, window.Slot.Key, window.Slot.Window.Zone }).Append(backfill.Dag), cancel);
        long dag = known[backfill.Dag];
        return await database.WriteAsync<(Backfill?, Backfill?)>(async session =>
        {
            var (_, now) = await Head.ReadAsync(session, database, cancel);
            await LockAsync(session, dag, cancel);
            var meets = (await ReadAsync(session, new Statement().Add($"where dag = {dag} and state in ({OpenStates}) order by id"), cancel)).FirstOrDefault(other => other.Meets(backfill.First, backfill.Last));
            if (meets is not null && !queue) return (null, meets);
            await session.InsertAsync(new($"insert into {BackfillRow.Inserted.Text}"), [BackfillRow.Values(dag, backfill, meets is null ? BackfillState.Running : BackfillState.Queued, plan.Count, now)], new(""), cancel);
            long id = await session.NumberAsync($"select max(id) from etl_backfill where dag = {dag}", cancel) ?? 0; // ours: the DAG is locked
            await session.InsertAsync(new($"insert into {BackfillRow.WindowInserted.Text}"), [.. plan.Select(window => BackfillRow.Values(id, window, known))], new(""), cancel);
            return ((await ReadAsync(session, new Statement().Add($"where id = {id}"), cancel))[0], meets);
        }, cancel);
    }

    public async Task<Backfill?> FindAsync(long id, CancellationToken cancel) => (await database.ReadAsync(session => ReadAsync(session, new Statement().Add($"where id = {id}"), cancel), cancel)).FirstOrDefault();

    public async Task<IReadOnlyList<Backfill>> ListAsync(BackfillFilter filter, CancellationToken cancel)
    {
        var tail = new Statement().Add($"where 1 = 1");
        if (filter.Dag is { } dag)
        {
            if (await names.FindAsync(dag, cancel) is not { } number) return [];
            tail.Add($" and dag = {number}");
        }
        if (filter.States is { } states) tail.Add($" and state in ({states.Select(static state => (long)state).ToList()})");
        tail.Add($" order by id desc limit {filter.Max}");
        return await database.ReadAsync(session => ReadAsync(session, tail, cancel), cancel);
    }

    public Task<IReadOnlyList<BackfillWindow>> WindowsAsync(long id, BackfillWindowState? state, int max, CancellationToken cancel)
    {
        var tail = state is { } one ? In(id, one) : new Statement().Add($"where backfill = {id}");
        return database.ReadAsync(session => WindowsAsync(session, tail.Add($" order by number limit {max}"), cancel), cancel);
    }

    public Task<IReadOnlyList<BackfillWindow>> TakeAsync(long id, IReadOnlyCollection<int> idle, CancellationToken cancel) => database.WriteAsync<IReadOnlyList<BackfillWindow>>(async session =>
    {
        if (await session.NumberAsync($"select state from etl_backfill where id = {id}{database.ForUpdate}", cancel) != (long)BackfillState.Running) return [];
        long parallelism = await session.NumberAsync($"select parallelism from etl_backfill where id = {id}", cancel) ?? 0;
        var under = await session.QueryAsync($"select number, unit from etl_backfill_window {In(id, BackfillWindowState.UnderWay)}", static row => (row.GetInt32(0), row.GetInt32(1)), cancel);
        long room = parallelism - under.Where(window => !idle.Contains(window.Item1)).Select(static window => window.Item2).Distinct().Count();
        if (room <= 0) return [];
        if (await FirstPlannedAsync(session, id, cancel) is not { } first) return [];
        long unit = await session.NumberAsync($"select unit from etl_backfill_window where backfill = {id} and number = {first}", cancel) ?? 0;
        long end = await session.NumberAsync($"select number from etl_backfill_window where backfill = {id} and number > {first} and unit >= {unit + room} order by number limit 1", cancel) ?? int.MaxValue;
        var taken = await WindowsAsync(session, In(id, BackfillWindowState.Planned, end).Add($" order by number"), cancel);
        await session.ExecuteAsync($"update etl_backfill_window set state = {(int)BackfillWindowState.UnderWay} where backfill = {id} and state = {(int)BackfillWindowState.Planned} and number >= {first} and number < {end}", cancel);
        return [.. taken.Select(static window => window with { State = BackfillWindowState.UnderWay })];
    }, cancel);

    public Task EndAsync(long id, IReadOnlyCollection<int> windows, BackfillWindowState state, CancellationToken cancel)
    {
        if (state is not (BackfillWindowState.Done or BackfillWindowState.Failed)) throw new ArgumentException($"backfill {id}: found an end as {state}, expected Done or Failed");
        return windows.Count == 0 ? Task.CompletedTask : database.WriteAsync(async session =>
        {
            foreach (var chunk in windows.Select(static window => (long)window).Order().Chunk(database.ListMax))
                await session.ExecuteAsync($"update etl_backfill_window set state = {(int)state} where backfill = {id} and state = {(int)BackfillWindowState.UnderWay} and number in ({chunk})", cancel);
            return 0;
        }, cancel);
    }

    public Task<bool> MoveAsync(long id, BackfillState from, BackfillState to, string reason, CancellationToken cancel) => database.WriteAsync(async session =>
    {
        var (_, now) = await Head.ReadAsync(session, database, cancel);
        bool ends = to is BackfillState.Done or BackfillState.Failed or BackfillState.Cancelled;
        var change = new Statement().Add($"update etl_backfill set state = {(int)to}, reason = {SlotRow.Cut(reason)}, ended = {(ends ? now : (long?)null)}");
        if (to == BackfillState.Running) change.Add($", since = {now}, ended_before = {await EndedAsync(session, id, cancel)}");
        return await session.ExecuteAsync(change.Add($" where id = {id} and state = {(int)from}"), cancel) == 1;
    }, cancel);

    public async Task<int> AdvanceAsync(CancellationToken cancel)
    {
        var open = (await ListAsync(new() { States = [BackfillState.Queued, BackfillState.Running, BackfillState.Paused] }, cancel)).OrderBy(static backfill => backfill.Id).ToList();
        int moved = 0;
        foreach (var queued in open.Where(static backfill => backfill.State == BackfillState.Queued))
            if (!open.Any(older => older.Id < queued.Id && older.Dag == queued.Dag && older.Meets(queued.First, queued.Last)) && await MoveAsync(queued.Id, BackfillState.Queued, BackfillState.Running, queued.Reason, cancel)) moved++;
        return moved;
    }

    /// <summary>One backfill of a DAG is started at a time: whoever comes second sees the first.</summary>
    private async Task LockAsync(Session session, long dag, CancellationToken cancel)
    {
        await session.InsertAsync(new($"{database.InsertIgnore.Text} etl_dag (dag, paused, reached, changed, note)"), [new Statement().Add($"{dag}, 0, null, 0, ''")], new(""), cancel);
        await session.NumberAsync($"select reached from etl_dag where dag = {dag}{database.ForUpdate}", cancel);
    }

    private async Task<IReadOnlyList<Backfill>> ReadAsync(Session session, Statement tail, CancellationToken cancel)
    {
        var raws = await session.QueryAsync($"select {BackfillRow.Columns} from etl_backfill {tail}", BackfillRow.Read, cancel);
        if (raws.Count == 0) return [];
        var texts = await names.TextsAsync(session, raws.Select(static raw => raw.Dag), cancel);
        var all = new List<Backfill>(raws.Count);
        foreach (var (dag, backfill) in raws)
        {
            var (under, failed) = (await CountAsync(session, backfill.Id, BackfillWindowState.UnderWay, cancel), await CountAsync(session, backfill.Id, BackfillWindowState.Failed, cancel));
            long taken = await TakenAsync(session, backfill.Id, backfill.Windows, cancel);
            all.Add(backfill with { Dag = texts[dag], UnderWay = under, DoneWindows = taken - under - failed, FailedWindows = failed });
        }
        return all;
    }

    private static async Task<long> CountAsync(Session session, long id, BackfillWindowState state, CancellationToken cancel) =>
        await session.NumberAsync($"select count(*) from etl_backfill_window where backfill = {id} and state = {(int)state}", cancel) ?? 0;

    /// <summary>Windows that are not planned any more: all before the first one that is.</summary>
    private static async Task<long> TakenAsync(Session session, long id, long windows, CancellationToken cancel) => await FirstPlannedAsync(session, id, cancel) - 1 ?? windows;

    private static Task<long?> FirstPlannedAsync(Session session, long id, CancellationToken cancel) =>
        session.NumberAsync($"select min(number) from etl_backfill_window where backfill = {id} and state = {(int)BackfillWindowState.Planned}", cancel);

    private static async Task<long> EndedAsync(Session session, long id, CancellationToken cancel) =>
        await TakenAsync(session, id, await session.NumberAsync($"select windows from etl_backfill where id = {id}", cancel) ?? 0, cancel) - await CountAsync(session, id, BackfillWindowState.UnderWay, cancel);

    /// <summary>The windows in one state: found by the index alone, which SQLite does not choose by itself where rows are wanted in their order.</summary>
    private static Statement In(long id, BackfillWindowState state, long end = int.MaxValue) =>
        new Statement().Add($"where backfill = {id} and number in (select number from etl_backfill_window where backfill = {id} and state = {(int)state} and number < {end})");

    private async Task<IReadOnlyList<BackfillWindow>> WindowsAsync(Session session, Statement tail, CancellationToken cancel)
    {
        var raws = await session.QueryAsync($"select number, unit, step, grain, start, finish, zone, slot_key, round, state from etl_backfill_window {tail}", static row => (
            Number: row.GetInt32(0), Unit: row.GetInt32(1), Step: row.GetInt64(2), Grain: (Grain)row.GetInt32(3), Start: row.GetInt64(4), Finish: row.GetInt64(5), Zone: row.GetInt64(6), Key: row.GetInt64(7), Round: row.GetInt32(8),
            State: (BackfillWindowState)row.GetInt32(9)), cancel);
        var texts = await names.TextsAsync(session, raws.SelectMany(static raw => new[] { raw.Step, raw.Zone, raw.Key }), cancel);
        return [.. raws.Select(raw => new BackfillWindow(raw.Number, raw.Unit, new(texts[raw.Step], new Window(raw.Grain, Micros.ToInstant(raw.Start), Micros.ToInstant(raw.Finish), texts[raw.Zone]), texts[raw.Key]), raw.Round, raw.State))];
    }
}
