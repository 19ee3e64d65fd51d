namespace Etl.Cli.Doctor;

/// <summary>Whether the data folder's disk has room.</summary>
/// <param name="free">Bytes that this user may still write.</param>
internal sealed class DiskCheck(Func<long> free) : ICheck
{
    private const long Low = 1_000_000_000, Full = 100_000_000;

    public DiskCheck(string folder) : this(() => new DriveInfo(folder).AvailableFreeSpace) { }

    public string Name => "disk";

    public Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancel) => Task.FromResult<IReadOnlyList<Finding>>([Judge()]);

    private Finding Judge()
    {
        try
        {
            long bytes = free();
            string found = $"{bytes / 1e9:N1} GB free", remedy = "make room (`etl lake --help` tells what the lake can give back), or choose a folder on another disk with --data DIR";
            return bytes >= Low ? Finding.Ok(Name, found)
                : bytes >= Full ? Finding.Warn(Name, found, $"{Low / 1e9:N0} GB or more", remedy)
                : Finding.Fail(Name, $"{bytes / 1e6:N0} MB free", $"{Low / 1e9:N0} GB or more, {Full / 1e6:N0} MB at the least", remedy);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Finding.Warn(Name, $"its free space cannot be told ({error.Message.TrimEnd('.')})", "a disk that tells it", "look by `df`");
        }
    }
}
