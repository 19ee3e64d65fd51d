namespace Etl.Sources.Trucks;

/// <summary>What the trucks do. The same options give the same events, at whatever speed they are made.</summary>
public sealed record TruckSimulatorOptions
{
    /// <summary>The most trucks of one simulator.</summary>
    public const int TrucksMax = 1_000_000;

    /// <summary>Same seed, same events.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>How many trucks, 1 to <see cref="TrucksMax"/>. Their ids run from <see cref="FirstTruckNumber"/>: <c>truck-00001</c>.</summary>
    public int Trucks { get; init; } = 20;

    /// <summary>Number of the first truck, 1 or more: several simulators share a fleet by taking a part each.</summary>
    public int FirstTruckNumber { get; init; } = 1;

    /// <summary>Event time at which all set out, included.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Event time of the end, excluded; null goes on for ever.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Mean time between two reports of one truck, 1 ms to 1 day; the gaps are exponential. The default makes about 1 M events of 20 trucks in 3 days.</summary>
    public TimeSpan MeanGap { get; init; } = TimeSpan.FromSeconds(5.18);

    /// <summary>Mean speed in km/h, above 0 up to 1,000.</summary>
    public double SpeedMean { get; init; } = 80;

    /// <summary>Standard deviation of the speed in km/h, 0 up to the mean.</summary>
    public double SpeedDeviation { get; init; } = 1;

    /// <summary>Litres that the tank holds, 1 to 10,000.</summary>
    public double TankLitres { get; init; } = 400;

    /// <summary>Litres burnt on 100 km at the mean speed, 0.1 to 1,000; grows with the square of the speed.</summary>
    public double LitresPer100Km { get; init; } = 30;

    /// <summary>How long a truck stands to be refuelled, 0 to 1 day.</summary>
    public TimeSpan RefuelTime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (Trucks is < 1 or > TrucksMax) yield return $"trucks: {Trucks:N0} is outside 1 to {TrucksMax:N0}";
        if (FirstTruckNumber < 1) yield return $"firstTruckNumber: {FirstTruckNumber} is below 1";
        if (End <= Start) yield return $"end: {End:O} is not after the start, {Start:O}";
        if (MeanGap < TimeSpan.FromMilliseconds(1) || MeanGap > TimeSpan.FromDays(1)) yield return $"meanGap: {MeanGap} is outside 1 ms to 1 day";
        if (SpeedMean is not (> 0 and <= 1_000)) yield return $"speedMean: {SpeedMean} is outside 0 (excluded) to 1,000 km/h";
        if (!(SpeedDeviation >= 0 && SpeedDeviation <= SpeedMean)) yield return $"speedDeviation: {SpeedDeviation} is outside 0 to the mean, {SpeedMean} km/h";
        if (TankLitres is not (>= 1 and <= 10_000)) yield return $"tankLitres: {TankLitres} is outside 1 to 10,000";
        if (LitresPer100Km is not (>= 0.1 and <= 1_000)) yield return $"litresPer100Km: {LitresPer100Km} is outside 0.1 to 1,000";
        if (RefuelTime < TimeSpan.Zero || RefuelTime > TimeSpan.FromDays(1)) yield return $"refuelTime: {RefuelTime} is outside 0 to 1 day";
    }
}
