using Etl.Contracts.Commits;
using Etl.Lake;

namespace Etl.Tests.Unit.Lake;

public sealed class AdoptChoiceTests
{
    private static readonly DateTimeOffset Hour = new(2026, 3, 1, 7, 0, 0, TimeSpan.Zero);

    private static FoundFile Landed(string name, long from, long to, bool live = false, params string[] replaces) => new(Path(name), new LakeFooter
    {
        Schema = TruckRows.Schema, Windows = [new(Hour, to - from)], Offsets = [new("Truck-Data", 1, 0, from, to)], Replaces = [.. replaces.Select(Path)],
    }, live);

    private static FoundFile Built(string name, long asOf) => new(Path(name), new LakeFooter { Schema = new("t", 1, "[]", 0, ""), Windows = [new(Hour, 1)], AsOf = asOf }, false);

    private static string Path(string name) => $"truck_data/2026-03/{name}.parquet";

    private static string Taken(params FoundFile[] found) => string.Join(" ", AdoptChoice.Of(found).Taken.Select(file => file.Path[19..^8]));

    [Fact]
    public void Files_side_by_side_are_all_taken() => Taken(Landed("1-1", 0, 10), Landed("1-2", 10, 20), Landed("2-1", 30, 40)).ShouldBe("1-1 1-2 2-1");

    [Fact]
    public void Of_two_files_with_the_same_offsets_the_later_writers_is_taken() => Taken(Landed("1-9", 0, 10), Landed("2-1", 0, 15)).ShouldBe("2-1");

    [Fact]
    public void What_a_compacted_file_replaces_is_left_out_through_all_generations() =>
        Taken(Landed("1-1", 0, 10), Landed("1-2", 10, 20), Landed("3-1", 0, 20, false, "1-1", "1-2"), Landed("1-3", 20, 30), Landed("4-1", 0, 30, false, "3-1", "1-3")).ShouldBe("4-1");

    [Fact]
    public void Of_two_compacted_files_that_share_a_source_the_larger_is_taken() =>
        Taken(Landed("1-1", 0, 10), Landed("1-2", 10, 20), Landed("9-1", 0, 10, false, "1-1"), Landed("3-1", 0, 20, false, "1-1", "1-2")).ShouldBe("3-1");

    [Fact]
    public void Of_a_results_window_the_newest_is_taken() => Taken(Built("9-1", 100), Built("2-1", 200), Built("3-1", 150)).ShouldBe("2-1");

    [Fact]
    public void What_the_store_lists_is_never_adopted_a_second_time() => Taken(Landed("1-1", 0, 10, live: true), Landed("2-1", 5, 10), Landed("2-2", 10, 20)).ShouldBe("2-2");

    [Fact]
    public void Offsets_that_no_file_taken_holds_are_told()
    {
        var choice = AdoptChoice.Of([Landed("2-1", 5, 10), Landed("1-1", 0, 10)]);
        choice.Uncovered.ShouldBe([new OffsetRange("Truck-Data", 1, 0, 0, 5)]);
        choice.LeftOut.ShouldHaveSingleItem().Reason.ShouldContain("written, never committed");
    }
}
