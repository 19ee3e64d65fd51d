using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Slots;

/// <summary>Plans and claims, in one transaction, the slots that follow what has just ended.</summary>
internal sealed class SlotFollow(Database database, NameTable names, SlotRows rows)
{
    private readonly SlotStarts _starts = new(database, rows);

    /// <param name="plan">Puts slots in that are absent.</param>
    public async Task<IReadOnlyList<Slot>> FollowAsync(IReadOnlyList<FollowingSlot> slots, long token, TimeSpan lease, Func<Session, PlannedSlot[], IReadOnlyDictionary<string, long>, Task> plan, CancellationToken cancel)
    {
        if (slots.Count > SlotClaim.Most) throw new ArgumentException($"follow: found {slots.Count} slots wanted, expected at most {SlotClaim.Most}");
        var micros = SlotClaim.MicrosOf(lease);
        if (slots.Count == 0) return [];
        var known = await names.EnterAsync(slots.SelectMany(static slot => slot.After.Append(slot.Id)).SelectMany(static id => new[] { id.Step, id.Key, id.Window.Zone }).Append(""), cancel);
        return await database.WriteAsync<IReadOnlyList<Slot>>(async session =>
        {
            var (head, now) = await Head.ReadAsync(session, database, cancel);
            if (!await SlotStarts.IsOpenAsync(session, token, cancel)) return [];
            var found = await rows.FindAsync(session, [.. slots.SelectMany(static slot => slot.After.Append(slot.Id))], known, database.ForUpdate, cancel);
            List<FollowingSlot> ready = [.. slots.Where(slot => slot.After.All(before => found.GetValueOrDefault(before)?.Slot.State is SlotState.Done or SlotState.Skipped))];
            List<FollowingSlot> absent = [.. ready.Where(slot => slot.Changed > 0 && !found.ContainsKey(slot.Id))];
            if (absent.Count > 0)
            {
                await plan(session, [.. absent.Select(static slot => new PlannedSlot(slot.Id, slot.Lane, SlotState.Waiting, "planned"))], known);
                foreach (var (id, row) in await rows.FindAsync(session, [.. absent.Select(static slot => slot.Id)], known, database.ForUpdate, cancel)) found[id] = row;
            }
            List<SlotRow> held = [.. ready.Where(slot => found.TryGetValue(slot.Id, out var row) && MayRun(row.Slot, slot, now)).Select(slot => found[slot.Id])];
            if (held.Count == 0) return [];
            held = await ToLanesAsync(session, held, slots, cancel);
            List<SlotRow> again = [.. held.Where(static row => SlotTransitions.IsEnd(row.Slot.State))];
            if (again.Count > 0) await session.ExecuteManyAsync([.. again.Select(static row => row.Number).Chunk(database.ListMax).Select(static chunk => new Statement().Add($"update etl_slot set round = round + 1, attempt = 0 where id in ({chunk})"))], cancel);
            return await _starts.StartAsync(session, [.. held.Select(static row => SlotTransitions.IsEnd(row.Slot.State) ? row with { Slot = row.Slot with { Round = row.Slot.Round + 1, Attempt = 0 } } : row)], token, micros, head, now, cancel);
        }, cancel, mayBeLost: true);
    }

    /// <summary>What follows goes on in the lane of what it follows.</summary>
    private async Task<List<SlotRow>> ToLanesAsync(Session session, List<SlotRow> held, IReadOnlyList<FollowingSlot> slots, CancellationToken cancel)
    {
        var lanes = slots.ToDictionary(static slot => slot.Id, static slot => slot.Lane);
        var others = held.Where(row => row.Slot.Lane != lanes[row.Slot.Id]).ToList();
        if (others.Count == 0) return held;
        await session.ExecuteManyAsync([.. others.GroupBy(row => lanes[row.Slot.Id]).SelectMany(group => group.Select(static row => row.Number).Chunk(database.ListMax).Select(chunk => new Statement().Add($"update etl_slot set lane = {(int)group.Key} where id in ({chunk})")))], cancel);
        return [.. held.Select(row => row with { Slot = row.Slot with { Lane = lanes[row.Slot.Id] } })];
    }

    /// <summary>What waits, or is due; or has ended before its input changed. What runs or is to be tried again is left to its own time, what a person cancelled to the person, and what live work waits for to the live lane.</summary>
    private static bool MayRun(Slot slot, FollowingSlot after, long now) => slot.State switch
    {
        SlotState.Waiting or SlotState.Queued when slot.Lane < after.Lane => false,
        SlotState.Waiting => true,
        SlotState.Queued => slot.NotBefore is not { } at || Micros.Of(at) <= now,
        SlotState.Done or SlotState.Skipped or SlotState.Failed => slot.AsOf < after.Changed,
        _ => false,
    };
}
