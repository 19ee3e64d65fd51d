using System.Text;
using Etl.Topics;

namespace Etl.Tests.Unit.Topics;

public sealed class Murmur2Tests
{
    /// <summary>The vectors of Kafka's own UtilsTest.testMurmur2.</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Hashes_are_those_of_the_Java_client(string key, int expected) => ((int)Murmur2.Hash(Encoding.UTF8.GetBytes(key))).ShouldBe(expected);

    [Fact]
    public void Every_key_has_a_partition_and_all_partitions_have_keys()
    {
        var partitions = Enumerable.Range(0, 10_000).Select(number => Murmur2.PartitionOf(Encoding.UTF8.GetBytes($"truck-{number:D5}"), 4)).ToList();
        partitions.ShouldAllBe(partition => partition >= 0 && partition < 4);
        partitions.CountBy(partition => partition).ShouldAllBe(one => one.Value > 2_300 && one.Value < 2_700);
    }
}
