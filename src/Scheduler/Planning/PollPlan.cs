using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Planning;

/// <summary>What becomes of the slots that a call asks for: those that are missing are put in, those that ended badly are queued again, those that are done only where the call says so, or they were fetched too early. Pure.</summary>
/// <param name="Missing">To be put in, queued.</param>
/// <param name="Again">To be queued once more.</param>
/// <param name="Done">Left alone: fetched before.</param>
/// <param name="Open">Left alone: another call has asked for them, and they are still to be done.</param>
public sealed record PollPlan(IReadOnlyList<PlannedSlot> Missing, IReadOnlyList<SlotMove> Again, int Done, int Open)
{
    /// <param name="wanted">The slots the call asks for.</param>
    /// <param name="known">Those of them that the ledger holds.</param>
    /// <param name="settles">How long after its end a day's values are mended: one fetched sooner is fetched again. null: what was fetched stays.</param>
    /// <param name="since">What was fetched as of then or later is the call's own work, of before a worker was stopped or of an earlier round: it stays. null: nothing is.</param>
    public static PollPlan Of(IReadOnlyList<SlotId> wanted, IReadOnlyList<Slot> known, Lane lane, bool again, string reason, TimeSpan? settles = null, DateTimeOffset? since = null)
    {
        var found = known.ToDictionary(slot => slot.Id);
        var there = wanted.Select(found.GetValueOrDefault).OfType<Slot>().ToList();
        // Its version tells when a day last came otherwise than before, its as-of when it was last asked for: the later of the two, if not the very time.
        bool IsUnsettled(Slot slot) => settles is { } time && Micros.ToInstant(Math.Max(slot.Version, slot.AsOf)) < slot.Id.Window.End + time;
        bool IsOwn(Slot slot) => since is { } time && slot.AsOf >= Micros.Of(time);
        bool IsToRepeat(Slot slot) => SlotTransitions.IsEnd(slot.State) && (slot.State != SlotState.Done || ((again || IsUnsettled(slot)) && !IsOwn(slot)));
        return new(
            [.. wanted.Where(id => !found.ContainsKey(id)).Select(id => new PlannedSlot(id, lane, SlotState.Queued, reason))],
            [.. there.Where(IsToRepeat).Select(slot => new SlotMove(slot, SlotState.Queued, reason) { Lane = lane })],
            there.Count(slot => slot.State == SlotState.Done && !IsToRepeat(slot)), there.Count(slot => !SlotTransitions.IsEnd(slot.State)));
    }
}

/// <summary>Puts the polls of a call into the ledger. Safe to repeat and to run in several processes.</summary>
public sealed class PollPlanning(ILedger ledger)
{
    private const int SlotsPerPage = 1_000;

    /// <param name="reason">Who called, kept with each slot.</param>
    /// <param name="since">As of <see cref="PollPlan.Of"/>.</param>
    public async Task<PollsPlanned> RunAsync(DagCall call, Lane lane, string reason, CancellationToken cancel, DateTimeOffset? since = null)
    {
        var sum = new PollsPlanned(0, 0, 0, 0);
        foreach (var page in call.Slots.Chunk(SlotsPerPage))
        {
            var plan = PollPlan.Of(page, await ledger.FindAsync(page, cancel), lane, call.Again, reason, call.Settles, since);
            int inserted = await ledger.PlanAsync(plan.Missing, cancel);
            var moved = await ledger.MoveAsync(plan.Again, cancel);
            if (lane == Lane.Live) await ledger.ToLiveAsync(page, cancel);
            sum = new(sum.Missing + inserted, sum.Again + moved.Count, sum.Done + plan.Done, sum.Open + plan.Open);
        }
        return sum;
    }
}

/// <summary>Days of a call by what became of them.</summary>
/// <param name="Missing">Put in: never fetched before.</param>
/// <param name="Again">Queued once more.</param>
/// <param name="Done">Fetched before and left alone.</param>
/// <param name="Open">Asked for before and still to be done.</param>
public sealed record PollsPlanned(int Missing, int Again, int Done, int Open)
{
    /// <summary>Days that are to be fetched now.</summary>
    public int Due => Missing + Again + Open;
}
