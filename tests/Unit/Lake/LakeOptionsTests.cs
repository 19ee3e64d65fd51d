using Etl.Lake;

namespace Etl.Tests.Unit.Lake;

public sealed class LakeOptionsTests
{
    [Fact]
    public void The_defaults_are_good() => new LakeOptions { Folder = "lake" }.Faults().ShouldBeEmpty();

    [Fact]
    public void All_faults_are_told_at_once() =>
        new LakeOptions { Folder = " ", RowGroupRows = 10, Threads = 0, CompressionLevel = 23, SmallFileRows = 600_000, MemoryMegabytes = 1, SpillFolder = "", RetiredFor = TimeSpan.Zero, QueryRowsMax = 0, QueryTimeMax = TimeSpan.Zero }
            .Faults().ShouldBe(
            [
                "lake.folder: found \"\", expected a path",
                "lake.spillFolder: found \"\", expected a path, or nothing at all for no spilling",
                "lake.smallFileRows: 600,000 is outside 0 to 500,000",
                "lake.rowGroupRows: 10 is outside 2,048 to 1,000,000",
                "lake.compressionLevel: 23 is outside 1 to 22",
                "lake.memoryMegabytes: 1 is outside 64 to 1,000,000",
                "lake.threads: 0 is outside 1 to 256",
                "lake.queryRowsMax: 0 is outside 1 to 10,000,000",
                "lake.queryTimeMax: 00:00:00 is outside 00:00:01 to 01:00:00",
                "lake.retiredFor: 00:00:00 is outside 00:01:00 to 3650.00:00:00",
            ]);
}
