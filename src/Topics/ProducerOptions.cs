namespace Etl.Topics;

/// <summary>How records are sent. What they guarantee is not an option: idempotent, acknowledged by all in-sync replicas.</summary>
public sealed record ProducerOptions
{
    /// <summary>How long a record waits for others to share its batch, 0 to 1 s.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>none, gzip, snappy, lz4 or zstd.</summary>
    public string Compression { get; init; } = "lz4";

    /// <summary>How long a record is tried before it counts as failed, 1 s to 1 h.</summary>
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Records that may be on their way, 1,000 to 10,000,000; sending waits when they are.</summary>
    public int InFlightMax { get; init; } = 200_000;

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (Linger < TimeSpan.Zero || Linger > TimeSpan.FromSeconds(1)) yield return $"produce.linger: {Linger} is outside 0 to 1 s";
        if (Compression is not ("none" or "gzip" or "snappy" or "lz4" or "zstd")) yield return $"produce.compression: found \"{Compression}\", expected none, gzip, snappy, lz4 or zstd";
        if (DeliveryTimeout < TimeSpan.FromSeconds(1) || DeliveryTimeout > TimeSpan.FromHours(1)) yield return $"produce.deliveryTimeout: {DeliveryTimeout} is outside 1 s to 1 h";
        if (InFlightMax is < 1_000 or > 10_000_000) yield return $"produce.inFlightMax: {InFlightMax:N0} is outside 1,000 to 10,000,000";
    }
}
