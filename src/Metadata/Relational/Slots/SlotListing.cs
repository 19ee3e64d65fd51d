using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Slots;

/// <summary>Lists slots by step, state and window, each combination by an index, so that a million finished rows cost a list nothing.</summary>
internal sealed class SlotListing(Database database, NameTable names, SlotRows rows)
{
    /// <summary>Parts of one UNION.</summary>
    private const int UnionMax = 50;

    /// <returns>The newest windows when there are more than asked for; ordered by window start, step and key.</returns>
    public async Task<IReadOnlyList<Slot>> ListAsync(SlotFilter filter, CancellationToken cancel)
    {
        var wanted = filter.Steps is { } some ? (await names.FindAsync(some.ToHashSet(StringComparer.Ordinal), cancel)).Values.ToList() : null;
        return await database.ReadAsync<IReadOnlyList<Slot>>(async session =>
        {
            var steps = wanted ?? await session.QueryAsync($"select step from etl_step", static row => row.GetInt64(0), cancel);
            var found = new List<(long Number, long Start)>();
            if (filter.States is { Count: > 0 } states && !states.Contains(SlotState.Done))
            {
                List<long> numbers = [.. states.Distinct().Select(static state => (long)state)];
                foreach (var chunk in steps.Order().Chunk(database.ListMax))
                    found.AddRange(await session.QueryAsync(Open(numbers, chunk, filter), static row => (row.GetInt64(0), row.GetInt64(1)), cancel));
            }
            else foreach (var chunk in steps.Order().SelectMany(step => (filter.States?.Distinct().Select(static state => (SlotState?)state) ?? [null]).Select(state => (step, state))).Chunk(UnionMax))
                found.AddRange(await session.QueryAsync(Statement.Join(" union all ", chunk.Select(each => Part(each.step, each.state, filter))), static row => (row.GetInt64(0), row.GetInt64(1)), cancel));
            var newest = found.OrderByDescending(static row => row.Start).ThenByDescending(static row => row.Number).Take(filter.Max).Select(static row => row.Number);
            List<Slot> slots = [];
            foreach (var chunk in newest.Chunk(500)) slots.AddRange((await rows.ByNumberAsync(session, chunk, new(), cancel)).Select(static row => row.Slot));
            return [.. slots.OrderBy(static slot => slot.Id.Window.Start).ThenBy(static slot => slot.Id.Step, StringComparer.Ordinal).ThenBy(static slot => slot.Id.Key, StringComparer.Ordinal)];
        }, cancel);
    }

    /// <summary>Counts by the index on states alone: no row is looked at.</summary>
    public async Task<IReadOnlyList<SlotCount>> CountAsync(SlotFilter filter, CancellationToken cancel)
    {
        var wanted = filter.Steps is { } some ? (await names.FindAsync(some.ToHashSet(StringComparer.Ordinal), cancel)).Values.ToList() : null;
        List<long> states = [.. (filter.States ?? Enum.GetValues<SlotState>()).Distinct().Select(static state => (long)state)];
        var order = (filter.Steps ?? []).Index().DistinctBy(static each => each.Item).ToDictionary(static each => each.Item, static each => each.Index, StringComparer.Ordinal);
        return await database.ReadAsync<IReadOnlyList<SlotCount>>(async session =>
        {
            var steps = wanted ?? await session.QueryAsync($"select step from etl_step", static row => row.GetInt64(0), cancel);
            List<(long Step, SlotState State, long Count)> found = [];
            foreach (var chunk in steps.Order().Chunk(database.ListMax))
                found.AddRange(await session.QueryAsync(
                    Bounded(new Statement().Add($"select step, state, count(*) from etl_slot where state in ({states}) and step in ({chunk})"), filter).Add($" group by step, state"),
                    static row => (row.GetInt64(0), (SlotState)row.GetInt32(1), row.GetInt64(2)), cancel));
            var texts = await names.TextsAsync(session, found.Select(static each => each.Step), cancel);
            return [.. found.Select(each => new SlotCount(texts[each.Step], each.State, each.Count)).OrderBy(count => order.GetValueOrDefault(count.Step)).ThenBy(static count => count.Step, StringComparer.Ordinal).ThenBy(static count => count.State)];
        }, cancel);
    }

    /// <summary>What is not done is little: all of it in one statement, by the index on states.</summary>
    private static Statement Open(List<long> states, long[] steps, SlotFilter filter) =>
        Bounded(new Statement().Add($"select id, start from etl_slot where state in ({states}) and step in ({steps})"), filter).Add($" order by start desc limit {filter.Max}");

    private static Statement Part(long step, SlotState? state, SlotFilter filter)
    {
        var part = new Statement().Add($"select * from (select id, start from etl_slot where step = {step}");
        if (state is { } one) part.Add($" and state = {(int)one}");
        return Bounded(part, filter).Add($" order by start desc limit {filter.Max}) part");
    }

    private static Statement Bounded(Statement statement, SlotFilter filter)
    {
        if (filter.Lane is { } lane) statement.Add($" and lane = {(int)lane}");
        if (filter.From is { } from) statement.Add($" and start >= {Micros.Of(from)}");
        if (filter.To is { } to) statement.Add($" and start < {Micros.Of(to)}");
        return statement;
    }
}
