using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Scheduler.Running;

namespace Etl.Scheduler.Service;

/// <summary>What a node has done for a DAG, counted by its loops.</summary>
public sealed class NodeWork
{
    private readonly Lock _gate = new();

    public long Landed { get; private set; }

    public long Rejected { get; private set; }

    public int Fetched { get; private set; }

    public int Built { get; private set; }

    public int Checked { get; private set; }

    public int Published { get; private set; }

    public int Failed { get; private set; }

    public bool IsNothing => Landed + Rejected + Fetched + Built + Checked + Published + Failed == 0;

    internal void Add(FeedTotals totals)
    {
        lock (_gate) (Landed, Rejected) = (Landed + totals.Landed, Rejected + totals.Rejected);
    }

    internal void Add(SlotOutcome outcome)
    {
        if (outcome.Commit is CommitOutcome.Refused) return;
        lock (_gate)
        {
            switch (outcome.Result, outcome.Step)
            {
                case (JobResult.Failed, _): Failed++; break;
                case (JobResult.Done, PollStep): Fetched++; break;
                case (JobResult.Done, BuildStep): Built++; break;
                case (JobResult.Done or JobResult.Unchanged, CheckStep): Checked++; break;
                case (JobResult.Done, PublishStep): Published++; break;
            }
        }
    }

    /// <summary>Adds what another has counted.</summary>
    public void Add(NodeWork work)
    {
        lock (_gate)
            (Landed, Rejected, Fetched, Built, Checked, Published, Failed) =
                (Landed + work.Landed, Rejected + work.Rejected, Fetched + work.Fetched, Built + work.Built, Checked + work.Checked, Published + work.Published, Failed + work.Failed);
    }

    /// <summary>Time stamp of when it was taken last.</summary>
    internal long Taken { get; private set; }

    /// <summary>What was counted since the last call.</summary>
    internal NodeWork Take(long now)
    {
        lock (_gate)
        {
            var taken = (NodeWork)MemberwiseClone();
            (Landed, Rejected, Fetched, Built, Checked, Published, Failed, Taken) = (0, 0, 0, 0, 0, 0, 0, now);
            return taken;
        }
    }
}
