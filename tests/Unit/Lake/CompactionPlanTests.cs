using Etl.Contracts.Commits;
using Etl.Lake;
using Etl.Metadata;

namespace Etl.Tests.Unit.Lake;

public sealed class CompactionPlanTests
{
    private static LakeFile File(string path, long rows, int version = 1, int generation = 1) =>
        new("d", $"d/{path}.parquet", rows, 1, version, 1, null, [new("T", generation, 0, 0, rows)]);

    private static string Plan(params LakeFile[] live) => string.Join("; ", Compaction.Plan(live, smallRows: 50, rowsMax: 100).Select(group => string.Join(" ", group.Select(file => file.Path[10..^8]))));

    [Fact]
    public void Small_files_are_joined_up_to_the_rows_of_a_file() =>
        Plan(File("2026-03/1-1", 40), File("2026-03/1-2", 40), File("2026-03/1-3", 40), File("2026-03/1-4", 49), File("2026-03/1-5", 50)).ShouldBe("1-1 1-2; 1-3 1-4");

    [Fact]
    public void A_small_file_alone_stays_as_it_is() => Plan(File("2026-03/1-1", 10), File("2026-03/1-2", 60)).ShouldBe("");

    [Fact]
    public void Months_versions_and_generations_are_kept_apart() =>
        Plan(File("2026-03/1-1", 1), File("2026-04/1-2", 1), File("2026-03/1-3", 1, version: 2), File("2026-03/1-4", 1, generation: 2)).ShouldBe("");
}
