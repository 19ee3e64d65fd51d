namespace Etl.Embedded.Broker;

/// <summary>When appended records are forced to the disk. Whatever the choice, a killed process loses nothing: the kernel has the bytes before the answer leaves.</summary>
public enum FsyncPolicy
{
    /// <summary>Every <see cref="BrokerOptions.FsyncInterval"/>, after <see cref="BrokerOptions.FsyncBytes"/>, and when a segment is closed: a power cut can take the last interval.</summary>
    Interval,

    /// <summary>Before each answer, and records are readable only then: a power cut takes nothing that was acknowledged.</summary>
    Always,
}

/// <summary>Settings of the embedded broker. Topics may override retention, segment bytes and the largest batch by their own configs.</summary>
public sealed record BrokerOptions
{
    /// <summary>Folder of the logs; made if missing. One broker at a time holds it.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Address to listen on and to name to clients: they must be able to reach it.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>TCP port, 0 to 65,535; 0 takes any free one.</summary>
    public int Port { get; init; }

    /// <summary>Partitions of a topic created without a number, 1 to <see cref="PartitionsMax"/>.</summary>
    public int DefaultPartitions { get; init; } = 1;

    /// <summary>Partitions of one topic at most, 1 to 10,000.</summary>
    public int PartitionsMax { get; init; } = 256;

    /// <summary>Topics at most, 1 to 100,000.</summary>
    public int TopicsMax { get; init; } = 1_000;

    /// <summary>A topic that is asked for and missing is created. Off: a misspelt name is an error.</summary>
    public bool AutoCreateTopics { get; init; }

    /// <summary>Bytes after which a segment file is closed and the next begun, 64 KiB to 1 GiB.</summary>
    public int SegmentBytes { get; init; } = 128 << 20;

    /// <summary>Bytes of log between two entries of a segment's index, 1 KiB to 16 MiB.</summary>
    public int IndexIntervalBytes { get; init; } = 32 << 10;

    /// <summary>Bytes kept per partition before old segments are deleted; -1: no limit.</summary>
    public long RetentionBytes { get; init; } = -1;

    /// <summary>
    /// Age at which a segment is deleted, counted from its newest record or its last append, whichever is later, so that history produced today stays;
    /// <see cref="Timeout.InfiniteTimeSpan"/>: no limit.
    /// </summary>
    public TimeSpan RetentionTime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How often retention is looked after, 1 s or more.</summary>
    public TimeSpan RetentionCheck { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest record batch in bytes, as it is sent: 1 KiB to 256 MiB.</summary>
    public int MessageBytesMax { get; init; } = 1_048_588;

    /// <summary>Largest request in bytes, 64 KiB to 1 GiB; a larger one closes its connection.</summary>
    public int FrameBytesMax { get; init; } = 100 << 20;

    /// <summary>Largest answer to one Fetch in bytes; a single larger batch is sent all the same. 64 KiB to 1 GiB.</summary>
    public int FetchBytesMax { get; init; } = 55 << 20;

    /// <summary>Connections at most, 1 to 100,000; further ones are closed at once.</summary>
    public int ConnectionsMax { get; init; } = 500;

    /// <summary>Bytes of large requests held at one time; when used up, sockets are not read until some are done. At least <see cref="FrameBytesMax"/>.</summary>
    public long RequestMemoryBytes { get; init; } = 256L << 20;

    public FsyncPolicy Fsync { get; init; } = FsyncPolicy.Interval;

    /// <summary>Longest time between an append and its fsync under <see cref="FsyncPolicy.Interval"/>, 10 ms to 1 h.</summary>
    public TimeSpan FsyncInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Unsynced bytes of a partition that start an fsync before the interval is over, at least 64 KiB.</summary>
    public long FsyncBytes { get; init; } = 64L << 20;

    /// <summary>All that is wrong with these options; empty if nothing is.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(DataFolder)) faults.Add("broker.dataFolder: is empty; name a folder for the logs");
        if (!System.Net.IPAddress.TryParse(Host, out _) && Host != "localhost") faults.Add($"broker.host: \"{Host}\" is neither an IP address nor localhost");
        Check("port", Port, 0, 65_535);
        Check("partitionsMax", PartitionsMax, 1, 10_000);
        Check("defaultPartitions", DefaultPartitions, 1, PartitionsMax);
        Check("topicsMax", TopicsMax, 1, 100_000);
        Check("segmentBytes", SegmentBytes, 64 << 10, 1 << 30);
        Check("indexIntervalBytes", IndexIntervalBytes, 1 << 10, 16 << 20);
        Check("retentionBytes", RetentionBytes, -1, long.MaxValue);
        Check("messageBytesMax", MessageBytesMax, 1 << 10, 256 << 20);
        Check("frameBytesMax", FrameBytesMax, 64 << 10, 1 << 30);
        Check("fetchBytesMax", FetchBytesMax, 64 << 10, 1 << 30);
        Check("connectionsMax", ConnectionsMax, 1, 100_000);
        Check("requestMemoryBytes", RequestMemoryBytes, FrameBytesMax, long.MaxValue);
        Check("fsyncBytes", FsyncBytes, 64 << 10, long.MaxValue);
        if (RetentionTime != Timeout.InfiniteTimeSpan && RetentionTime < TimeSpan.Zero) faults.Add($"broker.retentionTime: {RetentionTime} is negative; -1 ms means no limit");
        if (RetentionCheck < TimeSpan.FromSeconds(1)) faults.Add($"broker.retentionCheck: {RetentionCheck} is below 1 s");
        if (FsyncInterval < TimeSpan.FromMilliseconds(10) || FsyncInterval > TimeSpan.FromHours(1)) faults.Add($"broker.fsyncInterval: {FsyncInterval} is outside 10 ms to 1 h");
        return faults;

        void Check(string name, long value, long least, long most)
        {
            if (value < least || value > most) faults.Add($"broker.{name}: {value:N0} is outside {least:N0} to {most:N0}");
        }
    }
}
