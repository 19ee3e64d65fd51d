using System.Diagnostics.CodeAnalysis;
using Etl.Contracts.Events;
using Etl.Contracts.Time;

namespace Etl.Sources.Trucks;

/// <summary>
/// Reports of a fleet in event time order (equal times: lower truck first), so ascending within each truck. Its clock is the events' own: three
/// days are made as fast as the machine can. A truck's reports depend on seed and truck alone. Bits are equal on one platform; another's
/// logarithm may differ in the last.
/// </summary>
/// <remarks>One thread at a time.</remarks>
public sealed class TruckSimulator
{
    private readonly Truck[] trucks;
    private readonly Due[] heap; // the parent's next report is never later than a child's
    private readonly long endMicros;

    /// <param name="last">The last report of each truck that has reported before, for going on after it; trucks without one begin at the start.</param>
    /// <exception cref="ArgumentException">The options have faults, or a report is of none of the trucks.</exception>
    public TruckSimulator(TruckSimulatorOptions options, IEnumerable<TruckTelemetry>? last = null)
    {
        if (options.Faults().ToList() is { Count: > 0 } faults) throw new ArgumentException(string.Join("; ", faults), nameof(options));
        endMicros = options.End is { } end ? Micros.Of(end) : long.MaxValue;
        trucks = [.. Enumerable.Range(options.FirstTruckNumber, options.Trucks).Select(number => new Truck(options, number))];
        foreach (var report in last ?? []) trucks[IndexOf(report, options)].GoOnAfter(report);
        heap = new Due[trucks.Length];
        for (int index = 0; index < trucks.Length; index++)
        {
            trucks[index].Advance();
            heap[index] = new(trucks[index].TimeMicros, index);
        }
        for (int place = heap.Length / 2; place-- > 0;) SiftDown(place);
    }

    /// <summary>Takes the next report; false when all before the end are made.</summary>
    public bool TryNext([NotNullWhen(true)] out TruckTelemetry? report)
    {
        report = null;
        if (heap[0].TimeMicros >= endMicros) return false;
        ref var truck = ref trucks[heap[0].Truck];
        report = truck.Report();
        truck.Advance();
        heap[0].TimeMicros = truck.TimeMicros;
        SiftDown(0);
        return true;
    }

    /// <summary>The reports that are left, each made when it is asked for.</summary>
    public IEnumerable<TruckTelemetry> Reports()
    {
        while (TryNext(out var report)) yield return report;
    }

    private static int IndexOf(TruckTelemetry report, TruckSimulatorOptions options)
    {
        int dash = report.TruckId.LastIndexOf('-');
        if (int.TryParse(report.TruckId.AsSpan(dash + 1), out int number) && report.TruckId == Truck.IdOf(number)
            && number - options.FirstTruckNumber is var index and >= 0 && index < options.Trucks) return index;
        throw new ArgumentException(
            $"last report: found truck \"{report.TruckId}\", expected {Truck.IdOf(options.FirstTruckNumber)} to {Truck.IdOf(options.FirstTruckNumber + options.Trucks - 1)}", nameof(report));
    }

    private void SiftDown(int place)
    {
        var due = heap[place];
        while (2 * place + 1 is var child && child < heap.Length)
        {
            if (child + 1 < heap.Length && heap[child + 1].IsBefore(heap[child])) child++;
            if (!heap[child].IsBefore(due)) break;
            heap[place] = heap[child];
            place = child;
        }
        heap[place] = due;
    }

    /// <summary>When a truck reports next.</summary>
    private struct Due(long timeMicros, int truck)
    {
        public long TimeMicros = timeMicros;

        public readonly int Truck => truck;

        public readonly bool IsBefore(in Due other) => TimeMicros < other.TimeMicros || (TimeMicros == other.TimeMicros && Truck < other.Truck);
    }
}
