using System.Globalization;

namespace Etl.Benchmarks.TwoProcesses;

/// <summary>What all cores of the machine did, in core-seconds; from /proc/stat, whose steps are 10 ms.</summary>
internal readonly record struct MachineTime(double Busy, double Idle)
{
    private const double TicksPerSecond = 100;

    public static MachineTime operator -(MachineTime later, MachineTime earlier) => new(later.Busy - earlier.Busy, later.Idle - earlier.Idle);

    public static MachineTime Now()
    {
        // cpu  user nice system idle iowait irq softirq steal guest guest_nice; a guest's time is in user and nice too.
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9].Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToList();
        double idle = ticks[3] + ticks[4];
        return new((ticks.Sum() - idle) / TicksPerSecond, idle / TicksPerSecond);
    }
}
