using Etl.Metadata.Relational.Runs;

namespace Etl.Tests.Unit.Metadata;

/// <summary>Who gives up and takes which partitions, whatever the order in which they ask.</summary>
public sealed class PartitionTurnsTests
{
    [Fact]
    public void One_that_is_alone_takes_all() => PartitionTurns.Of([7], new Dictionary<int, long>(), 3, 7).Takes.ShouldBe([0, 1, 2]);

    [Fact]
    public void What_somebody_has_whose_lease_is_over_is_free()
    {
        var turn = PartitionTurns.Of([7, 9], new Dictionary<int, long> { [0] = 3, [1] = 7 }, 2, 9);
        (turn.Due, string.Join(',', turn.Free), string.Join(',', turn.Takes)).ShouldBe((1, "0", "0"));
    }

    [Fact]
    public void Whatever_the_order_of_asking_shares_become_even_and_no_more_moves_than_must()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var holders = new Dictionary<int, long>();
            for (int change = 0; change < 4; change++)
            {
                int partitions = random.Next(1, 13);
                long[] landers = [.. Enumerable.Range(1, 6).Where(_ => random.Next(2) == 0).Select(token => (long)token)];
                if (landers.Length == 0) landers = [3];
                int surplus = landers.Sum(token => Math.Max(0, Held(holders, token, partitions) - (partitions + landers.Length - 1) / landers.Length));
                int given = 0;
                for (int round = 0; round < 2; round++)
                {
                    random.Shuffle(landers);
                    foreach (long token in landers) given += Ask(holders, [.. landers.Order()], partitions, token);
                    // who lacks some asks again once everybody has given
                }
                string where = $"seed {seed}, change {change}";
                var counts = landers.Select(token => Held(holders, token, partitions)).ToList();
                counts.Sum().ShouldBe(partitions, where);
                (counts.Max() - counts.Min()).ShouldBeLessThanOrEqualTo(1, where);
                given.ShouldBeInRange(surplus, surplus + landers.Length, where);
            }
        }
    }

    private static int Held(Dictionary<int, long> holders, long token, int partitions) => holders.Count(holder => holder.Value == token && holder.Key < partitions);

    private static int Ask(Dictionary<int, long> holders, long[] landers, int partitions, long token)
    {
        var turn = PartitionTurns.Of(landers, holders, partitions, token);
        foreach (int part in turn.Gives) holders[part] = 0;
        foreach (int part in turn.Takes)
        {
            landers.ShouldNotContain(holders.GetValueOrDefault(part), "a partition is taken from nobody");
            holders[part] = token;
        }
        return turn.Gives.Count;
    }
}
