using System.Runtime.InteropServices;

namespace Etl.Benchmarks;

/// <summary>The most memory that this process had resident, as Linux counts it.</summary>
internal static partial class PeakMemory
{
    /// <summary>Gives back what earlier work has freed, of the managed and of the C heap, and begins to count anew from what is resident then.</summary>
    public static void Forget()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        _ = TrimHeap(0);
        File.WriteAllText("/proc/self/clear_refs", "5");
    }

    public static double Megabytes()
    {
        const string Key = "VmHWM:";
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Key, StringComparison.Ordinal));
        return double.Parse(line[Key.Length..].Trim().Split(' ')[0]) * 1_024 / 1e6;
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimHeap(nuint pad);
}
