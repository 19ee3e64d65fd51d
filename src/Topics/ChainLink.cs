namespace Etl.Topics;

/// <summary>Where landing of one partition stands, as stored with the last commit.</summary>
/// <param name="TopicId">The broker's id of the topic; "" where it was never known.</param>
/// <param name="Next">Next offset to read.</param>
/// <param name="LastHash">Hash of the record before it (<see cref="RecordHash"/>); "" when none was read.</param>
public sealed record ChainState(string TopicId, int Partition, long Next, string LastHash);

/// <summary>What the broker holds now.</summary>
/// <param name="LogStart">Offset of the oldest record that is still there.</param>
/// <param name="LogEnd">Offset of the next record to come.</param>
/// <param name="LastHash">Hash of the record at <see cref="ChainState.Next"/> − 1; "" where there is none: deleted by retention or compaction, or a transaction's marker.</param>
public sealed record ChainFacts(string TopicId, long LogStart, long LogEnd, string LastHash);

/// <summary>Whether a partition's log is the one that was landed so far.</summary>
public abstract record ChainVerdict
{
    private ChainVerdict() { }

    /// <summary>For people: found, expected.</summary>
    public abstract string Reason { get; }

    /// <summary>Reading may go on.</summary>
    /// <param name="IsProven">The last record was there and is the same. Else nothing speaks against it, but the record is gone.</param>
    public sealed record Continue(bool IsProven) : ChainVerdict
    {
        public override string Reason => IsProven ? "the last landed record is still there" : "the last landed record is gone; nothing speaks against going on";
    }

    /// <summary>Records were deleted before they were landed.</summary>
    /// <param name="From">First offset lost, included.</param>
    /// <param name="To">Excluded.</param>
    public sealed record Gap(long From, long To) : ChainVerdict
    {
        public override string Reason => $"the log begins at {To:N0}, expected {From:N0}: {To - From:N0} offsets were deleted before they were landed";
    }

    /// <summary>Another record stands where the last landed one was.</summary>
    public sealed record Changed(long Offset, string Found, string Expected) : ChainVerdict
    {
        public override string Reason => $"offset {Offset:N0} holds another record than was landed (hash {Found}, expected {Expected}): the log was cut and written anew";
    }

    /// <summary>The topic is another of the same name, or its log ends before what was landed.</summary>
    public sealed record Recreated(string Found, string Expected) : ChainVerdict
    {
        public override string Reason => $"found {Found}, expected {Expected}: the topic was deleted and made again, or its log was cut";
    }
}

/// <summary>The decision whether landing may go on in a partition. Anything but <see cref="ChainVerdict.Continue"/> halts it until somebody accepts the break.</summary>
public static class ChainLink
{
    public static ChainVerdict Decide(ChainState stored, ChainFacts found)
    {
        if (stored.TopicId.Length > 0 && found.TopicId != stored.TopicId) return new ChainVerdict.Recreated($"topic id {found.TopicId}", $"topic id {stored.TopicId}");
        if (found.LogEnd < stored.Next) return new ChainVerdict.Recreated($"a log that ends at {found.LogEnd:N0}", $"at least {stored.Next:N0}");
        if (found.LogStart > stored.Next) return new ChainVerdict.Gap(stored.Next, found.LogStart);
        if (stored.LastHash.Length == 0 || found.LastHash.Length == 0) return new ChainVerdict.Continue(IsProven: false);
        return found.LastHash == stored.LastHash ? new ChainVerdict.Continue(IsProven: true) : new ChainVerdict.Changed(stored.Next - 1, found.LastHash, stored.LastHash);
    }
}
