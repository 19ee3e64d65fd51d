using Etl.Contracts.Events;
using Etl.Sources.Trucks;

namespace Etl.Tests.Unit.Sources.Trucks;

public sealed class OrientationSimulatorTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_quaternion_has_length_1_and_turns_as_the_angles_say()
    {
        foreach (var report in new OrientationSimulator(new() { Start = Start }).Reports().Take(10_000))
        {
            var (w, x, y, z) = (report.Qw, report.Qx, report.Qy, report.Qz);
            (w * w + x * x + y * y + z * z).ShouldBe(1, 1e-12);
            Math.Atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)).ShouldBe(report.Roll, 1e-9);
            Math.Asin(2 * (w * y - z * x)).ShouldBe(report.Pitch, 1e-9);
            Math.Atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)).ShouldBe(report.Yaw, 1e-9);
        }
    }

    [Fact]
    public void A_devices_times_rise_and_reports_stop_before_the_end()
    {
        var options = new OrientationSimulatorOptions { Start = Start, End = Start.AddHours(1), Devices = 3 };
        var reports = new OrientationSimulator(options).Reports().ToList();
        reports.ShouldAllBe(report => report.Time >= Start && report.Time < options.End);
        reports.Count.ShouldBeInRange(3 * 358, 3 * 360);
        foreach (var device in reports.GroupBy(report => report.DeviceId)) device.Zip(device.Skip(1)).ShouldAllBe(pair => pair.First.Time < pair.Second.Time);
    }

    [Fact]
    public void Going_on_at_a_sequence_gives_the_same_as_never_having_stopped()
    {
        var simulator = new OrientationSimulator(new() { Start = Start, Devices = 4 });
        simulator.Reports(firstSequence: 11).Take(100).ShouldBe(simulator.Reports().Skip(40).Take(100));
    }
}
