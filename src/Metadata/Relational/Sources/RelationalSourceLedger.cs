using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Sources;

internal sealed class RelationalSourceLedger(Database database, NameTable names) : ISourceLedger
{
    public async Task<TimeSpan> TakeAsync(SourceTake take, CancellationToken cancel)
    {
        long weight = SourceUses.Thousandths(take.Weight), longest = take.Windows.Max(static window => MicrosOf(window.Length));
        if (weight <= 0 || take.Windows.Any(window => weight > SourceUses.RoomOf(window, take.Lane)))
            throw new ArgumentException($"{take.Source}: found a {take.Lane} call of weight {take.Weight}, expected more than 0 and at most {take.Windows.Min(window => SourceUses.RoomOf(window, take.Lane)) / 1_000.0}");
        long source = (await names.EnterAsync([take.Source], cancel))[take.Source];
        return await database.WriteAsync(async session =>
        {
            var (held, now) = await LockAsync(session, source, cancel);
            var uses = await session.QueryAsync($"select at, lane, weight from etl_source_use where source = {source} and at > {now - longest} order by at, id",
                static row => new SourceUse(row.GetInt64(0), (Lane)row.GetInt32(1), row.GetInt64(2)), cancel);
            long wait = Math.Max(held - now, take.Windows.Max(window => SourceUses.WaitFor(uses, window, take.Lane, weight, now)));
            if (wait > 0) return TimeSpan.FromMicroseconds(wait);
            await session.ExecuteAsync($"insert into etl_source_use (source, at, lane, weight) values ({source}, {now}, {(int)take.Lane}, {weight})", cancel);
            await session.ExecuteAsync($"delete from etl_source_use where source = {source} and at <= {now - longest}", cancel);
            return TimeSpan.Zero;
        }, cancel);
    }

    public async Task HoldAsync(string source, TimeSpan time, CancellationToken cancel)
    {
        long number = (await names.EnterAsync([source], cancel))[source];
        await database.WriteAsync(async session =>
        {
            var (held, now) = await LockAsync(session, number, cancel);
            return await session.ExecuteAsync($"update etl_source set held_until = {Math.Max(held, now + MicrosOf(time))} where source = {number}", cancel);
        }, cancel);
    }

    /// <summary>One caller of a source at a time, until the transaction ends.</summary>
    private async Task<(long HeldUntil, long Now)> LockAsync(Session session, long source, CancellationToken cancel)
    {
        await session.InsertAsync(new($"{database.InsertIgnore.Text} etl_source (source, held_until)"), [new Statement().Add($"{source}, 0")], new(""), cancel);
        return await session.FirstAsync($"select held_until, {database.Clock} from etl_source where source = {source}{database.ForUpdate}", static row => (row.GetInt64(0), row.GetInt64(1)), cancel);
    }

    private static long MicrosOf(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
