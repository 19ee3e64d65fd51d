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
            List<SlotRow> held = [.. ready.Where(slot => found.TryGetValue(slot.Id, out var row) && MayRun(row.Slot, slot.Changed, now)).Select(slot => found[slot.Id])];
            if (held.Count == 0) return [];
            List<SlotRow> again = [.. held.Where(static row => SlotTransitions.IsEnd(row.Slot.State))];
            if (again.Count > 0) await session.ExecuteManyAsync([.. again.Select(static row => row.Number).Chunk(database.ListMax).Select(static chunk => new Statement().Add($"update etl_slot set round = round + 1, attempt = 0 where id in ({chunk})"))], cancel);
            return await _starts.StartAsync(session, [.. held.Select(static row => SlotTransitions.IsEnd(row.Slot.State) ? row with { Slot = row.Slot with { Round = row.Slot.Round + 1, Attempt = 0 } } : row)], token, micros, head, now, cancel);
        }, cancel, mayBeLost: true);
    }

    /// <summary>What waits, or is due; or has ended before its input changed. What runs or is to be tried again is left to its own time, what a person cancelled to the person.</summary>
    private static bool MayRun(Slot slot, long changed, long now) => slot.State switch
    {
        SlotState.Waiting => true,
        SlotState.Queued => slot.NotBefore is not { } at || Micros.Of(at) <= now,
        SlotState.Done or SlotState.Skipped or SlotState.Failed => slot.AsOf < changed,
        _ => false,
    };
}
