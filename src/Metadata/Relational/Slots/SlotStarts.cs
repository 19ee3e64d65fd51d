using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata.Relational.Commits;

namespace Etl.Metadata.Relational.Slots;

/// <summary>Begins attempts: the slots' rows become running under a lease, and each attempt gets a row of its own.</summary>
internal sealed class SlotStarts(Database database, SlotRows rows)
{
    /// <summary>Whether the writer may still begin work.</summary>
    public static async Task<bool> IsOpenAsync(Session session, long token, CancellationToken cancel) =>
        await session.NumberAsync($"select state from etl_writer where token = {token}", cancel) == (long)WriterState.Open;

    /// <param name="held">Rows that the session has locked.</param>
    /// <param name="lease">Microseconds.</param>
    public async Task<IReadOnlyList<Slot>> StartAsync(Session session, IReadOnlyList<SlotRow> held, long token, long lease, long head, long now, CancellationToken cancel)
    {
        await session.ExecuteManyAsync([.. held.Select(static row => row.Number).Chunk(database.ListMax).Select(chunk => new Statement().Add(
            $"""
            update etl_slot set state = {(int)SlotState.Running}, attempt = attempt + 1, token = {token}, not_before = null, due = {now + lease}, as_of = {head}
            where id in ({chunk})
            """))], cancel);
        await session.InsertAsync(new("insert into etl_attempt (slot, round, attempt, token, started, row_count, reason, number)"),
            [.. held.Select(row => new Statement().Add($"{row.Number}, {row.Slot.Round}, {row.Slot.Attempt + 1}, {token}, {now}, 0, '', 0"))], new(""), cancel);
        List<SlotRow> started = [.. held.Select(row => row with
        {
            Slot = row.Slot with { State = SlotState.Running, Attempt = row.Slot.Attempt + 1, Token = token, NotBefore = null, LeaseEnd = Micros.ToInstant(now + lease), AsOf = head },
        })];
        rows.Claimed(started);
        return [.. started.Select(static row => row.Slot)];
    }
}
