namespace Etl.Codecs.Cql;

/// <summary>How many replicas must answer.</summary>
public enum ConsistencyLevel : ushort
{
    Any = 0x0000,
    One = 0x0001,
    Two = 0x0002,
    Three = 0x0003,
    Quorum = 0x0004,
    All = 0x0005,
    LocalQuorum = 0x0006,
    EachQuorum = 0x0007,

    /// <summary>For the serial phase of conditional writes, and reads that see them.</summary>
    Serial = 0x0008,

    /// <summary><see cref="Serial"/> within the data centre.</summary>
    LocalSerial = 0x0009,
    LocalOne = 0x000A,
}

/// <summary>How the server treats a batch.</summary>
public enum BatchType : byte
{
    /// <summary>Atomic by a log on other nodes, at their cost.</summary>
    Logged = 0,

    /// <summary>One write for each partition; with a single partition it is atomic and cheap.</summary>
    Unlogged = 1,

    Counter = 2,
}
