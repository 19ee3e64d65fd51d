using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Slots;

/// <summary>Writes the ends of attempts: the slots' rows as they are from here on, and the attempts' own.</summary>
internal sealed class SlotEnds(Database database, IReadOnlyDictionary<string, long> names, long now)
{
    private static readonly string[] SlotColumns = ["state", "round", "attempt", "not_before", "due", "as_of", "digest", "version", "row_count", "checksum", "reason"];
    private static readonly string[] AttemptColumns = ["ended", "state", "row_count", "reason", "number"];

    private readonly List<(SlotRow Row, SlotEnd End, Slot After, long Number)> _ends = [];

    /// <param name="row">As it was.</param>
    /// <param name="number">Of the commit.</param>
    public void Add(SlotRow row, SlotEnd end, Slot after, long number) => _ends.Add((row, end, after, number));

    public async Task WriteAsync(Session session, CancellationToken cancel)
    {
        if (_ends.Count == 0) return;
        await AttemptLogRows.WriteAsync(session, database, [.. _ends.Where(static each => each.End.Log.Count > 0).Select(each => AttemptLogRows.RowOf(each.Row.Number, each.End.Round, each.End.Attempt, now, each.End.Log))], cancel);
        if (!database.OverwritesMany || _ends.DistinctBy(static each => each.Row.Number).Count() < _ends.Count)
        {
            await session.ExecuteManyAsync([.. _ends.SelectMany(Updates)], cancel);
            return;
        }
        // The rows are there and locked: each INSERT finds its row by its number and overwrites it.
        await session.InsertAsync(
            new($"insert into etl_slot (id, step, start, finish, grain, zone, slot_key, lane, token, {string.Join(", ", SlotColumns)})"),
            [.. _ends.Select(each => new Statement().Add($"{each.Row.Number}, 0, {each.Row.Number}, 0, 0, 0, 0, 0, 0, {SlotValues(each.After)}"))], database.Overwrite("id", SlotColumns), cancel);
        await session.InsertAsync(
            new($"insert into etl_attempt (slot, round, attempt, token, started, {string.Join(", ", AttemptColumns)})"),
            [.. _ends.Select(each => new Statement().Add($"{each.Row.Number}, {each.End.Round}, {each.End.Attempt}, 0, 0, {AttemptValues(each)}"))], database.Overwrite("slot, round, attempt", AttemptColumns), cancel);
    }

    private IEnumerable<Statement> Updates((SlotRow Row, SlotEnd End, Slot After, long Number) each)
    {
        var (row, end, slot, number) = each;
        yield return new Statement().Add(
            $"""
            update etl_slot set state = {(int)slot.State}, round = {slot.Round}, attempt = {slot.Attempt}, not_before = {NotBefore(slot)}, due = {SlotRow.Due(slot, now)}, as_of = {slot.AsOf},
            digest = {names[slot.Digest]}, version = {slot.Version}, row_count = {slot.Rows}, checksum = {slot.Checksum}, reason = {SlotRow.Cut(slot.Reason)} where id = {row.Number}
            """);
        yield return new Statement().Add(
            $"""
            update etl_attempt set ended = {now}, state = {(int)slot.State}, row_count = {end.Result?.Rows ?? 0}, reason = {SlotRow.Cut(slot.Reason)}, number = {number}
            where slot = {row.Number} and round = {end.Round} and attempt = {end.Attempt}
            """);
    }

    private Statement SlotValues(Slot slot) => new Statement().Add(
        $"""
        {(int)slot.State}, {slot.Round}, {slot.Attempt}, {NotBefore(slot)}, {SlotRow.Due(slot, now)}, {slot.AsOf}, {names[slot.Digest]}, {slot.Version}, {slot.Rows}, {slot.Checksum}, {SlotRow.Cut(slot.Reason)}
        """);

    private Statement AttemptValues((SlotRow Row, SlotEnd End, Slot After, long Number) each) => new Statement().Add(
        $"{now}, {(int)each.After.State}, {each.End.Result?.Rows ?? 0}, {SlotRow.Cut(each.After.Reason)}, {each.Number}");

    private static long? NotBefore(Slot slot) => slot.NotBefore is { } at ? Micros.Of(at) : null;
}
