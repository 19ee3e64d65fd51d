namespace Etl.Embedded.Registry;

/// <summary>The embedded schema registry: where it keeps its schemas, and where it listens.</summary>
public sealed record RegistryOptions
{
    /// <summary>Folder of the log of all changes; made where it is missing. One process at a time.</summary>
    public required string Folder { get; init; }

    /// <summary>Port on 127.0.0.1; 0 takes any free one.</summary>
    public int Port { get; init; }

    /// <summary>Bytes of one request's body, 1 KiB to 64 MiB.</summary>
    public int BodyBytesMax { get; init; } = 2 * 1024 * 1024;

    /// <summary>Versions of all subjects together, soft-deleted ones included, 1 to 1,000,000.</summary>
    public int VersionsMax { get; init; } = 100_000;

    /// <summary>Connections at a time, 1 to 10,000.</summary>
    public int ConnectionsMax { get; init; } = 256;

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Folder)) yield return "registry.folder: found nothing, expected a folder";
        if (Port is < 0 or > 65_535) yield return $"registry.port: {Port} is outside 0 to 65,535";
        if (BodyBytesMax is < 1_024 or > 64 * 1024 * 1024) yield return $"registry.bodyBytesMax: {BodyBytesMax:N0} is outside 1 KiB to 64 MiB";
        if (VersionsMax is < 1 or > 1_000_000) yield return $"registry.versionsMax: {VersionsMax:N0} is outside 1 to 1,000,000";
        if (ConnectionsMax is < 1 or > 10_000) yield return $"registry.connectionsMax: {ConnectionsMax:N0} is outside 1 to 10,000";
    }
}
