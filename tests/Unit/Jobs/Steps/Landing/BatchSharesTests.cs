using Etl.Jobs.Steps.Landing;
using Etl.Topics;

namespace Etl.Tests.Unit.Jobs.Steps.Landing;

public sealed class BatchSharesTests
{
    [Fact]
    public void Shares_follow_what_is_left_so_that_partitions_run_dry_together() =>
        Next(100, (0, 0, 300), (1, 50, 150)).ShouldBe([new PartitionRange(0, 0, 75), new PartitionRange(1, 50, 75)]);

    [Fact]
    public void A_batch_of_one_takes_one_record_of_the_longest_partition() =>
        Next(1, (0, 0, 5), (1, 10, 20), (2, 0, 7)).ShouldBe([new PartitionRange(1, 10, 11)]);

    [Fact]
    public void What_fits_into_one_batch_is_taken_whole() =>
        Next(1_000, (0, 3, 5), (1, 7, 7), (2, 0, 4)).ShouldBe([new PartitionRange(0, 3, 5), new PartitionRange(2, 0, 4)]);

    [Fact]
    public void Nothing_is_left_when_every_partition_stands_at_its_end_or_has_none() =>
        BatchShares.Next(new Dictionary<int, long> { [0] = 5, [1] = 9 }, new Dictionary<int, long> { [0] = 5 }, 10).ShouldBeEmpty();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Batch_after_batch_covers_every_offset_once_and_none_is_larger_than_asked(int records)
    {
        var positions = new Dictionary<int, long> { [0] = 0, [1] = 2, [2] = 100 };
        var ends = new Dictionary<int, long> { [0] = 17, [1] = 3, [2] = 131 };
        while (BatchShares.Next(positions, ends, records) is { Count: > 0 } ranges)
        {
            ranges.Sum(range => range.To - range.From).ShouldBeInRange(1, records);
            foreach (var range in ranges)
            {
                range.From.ShouldBe(positions[range.Partition]);
                positions[range.Partition] = range.To;
            }
        }
        positions.ShouldBe(ends);
    }

    private static IReadOnlyList<PartitionRange> Next(long records, params (int Partition, long From, long End)[] parts) =>
        BatchShares.Next(parts.ToDictionary(part => part.Partition, part => part.From), parts.ToDictionary(part => part.Partition, part => part.End), records);
}
