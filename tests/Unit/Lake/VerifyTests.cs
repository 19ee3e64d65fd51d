using Etl.Contracts.Commits;
using Etl.Lake;
using Etl.Metadata;

namespace Etl.Tests.Unit.Lake;

public sealed class VerifyTests
{
    private static LakeFile File(string path, long rows, params (int Partition, long From, long To)[] ranges) =>
        new("d", path, rows, 1, 1, 1, null, [.. ranges.Select(range => new OffsetRange("T", 2, range.Partition, range.From, range.To))]);

    private static PartitionProgress Progress(int partition, long next, long landed, long rejected = 0) => new("T", "id", 2, partition, next, 1, "", landed, rejected, null);

    private static string[] Compare(LakeFile[] files, params PartitionProgress[] progress) => [.. Verify.Compare("d", "T", files, progress).Select(finding => $"{finding.Kind}: {finding.Detail}")];

    [Fact]
    public void Offsets_in_two_files_overlap_once_for_each_second_file() =>
        Verify.Overlaps("d", [File("a", 1, (0, 0, 100)), File("b", 1, (0, 10, 20)), File("c", 1, (0, 50, 60)), File("d", 1, (0, 100, 110)), File("e", 1, (1, 0, 100))])
            .Select(finding => finding.Path).ShouldBe(["b", "c"]);

    [Fact]
    public void A_hole_of_rejected_records_is_no_fault() => Compare([File("a", 10, (0, 0, 10)), File("b", 5, (0, 20, 25))], Progress(0, 25, 15, 10)).ShouldBeEmpty();

    [Fact]
    public void A_hole_with_missing_rows_is_named() =>
        Compare([File("a", 10, (0, 0, 10)), File("b", 5, (0, 20, 25))], Progress(0, 30, 25)).ShouldBe(
        [
            "ProgressMismatch: T generation 2: files hold 15 rows, 25 were landed",
            "OffsetGap: T generation 2 partition 0 [10, 20) lies in no file",
            "OffsetGap: T generation 2 partition 0 [25, 30) lies in no file",
        ]);

    [Fact]
    public void Rows_past_the_next_position_are_found() =>
        Compare([File("a", 10, (0, 0, 10))], Progress(0, 8, 10)).ShouldBe(["ProgressMismatch: T generation 2 partition 0 [0, 10) lies in files; progress stands at 8"]);
}
