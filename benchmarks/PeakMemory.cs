namespace Etl.Benchmarks;

/// <summary>The most memory that this process had resident, as Linux counts it.</summary>
internal static class PeakMemory
{
    /// <summary>Begins to count anew from what is resident now.</summary>
    public static void Forget() => File.WriteAllText("/proc/self/clear_refs", "5");

    public static double Megabytes()
    {
        const string Key = "VmHWM:";
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Key, StringComparison.Ordinal));
        return double.Parse(line[Key.Length..].Trim().Split(' ')[0]) * 1_024 / 1e6;
    }
}
