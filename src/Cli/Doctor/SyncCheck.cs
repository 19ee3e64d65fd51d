namespace Etl.Cli.Doctor;

/// <summary>How long the data folder's disk takes to keep a small write: each commit and each batch of the embedded broker waits for it.</summary>
/// <param name="sync">Writes a little and forces it to the disk, once.</param>
internal sealed class SyncCheck(Action sync, TimeProvider clock) : ICheck
{
    private const int Times = 5;

    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(50), TooSlow = TimeSpan.FromSeconds(2);

    public string Name => "fsync";

    public static SyncCheck Of(string folder, TimeProvider clock) => new(() => WriteIn(folder), clock);

    public Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancel)
    {
        var took = new List<TimeSpan>();
        while (took.Count < Times && !took.Exists(one => one > TooSlow))
        {
            cancel.ThrowIfCancellationRequested();
            long start = clock.GetTimestamp();
            sync();
            took.Add(clock.GetElapsedTime(start));
        }
        return Task.FromResult<IReadOnlyList<Finding>>([Judge(took.Order().ElementAt(took.Count / 2))]);
    }

    private Finding Judge(TimeSpan median)
    {
        string found = $"a small write is kept in {median.TotalMilliseconds:N1} ms", expected = $"{Slow.TotalMilliseconds:N0} ms at most";
        const string remedy = "put the data folder on a local disk, an SSD best (--data DIR), no network share; or find what else keeps the disk busy (iostat -x 1)";
        return median > TooSlow ? Finding.Fail(Name, found, expected, remedy) : median > Slow ? Finding.Warn(Name, found, expected, remedy) : Finding.Ok(Name, found);
    }

    private static void WriteIn(string folder)
    {
        using var file = new FileStream(Path.Combine(folder, $".sync-{Environment.ProcessId}"), FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        file.Write(new byte[4096]);
        file.Flush(flushToDisk: true);
    }
}
