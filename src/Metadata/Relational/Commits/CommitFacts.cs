using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Metadata.Relational.Slots;

namespace Etl.Metadata.Relational.Commits;

/// <summary>All that the store holds about a group of pending commits, read under the head's lock; each accepted commit changes it for the next.</summary>
internal sealed class CommitFacts
{
    /// <summary>Tokens that may commit.</summary>
    public HashSet<long> OpenTokens { get; } = [];

    public Dictionary<string, FileFact> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>By topic: the current generation and where its partitions stand.</summary>
    public Dictionary<string, int> Generations { get; } = new(StringComparer.Ordinal);

    public Dictionary<(string Topic, int Partition), ProgressFact> Progress { get; } = [];

    public Dictionary<(string Dataset, int Version), DatasetSchema> Schemas { get; } = [];

    public Dictionary<SlotId, SlotRow> Slots { get; } = new(WindowIdentity.Comparer);

    /// <summary>Ended attempts under which a pending commit may have been carried out already.</summary>
    public Dictionary<(SlotId Id, int Round, int Attempt), AttemptFact> Attempts { get; } = [];

    /// <summary>The last change of each input in the store.</summary>
    public Dictionary<SlotInput, long> InputChanges { get; } = [];

    /// <summary>Changes by commits of this group.</summary>
    public List<(WindowChange Change, long Number)> OwnChanges { get; } = [];

    /// <summary>Confirmed versions by place.</summary>
    public Dictionary<PublishPlace, (long Version, long Number)> Confirmed { get; } = [];

    /// <summary>The last commit that changed rows of the input, this group's included.</summary>
    public long LastChange(SlotInput input)
    {
        var last = InputChanges.GetValueOrDefault(input);
        foreach (var (change, number) in OwnChanges)
            if (change.Dataset == input.Dataset && change.Start >= input.From && change.Start < input.To) last = Math.Max(last, number);
        return last;
    }
}

/// <param name="Number">Of the file's row; 0 for one that a commit of this group adds.</param>
/// <param name="AddedBy">Token of the commit that added it.</param>
internal sealed record FileFact(long Number, long Rows, long Bytes, long AddedIn, long AddedBy, long? RetiredIn, long? RetiredBy = null);

/// <param name="Number">The commit that moved it last.</param>
internal sealed record ProgressFact(long Next, long Token, string LastHash, string? Halt, long Number);

internal sealed record AttemptFact(long Token, SlotState State, long Number);

internal sealed record PublishPlace(string Sink, string Table, Contracts.Time.Grain Grain, DateTimeOffset Start)
{
    public static PublishPlace Of(PublishConfirmation confirmed) => new(confirmed.Sink, confirmed.Table, confirmed.Window.Grain, confirmed.Window.Start);
}
