using Etl.Contracts.Workflow;

namespace Etl.Metadata;

/// <summary>The feeds: who lands each, which partitions each of its landers has, how far behind it is, what troubled it last, and what its runners said.</summary>
public interface IFeedLog
{
    /// <summary>Stories that are kept of each feed, the newest.</summary>
    public const int StoriesKept = 20;

    /// <summary>Makes the writer one of the feed's landers, until its lease is over. Which partitions it has is told by <see cref="DivideAsync"/>.</summary>
    /// <returns>false when the feed is paused, or a process of an earlier version, which knows no others, has all of it.</returns>
    Task<bool> TakeAsync(string feed, long token, TimeSpan lease, CancellationToken cancel);

    /// <summary>Divides the topic's partitions among the feed's landers, as evenly as can be, and renews the caller's lease. A partition changes hands only when its lander gives it up here, or its lease is over.</summary>
    /// <param name="partitions">Of the topic, 1 or more.</param>
    /// <param name="mayMove">Whether the caller gives up and takes partitions now; else it is told what would be due.</param>
    /// <returns>null when the caller is none of the landers any more.</returns>
    Task<FeedDivision?> DivideAsync(string feed, long token, int partitions, TimeSpan lease, bool mayMove, CancellationToken cancel);

    /// <summary>Records that all that was in these partitions before an instant has landed.</summary>
    /// <param name="of">Partitions of the topic.</param>
    /// <returns>The instant before which all of the topic has landed; null where that is not known of a partition.</returns>
    Task<DateTimeOffset?> LandedAsync(string feed, IReadOnlyCollection<int> partitions, int of, DateTimeOffset before, CancellationToken cancel);

    /// <summary>Records how it goes, and renews the lease.</summary>
    /// <returns>How many land it now, the caller too; 0 when the caller is none of them any more.</returns>
    Task<int> ReportAsync(string feed, long token, FeedNews news, TimeSpan lease, CancellationToken cancel);

    /// <summary>Gives the caller's partitions back, so that others may take them at once.</summary>
    Task ReleaseAsync(string feed, long token, CancellationToken cancel);

    Task PauseAsync(string feed, bool paused, CancellationToken cancel);

    /// <summary>Every feed ever taken, by name.</summary>
    Task<IReadOnlyList<FeedStatus>> ListAsync(CancellationToken cancel);

    /// <summary>Keeps what runners have said so far, in the place of what was kept of them before; of each feed the newest <see cref="StoriesKept"/>.</summary>
    /// <param name="stories">Each with at least one line.</param>
    Task KeepAsync(IReadOnlyList<FeedStory> stories, CancellationToken cancel);

    /// <summary>The newest stories of a feed, the earliest of them first.</summary>
    Task<IReadOnlyList<FeedStory>> StoriesAsync(string feed, int max, CancellationToken cancel);
}

public enum FeedState
{
    Stopped,
    Running,

    /// <summary>It failed and is started again after a pause.</summary>
    BackingOff,
    Paused,
}

/// <param name="Landed">Records landed since the last report.</param>
/// <param name="Lag">How old the newest landed state is; null where that is not known.</param>
/// <param name="Error">What went wrong; null when all is well.</param>
public sealed record FeedNews(FeedState State, long Landed, TimeSpan? Lag, string? Error);

/// <param name="Token">Of the lander that was heard of last.</param>
/// <param name="Since">When it came to its state.</param>
/// <param name="Landed">Records since it was first taken.</param>
/// <param name="Failures">One after the other, without a success between.</param>
/// <param name="LastError">Kept after it went well again; "" when there never was one.</param>
public sealed record FeedStatus(string Feed, FeedState State, long Token, DateTimeOffset Since, long Landed, TimeSpan? Lag, DateTimeOffset? LagAt, int Failures, string LastError, DateTimeOffset? ErrorAt)
{
    /// <summary>Those who land it now, by token.</summary>
    public IReadOnlyList<FeedLander> Landers { get; init; } = [];
}

/// <param name="Worker">Name of the writer whose token it is; "" where it is not known.</param>
/// <param name="Partitions">Ascending; empty while the others have all.</param>
public sealed record FeedLander(long Token, string Worker, IReadOnlyList<int> Partitions);

/// <summary>What one lander of a feed has of its topic.</summary>
/// <param name="Mine">Its partitions, ascending.</param>
/// <param name="Due">How many it shall have.</param>
/// <param name="Free">How many nobody has.</param>
public sealed record FeedDivision(IReadOnlyList<int> Mine, int Due, int Free)
{
    /// <summary>Whether the caller would give or get something by asking again.</summary>
    public bool IsOver => Mine.Count > Due || (Mine.Count < Due && Free > 0);

    /// <summary>Whether it waits for what another is to give up.</summary>
    public bool IsShort => Mine.Count < Due;
}

/// <summary>What one runner of a feed said, from when it began until it was stopped, failed, or lost the feed.</summary>
/// <param name="Started">With feed and token, its identity.</param>
/// <param name="Ended">null while it runs, or where its process was killed.</param>
public sealed record FeedStory(string Feed, long Token, DateTimeOffset Started, DateTimeOffset? Ended, IReadOnlyList<LogLine> Lines)
{
    /// <summary>Name of the writer whose token it is; "" where it is not known any more.</summary>
    public string Worker { get; init; } = "";
}
