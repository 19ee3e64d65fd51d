using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;

namespace Etl.Scheduler.Running;

/// <summary>What one run did.</summary>
public sealed class RunReport
{
    private readonly List<FeedTotals> _feeds = [];

    public required string Dag { get; init; }

    public long Read => _feeds.Sum(feed => feed.Read);

    public long Landed => _feeds.Sum(feed => feed.Landed);

    public long Rejected => _feeds.Sum(feed => feed.Rejected);

    /// <summary>Days fetched of sources whose records are new or have changed.</summary>
    public int Polled { get; private set; }

    /// <summary>Days fetched again with the same records as before: nothing was sent.</summary>
    public int PolledUnchanged { get; private set; }

    /// <summary>Windows whose result is new or has changed.</summary>
    public int Built { get; private set; }

    /// <summary>Windows built again with the same rows as before.</summary>
    public int Unchanged { get; private set; }

    public int Checked { get; private set; }

    /// <summary>Windows written to a sink.</summary>
    public int Published { get; private set; }

    /// <summary>Attempts that failed and are or were tried again.</summary>
    public int Retried { get; private set; }

    /// <summary>Attempts of any step that came to a good end.</summary>
    public int Ended { get; private set; }

    /// <summary>Rows of all results that are new or have changed.</summary>
    public long Rows { get; private set; }

    /// <summary>Windows built, by step name.</summary>
    public SortedDictionary<string, int> BuiltByStep { get; } = new(StringComparer.Ordinal);

    public IEnumerable<FeedItem.Halted> Halts => _feeds.SelectMany(feed => feed.Halts);

    /// <summary>Slots that are not done: failed, to be retried, or waiting.</summary>
    public List<Slot> Open { get; } = [];

    public IEnumerable<Slot> Failed => Open.Where(slot => slot.State is SlotState.Failed or SlotState.Retrying);

    /// <summary>Counts a feed from its first batch on; the totals go on growing.</summary>
    internal void Follow(FeedTotals totals)
    {
        if (!_feeds.Contains(totals)) _feeds.Add(totals);
    }

    internal void Add(SlotOutcome outcome)
    {
        if (outcome.Commit is CommitOutcome.Refused) return; // another worker was first: its report counts it
        if (outcome.Result is JobResult.Done or JobResult.Unchanged or JobResult.Skipped) Ended++;
        if (outcome.Result is JobResult.Done made) Rows += made.Result.Rows;
        switch (outcome.Result, outcome.Step)
        {
            case (JobResult.Done, PollStep): Polled++; break;
            case (JobResult.Unchanged, PollStep): PolledUnchanged++; break;
            case (JobResult.Done, BuildStep):
                Built++;
                BuiltByStep[outcome.Step.Name] = BuiltByStep.GetValueOrDefault(outcome.Step.Name) + 1;
                break;
            case (JobResult.Unchanged, BuildStep): Unchanged++; break;
            case (JobResult.Done, PublishStep): Published++; break;
            case (JobResult.Done or JobResult.Unchanged, CheckStep): Checked++; break;
            case (JobResult.RetryIn or JobResult.Failed { Class: FailureClass.Transient or FailureClass.Throttled }, _): Retried++; break;
        }
    }
}
