namespace Etl.Sources.Trucks;

/// <summary>Which devices report, and when. The same options give the same reports.</summary>
public sealed record OrientationSimulatorOptions
{
    /// <summary>Same seed, same reports.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>How many devices, 1 to <see cref="TruckSimulatorOptions.TrucksMax"/>: <c>device-00001</c> and on.</summary>
    public int Devices { get; init; } = 20;

    /// <summary>Event time before the first reports.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Event time of the end, excluded; null goes on for ever.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Time between two reports of one device, 1 ms to 1 day; each comes up to a tenth of it late.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (Devices is < 1 or > TruckSimulatorOptions.TrucksMax) yield return $"devices: {Devices:N0} is outside 1 to {TruckSimulatorOptions.TrucksMax:N0}";
        if (End <= Start) yield return $"end: {End:O} is not after the start, {Start:O}";
        if (Period < TimeSpan.FromMilliseconds(1) || Period > TimeSpan.FromDays(1)) yield return $"period: {Period} is outside 1 ms to 1 day";
    }
}
