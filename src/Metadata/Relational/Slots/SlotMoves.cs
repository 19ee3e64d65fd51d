using Etl.Contracts.Workflow;

namespace Etl.Metadata.Relational.Slots;

/// <summary>Changes of state that need no commit.</summary>
internal static class SlotMoves
{
    /// <exception cref="ArgumentException">The change is none that may be made this way.</exception>
    public static void Require(SlotMove move)
    {
        var (from, to, id) = (move.Expected.State, move.To, move.Expected.Id);
        if (!SlotTransitions.Allows(from, to)) throw new ArgumentException($"{id.Step} {id.Window}: {from} may not become {to}");
        if (to is not (SlotState.Waiting or SlotState.Queued or SlotState.Cancelled))
            throw new ArgumentException($"{id.Step} {id.Window}: found a move to {to}, expected Waiting, Queued or Cancelled; a claim makes Running, a commit ends an attempt");
    }

    /// <summary>From an end state a new round begins; else the round goes on.</summary>
    public static Slot After(Slot slot, SlotMove move)
    {
        var again = SlotTransitions.IsEnd(slot.State) && move.To == SlotState.Queued;
        return slot with
        {
            State = move.To,
            Lane = move.Lane ?? slot.Lane,
            Round = again ? slot.Round + 1 : slot.Round,
            Attempt = again ? 0 : slot.Attempt,
            NotBefore = move.To == SlotState.Queued ? move.NotBefore : null,
            LeaseEnd = null,
            Reason = move.Reason,
        };
    }
}
