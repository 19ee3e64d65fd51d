using Etl.Contracts.Events;
using Etl.Contracts.Time;

namespace Etl.Sources.Trucks;

/// <summary>
/// Reports of orientation sensors. A device rolls and pitches with the road and follows its curves; the quaternion is made from the very angles of
/// the report (yaw, then pitch, then roll), of length 1.
/// </summary>
public sealed class OrientationSimulator
{
    private const ulong DrawsPerDevice = 4;
    private const ulong DrawsPerReport = 6;
    private const double RollMax = 0.25; // radians: 14°
    private const double PitchMax = 0.12; // radians: 7°, about a road of 12 %
    private const double NoiseDeviation = 0.005; // radians
    private const double JitterMax = 0.1; // of the period
    private const double SecondsPerSway = 30;
    private const double SecondsPerHill = 300;
    private const double SecondsPerTurn = 1_800;

    private readonly OrientationSimulatorOptions options;
    private readonly long endMicros;

    /// <exception cref="ArgumentException">The options have faults.</exception>
    public OrientationSimulator(OrientationSimulatorOptions options)
    {
        if (options.Faults().ToList() is { Count: > 0 } faults) throw new ArgumentException(string.Join("; ", faults), nameof(options));
        this.options = options;
        endMicros = options.End is { } end ? Micros.Of(end) : long.MaxValue;
    }

    /// <summary>Reports of all devices from one sequence on, sequence by sequence: ascending in time within each device.</summary>
    /// <param name="firstSequence">1 or more.</param>
    public IEnumerable<DeviceOrientation> Reports(long firstSequence = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(firstSequence, 1);
        for (long sequence = firstSequence; ; sequence++)
        {
            bool any = false;
            for (int device = 1; device <= options.Devices; device++)
            {
                var report = At(device, sequence);
                if (Micros.Of(report.Time) >= endMicros) continue;
                any = true;
                yield return report;
            }
            if (!any) yield break;
        }
    }

    /// <summary>One report.</summary>
    /// <param name="device">Number of the device, from 1.</param>
    /// <param name="sequence">Number of its report, from 1.</param>
    public DeviceOrientation At(int device, long sequence)
    {
        var random = new CounterRandom((ulong)options.Seed ^ 0x6F7269656E746174, (ulong)device); // not the numbers of the truck of that number
        ulong draw = DrawsPerDevice + DrawsPerReport * (ulong)sequence;
        double seconds = (sequence + JitterMax * random.Uniform(draw)) * options.Period.TotalSeconds;
        double Swing(ulong phase, double period) => Math.Sin(2 * Math.PI * (seconds / period + random.Uniform(phase)));

        double roll = RollMax * Swing(0, SecondsPerSway) + NoiseDeviation * random.Normal(draw + 1);
        double pitch = PitchMax * Swing(1, SecondsPerHill) + NoiseDeviation * random.Normal(draw + 3);
        double yaw = Math.IEEERemainder(2 * Math.PI * (random.Uniform(2) + seconds / SecondsPerTurn) + Swing(3, SecondsPerHill), 2 * Math.PI);
        var (sinRoll, cosRoll) = Math.SinCos(roll / 2);
        var (sinPitch, cosPitch) = Math.SinCos(pitch / 2);
        var (sinYaw, cosYaw) = Math.SinCos(yaw / 2);
        return new()
        {
            DeviceId = $"device-{device:D5}",
            Sequence = sequence,
            Time = Micros.ToInstant(Micros.Of(options.Start) + (long)(seconds * 1e6)),
            SecondsElapsed = seconds,
            Qw = cosRoll * cosPitch * cosYaw + sinRoll * sinPitch * sinYaw,
            Qx = sinRoll * cosPitch * cosYaw - cosRoll * sinPitch * sinYaw,
            Qy = cosRoll * sinPitch * cosYaw + sinRoll * cosPitch * sinYaw,
            Qz = cosRoll * cosPitch * sinYaw - sinRoll * sinPitch * cosYaw,
            Roll = roll,
            Pitch = pitch,
            Yaw = yaw,
        };
    }
}
