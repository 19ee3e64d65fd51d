using Etl.Topics;

namespace Etl.Tests.Unit.Topics;

public sealed class RecordHashTests
{
    [Fact]
    public void Key_value_and_timestamp_all_count()
    {
        string[] hashes =
        [
            RecordHash.Of("ab"u8, "cd"u8, 1), RecordHash.Of("abc"u8, "d"u8, 1), RecordHash.Of("ab"u8, "cd"u8, 2), RecordHash.Of("ab"u8, "ce"u8, 1), RecordHash.Of([], "abcd"u8, 1),
        ];
        hashes.Distinct().Count().ShouldBe(hashes.Length);
        hashes.ShouldAllBe(hash => hash.Length == 32);
    }

    /// <summary>Stored hashes must be understood by later releases.</summary>
    [Fact]
    public void It_never_changes() => RecordHash.Of("truck-00001"u8, "value"u8, 1_772_323_200_000).ShouldBe("462d7ff823dbbdb44e43196f8eb5fe3f");
}
