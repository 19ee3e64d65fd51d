using Etl.Contracts.Workflow;
using Etl.Metadata;

namespace Etl.Scheduler.Service;

/// <summary>The partitions that this process lands of a feed, as the store divides them among all that land it. Remembered until another division may be due: a feed at rest asks nothing.</summary>
/// <remarks>One caller at a time; <see cref="IsOver"/> is read by whoever reads the topic too.</remarks>
internal sealed class FeedShare(IFeedLog feeds, string feed, long token, TimeSpan lease, TimeProvider clock) : IPartitionShare
{
    /// <summary>Between two looks at the division while batches are landed.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private FeedDivision? _division;
    private int _partitions;
    private long _looked;
    private volatile bool _isOver, _isLost, _isDoubtful;

    public bool IsOver => _isOver;

    /// <summary>Whether this process is none of the feed's landers any more.</summary>
    public bool IsLost => _isLost;

    /// <summary>Whether it waits for partitions that another process is to give up.</summary>
    public bool IsShort => _division?.IsShort == true;

    /// <summary>Whether other processes land a part of the topic.</summary>
    public bool IsPart => _division is { } division && division.Mine.Count < _partitions;

    public override string ToString() => _division is not { } division ? "no partition yet"
        : !IsPart ? $"all {_partitions} partitions"
        : division.Mine.Count == 0 ? $"none of {_partitions} partitions, other processes have them" : $"partitions {string.Join(", ", division.Mine)} of {_partitions}, other processes the rest";

    /// <summary>Asks the store again, before the next drain.</summary>
    public void Doubt() => _isDoubtful = true;

    public async ValueTask<IReadOnlyList<int>> OfAsync(int partitions, CancellationToken cancel)
    {
        if (_isLost) return [];
        if (_division is { IsShort: false } known && !_isOver && !_isDoubtful && partitions == _partitions) return known.Mine;
        _isDoubtful = false;
        var division = await feeds.DivideAsync(feed, token, partitions, lease, mayMove: true, cancel);
        (_division, _partitions, _looked, _isLost) = (division, partitions, clock.GetTimestamp(), division is null);
        _isOver = _isLost;
        return division?.Mine ?? [];
    }

    /// <summary>In the middle of a drain: keeps the lease, and sees whether others wait for partitions of this process, or have them.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        if (_division is not { } division || _isOver || clock.GetElapsedTime(_looked) < LookEvery) return;
        var now = await feeds.DivideAsync(feed, token, _partitions, lease, mayMove: false, cancel);
        _looked = clock.GetTimestamp();
        _isLost = now is null;
        _isOver = now is null || now.IsOver || !now.Mine.SequenceEqual(division.Mine);
    }
}
