namespace Etl.Embedded.Broker.Log;

/// <summary>What a partition's log needs to know of its topic; replaced whole when the topic's configs change.</summary>
internal sealed record LogSettings
{
    public required int SegmentBytes { get; init; }

    public required int IndexIntervalBytes { get; init; }

    public required long RetentionBytes { get; init; }

    /// <summary>Milliseconds; -1: no limit.</summary>
    public required long RetentionMilliseconds { get; init; }

    public required int MessageBytesMax { get; init; }

    /// <summary>The broker stamps batches with its own time.</summary>
    public required bool LogAppendTime { get; init; }

    public required FsyncPolicy Fsync { get; init; }

    public required long FsyncBytes { get; init; }
}
