using Etl.Topics;

namespace Etl.Tests.Unit.Topics;

public sealed class ChainLinkTests
{
    private static readonly ChainState Stored = new("id-1", Partition: 2, Next: 100, LastHash: "aa");
    private static readonly ChainFacts Found = new("id-1", LogStart: 0, LogEnd: 250, LastHash: "aa");

    [Fact]
    public void The_same_last_record_continues_and_is_proof() => ChainLink.Decide(Stored, Found).ShouldBe(new ChainVerdict.Continue(IsProven: true));

    [Fact]
    public void A_last_record_that_retention_or_compaction_took_continues_without_proof()
    {
        ChainLink.Decide(Stored, Found with { LogStart = 100, LastHash = "" }).ShouldBe(new ChainVerdict.Continue(IsProven: false));
        ChainLink.Decide(Stored, Found with { LastHash = "" }).ShouldBe(new ChainVerdict.Continue(IsProven: false));
    }

    [Fact]
    public void A_partition_never_read_continues() => ChainLink.Decide(new("", 0, 0, ""), Found with { LastHash = "" }).ShouldBe(new ChainVerdict.Continue(IsProven: false));

    [Fact]
    public void Everything_landed_and_nothing_new_continues() => ChainLink.Decide(Stored, Found with { LogEnd = 100 }).ShouldBe(new ChainVerdict.Continue(IsProven: true));

    [Fact]
    public void A_log_that_begins_behind_the_next_offset_is_a_gap_with_its_bounds() =>
        ChainLink.Decide(Stored, Found with { LogStart = 130, LastHash = "" }).ShouldBe(new ChainVerdict.Gap(100, 130));

    [Fact]
    public void Another_record_at_the_last_offset_is_a_change()
    {
        var verdict = ChainLink.Decide(Stored, Found with { LastHash = "bb" });
        verdict.ShouldBe(new ChainVerdict.Changed(99, "bb", "aa"));
        verdict.Reason.ShouldBe("offset 99 holds another record than was landed (hash bb, expected aa): the log was cut and written anew");
    }

    [Fact]
    public void Another_topic_id_or_a_shorter_log_is_another_topic()
    {
        ChainLink.Decide(Stored, Found with { TopicId = "id-2" }).ShouldBe(new ChainVerdict.Recreated("topic id id-2", "topic id id-1"));
        ChainLink.Decide(Stored, Found with { LogEnd = 99 }).ShouldBe(new ChainVerdict.Recreated("a log that ends at 99", "at least 100"));
    }

    [Fact]
    public void The_topics_id_counts_before_what_its_log_looks_like() =>
        ChainLink.Decide(Stored, new("id-2", LogStart: 500, LogEnd: 600, LastHash: "bb")).ShouldBeOfType<ChainVerdict.Recreated>();
}
