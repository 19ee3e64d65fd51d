namespace Etl.Sinks.Cassandra.Cql;

/// <summary>Versions of the native protocol that we speak.</summary>
public enum ProtocolVersion : byte
{
    V4 = 4,
    V5 = 5,
}

/// <summary>Compression of what is sent.</summary>
public enum CompressionType
{
    NoCompression,
    LZ4,
}

/// <summary>Something that people should know of: warnings of servers, nodes lost and found.</summary>
public sealed record CqlLogEntry(bool IsWarning, string Text);
