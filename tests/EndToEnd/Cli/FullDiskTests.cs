namespace Etl.Tests.EndToEnd.Cli;

/// <summary>A disk that is full or read-only: one line that says what to do, and nothing is lost once it is done.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int Trucks = 10;
    private const double Days = 1;

    private readonly EtlProcess _etl = new();

    public void Dispose() => _etl.Dispose();

    [Fact]
    public async Task A_disk_that_cannot_hold_the_topic_ends_the_call_at_once()
    {
        using var disk = SmallDisk.Mount("size=8m");
        var (code, _, errors) = await _etl.RunAsync("simulate", "trucks", "--trucks", "100", "--days", "10", "--data", disk.Folder);
        code.ShouldBe(1, errors);
        errors.TrimEnd('\n').Split('\n')[^1].ShouldBe($"etl: the disk of {disk.Folder}/broker is full; expected room for the broker's files. Free space and start again.");
        errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_disk_that_cannot_hold_the_lake_stops_the_run_and_room_heals_it()
    {
        using var disk = SmallDisk.Mount("size=200m");
        (await _etl.RunAsync("simulate", "trucks", "--trucks", $"{Trucks}", "--days", $"{Days}", "--data", disk.Folder)).Code.ShouldBe(0);
        (await _etl.RunAsync("lake", "ls", "--data", disk.Folder)).Code.ShouldBe(0); // makes the store, which wants room of its own
        string ballast = Path.Combine(disk.Folder, "ballast");
        Fill(ballast, leave: 300_000);

        var (code, output, errors) = await _etl.RunAsync("run", "trucks", "--data", disk.Folder);
        code.ShouldBe(1, errors + output);
        errors.ShouldContain("space");
        errors.ShouldNotContain("   at ");

        File.Delete(ballast);
        (await _etl.RunAsync("run", "trucks", "--json", "--data", disk.Folder)).Code.ShouldBe(0);
        TruckOracle.Of(World.Reports(World.Fleet(Trucks, Days * 24))).ShouldEqual(new SqliteTables(Path.Combine(disk.Folder, "results.db")));
        (await _etl.RunAsync("lake", "verify", "--data", disk.Folder)).Code.ShouldBe(0);
    }

    [Fact]
    public async Task A_read_only_folder_is_refused_before_anything_starts()
    {
        using var disk = SmallDisk.Mount("ro");
        string line = (await _etl.RunAsync("demo", "--data", Path.Combine(disk.Folder, "data"))).OneLine(2);
        line.ShouldContain("expected a folder that can be written to");
        line.ShouldContain("Choose another with --data DIR");
    }

    private static void Fill(string path, long leave)
    {
        long free = new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;
        using var file = File.Create(path);
        byte[] block = new byte[65_536];
        for (long left = free - leave; left > 0; left -= block.Length) file.Write(block, 0, (int)Math.Min(block.Length, left));
    }
}
