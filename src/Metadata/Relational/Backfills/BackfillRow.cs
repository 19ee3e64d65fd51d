using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata.Relational.Runs;
using Etl.Metadata.Relational.Slots;

namespace Etl.Metadata.Relational.Backfills;

/// <summary>Reads and writes rows of the backfill tables.</summary>
internal static class BackfillRow
{
    public static readonly SqlText Columns = new("id, dag, origin, first_day, last_day, policy, ordering, parallelism, parameters, hash, state, created, since, ended, ended_before, windows, reason");

    public static readonly SqlText Inserted = new("etl_backfill (dag, origin, first_day, last_day, policy, ordering, parallelism, parameters, hash, state, created, since, ended_before, windows, reason)");

    public static readonly SqlText WindowInserted = new("etl_backfill_window (backfill, number, unit, step, grain, start, finish, zone, slot_key, round, state)");

    public static Statement Values(long dag, NewBackfill backfill, BackfillState state, long windows, long now) => new Statement().Add(
        $"""
        {dag}, {(int)backfill.From}, {backfill.First.DayNumber}, {backfill.Last.DayNumber}, {(int)backfill.Policy}, {(int)backfill.Order}, {backfill.Parallelism}, {backfill.Parameters}, {backfill.Hash}, {(int)state}, {now},
        {(state == BackfillState.Running ? now : (long?)null)}, 0, {windows}, {SlotRow.Cut(backfill.Reason)}
        """);

    public static Statement Values(long backfill, BackfillWindow window, IReadOnlyDictionary<string, long> known) => new Statement().Add(
        $"""
        {backfill}, {window.Number}, {window.Unit}, {known[window.Slot.Step]}, {(int)window.Slot.Window.Grain}, {Micros.Of(window.Slot.Window.Start)}, {Micros.Of(window.Slot.Window.End)}, {known[window.Slot.Window.Zone]},
        {known[window.Slot.Key]}, {window.Round}, {(int)window.State}
        """);

    public static (long Dag, Backfill Backfill) Read(Row row) => (row.GetInt64(1), new()
    {
        Id = row.GetInt64(0), Dag = "", From = (BackfillFrom)row.GetInt32(2), First = DateOnly.FromDayNumber(row.GetInt32(3)), Last = DateOnly.FromDayNumber(row.GetInt32(4)), Policy = (BackfillPolicy)row.GetInt32(5),
        Order = (BackfillOrder)row.GetInt32(6), Parallelism = row.GetInt32(7), Parameters = row.GetString(8), Hash = row.GetString(9), State = (BackfillState)row.GetInt32(10), Created = Micros.ToInstant(row.GetInt64(11)),
        Since = RunRow.Instant(row, 12), Ended = RunRow.Instant(row, 13), EndedBefore = row.GetInt64(14), Windows = row.GetInt64(15), Reason = row.GetString(16),
    });
}
