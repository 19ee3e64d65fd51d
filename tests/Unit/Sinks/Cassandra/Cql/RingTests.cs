using System.Net;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Tests.Unit.Sinks.Cassandra.Cql;

/// <summary>Which nodes keep a token's rows, and in which order they are asked.</summary>
public sealed class RingTests
{
    [Fact]
    public void The_first_node_clockwise_with_a_token_not_below_keeps_the_row()
    {
        var ring = RingOf(Simple(1), Node("a", "dc1", "r1", 0), Node("b", "dc1", "r1", 100), Node("c", "dc1", "r1", -100));
        Names(ring.Replicas("k", 0)).ShouldBe("a");
        Names(ring.Replicas("k", 1)).ShouldBe("b");
        Names(ring.Replicas("k", 100)).ShouldBe("b");
        Names(ring.Replicas("k", 101)).ShouldBe("c", "past the last token it begins anew");
        Names(ring.Replicas("k", long.MinValue)).ShouldBe("c");
        ring.Replicas("unknown", 0).ShouldBeEmpty();
    }

    [Fact]
    public void More_replicas_follow_clockwise_each_node_once()
    {
        var ring = RingOf(Simple(2), Node("a", "dc1", "r1", 0, 10), Node("b", "dc1", "r1", 20, 25), Node("c", "dc1", "r1", 30));
        Names(ring.Replicas("k", 0)).ShouldBe("a b");
        Names(ring.Replicas("k", 15)).ShouldBe("b c");
        Names(ring.Replicas("k", 26)).ShouldBe("c a");
    }

    [Fact]
    public void Each_data_centre_takes_its_number_and_distinct_racks_first()
    {
        var ring = RingOf(Replication.Of(new Dictionary<string, string> { ["class"] = "org.apache.cassandra.locator.NetworkTopologyStrategy", ["dc1"] = "3", ["dc2"] = "1/1" }),
            Node("a1", "dc1", "r1", 0), Node("a2", "dc1", "r1", 10), Node("x", "dc2", "r1", 15), Node("a3", "dc1", "r1", 20), Node("b1", "dc1", "r2", 30), Node("y", "dc2", "r1", 40));
        Names(ring.Replicas("k", 0), sorted: true).ShouldBe("a1 a2 b1 x");
        Names(ring.Replicas("k", 31), sorted: true).ShouldBe("a1 a2 b1 y");
    }

    private static Replication Simple(int factor) => Replication.Of(new Dictionary<string, string> { ["class"] = "SimpleStrategy", ["replication_factor"] = $"{factor}" });

    private static Ring RingOf(Replication replication, params Host[] hosts) => new("test", hosts, new Dictionary<string, Replication> { ["k"] = replication });

    private static Host Node(string name, string datacenter, string rack, params long[] tokens) => new(Guid.NewGuid(), new(IPAddress.Loopback, 9042), datacenter, rack, name, Guid.Empty, tokens);

    private static string Names(IEnumerable<Host> hosts, bool sorted = false) => string.Join(' ', sorted ? hosts.Select(host => host.CassandraVersion).Order() : hosts.Select(host => host.CassandraVersion));
}
