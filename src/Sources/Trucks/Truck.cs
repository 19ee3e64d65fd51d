using Etl.Contracts.Events;
using Etl.Contracts.Time;

namespace Etl.Sources.Trucks;

/// <summary>
/// One truck on its way. Its state is its last report, nothing else: whoever holds that goes on exactly as if it had never stopped.
/// Distance and fuel count from the last stop for fuel; a report at which both are 0 is the first of a trip.
/// </summary>
internal struct Truck(TruckSimulatorOptions options, int number)
{
    private const ulong DrawsPerReport = 3; // one for the gap, two for the speed
    private const double MicrosPerHour = Micros.PerHour;

    private readonly CounterRandom random = new((ulong)options.Seed, (ulong)number);
    private readonly string id = IdOf(number);
    private long sequence;
    private long micros = Micros.Of(options.Start);
    private double speed;
    private double distance;
    private double fuel;

    /// <summary>Event time of the current report, in microseconds since 1970.</summary>
    public readonly long TimeMicros => micros;

    public static string IdOf(int number) => $"truck-{number:D5}";

    public readonly TruckTelemetry Report() => new()
    {
        TruckId = id, Sequence = sequence, Timestamp = Micros.ToInstant(micros), EngineSpeed = speed, DistanceCovered = distance, FuelConsumed = fuel,
    };

    /// <summary>Stands where that report was made.</summary>
    public void GoOnAfter(TruckTelemetry last) =>
        (sequence, micros, speed, distance, fuel) = (last.Sequence, Micros.Of(last.Timestamp), last.EngineSpeed, last.DistanceCovered, last.FuelConsumed);

    /// <summary>Drives on to the next report.</summary>
    public void Advance()
    {
        ulong draw = DrawsPerReport * (ulong)++sequence;
        // At least a microsecond, so that one truck's times rise strictly.
        long gap = Math.Max(1, (long)(random.Exponential(draw) * options.MeanGap.TotalMicroseconds));
        double speedBefore = speed;
        speed = Math.Max(0, options.SpeedMean + options.SpeedDeviation * random.Normal(draw + 1));
        micros += gap;
        if (sequence == 1) return;

        double speedBetween = (speedBefore + speed) / 2;
        double driven = speedBetween * gap / MicrosPerHour;
        double load = speedBetween / options.SpeedMean;
        double burnt = driven * options.LitresPer100Km / 100 * load * load;
        if (fuel + burnt < options.TankLitres) (distance, fuel) = (distance + driven, fuel + burnt);
        else
        {
            (distance, fuel) = (0, 0);
            micros += (long)options.RefuelTime.TotalMicroseconds;
        }
    }
}
