namespace Etl.Metadata;

/// <summary>The feeds: who runs each, how far behind it is, and what troubled it last.</summary>
public interface IFeedLog
{
    /// <summary>Takes the feed for a writer. The one who has it keeps it until its lease is over.</summary>
    /// <returns>false when another writer has it, or it is paused.</returns>
    Task<bool> TakeAsync(string feed, long token, TimeSpan lease, CancellationToken cancel);

    /// <summary>Records how it goes, and renews the lease.</summary>
    /// <returns>false when the feed is not the caller's any more.</returns>
    Task<bool> ReportAsync(string feed, long token, FeedNews news, TimeSpan lease, CancellationToken cancel);

    /// <summary>Gives it back, so that another may take it at once.</summary>
    Task ReleaseAsync(string feed, long token, CancellationToken cancel);

    Task PauseAsync(string feed, bool paused, CancellationToken cancel);

    /// <summary>Every feed ever taken, by name.</summary>
    Task<IReadOnlyList<FeedStatus>> ListAsync(CancellationToken cancel);
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

/// <param name="Since">When it came to its state.</param>
/// <param name="Landed">Records since it was first taken.</param>
/// <param name="Failures">One after the other, without a success between.</param>
/// <param name="LastError">Kept after it went well again; "" when there never was one.</param>
public sealed record FeedStatus(string Feed, FeedState State, long Token, DateTimeOffset Since, long Landed, TimeSpan? Lag, DateTimeOffset? LagAt, int Failures, string LastError, DateTimeOffset? ErrorAt);
