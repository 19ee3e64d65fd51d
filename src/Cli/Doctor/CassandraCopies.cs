using System.Globalization;
using Etl.Cli.Settings;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Cli.Doctor;

/// <summary>Whether a keyspace's rows have copies enough, on nodes that are up: writes and reads take a majority of the local data centre's copies.</summary>
internal static class CassandraCopies
{
    private const int UsualCopies = 3;

    public static Finding Nodes(IReadOnlyList<(Host Node, bool IsUp)> nodes)
    {
        var down = nodes.Where(node => !node.IsUp).Select(node => node.Node.Address.ToString()).ToList();
        return down.Count == 0 ? Finding.Ok("cassandra nodes", $"{nodes.Count:N0} of {nodes.Count:N0} up")
            : Finding.Warn("cassandra nodes", $"{nodes.Count - down.Count:N0} of {nodes.Count:N0} up; from here {string.Join(", ", down.Take(5))} cannot be reached", "all", "start them (`nodetool status` shows them as DN), or open the way to them; one that is gone for good: nodetool removenode");
    }

    /// <param name="replication">As <c>system_schema.keyspaces</c> tells; null where there is no such keyspace.</param>
    public static Finding Judge(CassandraSettings settings, string datacenter, IReadOnlyList<(Host Node, bool IsUp)> nodes, IReadOnlyDictionary<string, string>? replication)
    {
        const string check = "cassandra keyspace";
        var local = nodes.Where(node => node.Node.Datacenter == datacenter).ToList();
        if (replication is null) return Finding.Warn(check, $"{settings.Keyspace} is not there yet", null, $"the first publish makes it with {settings.ReplicationFactor} copies, if the user may CREATE; or correct Etl__Cassandra__Keyspace");
        string strategy = replication.GetValueOrDefault("class", "").Split('.')[^1];
        bool isSimple = strategy == "SimpleStrategy";
        int copies = Number(isSimple ? "replication_factor" : datacenter), up = local.Count(node => node.IsUp), majority = copies / 2 + 1;
        string found = $"{settings.Keyspace}: {strategy}, {copies} cop{(copies == 1 ? "y" : "ies")} in {datacenter}, {up} of {local.Count} nodes there up";
        string alter(int wanted) => $"ALTER KEYSPACE {settings.Keyspace} WITH replication = {{'class': 'NetworkTopologyStrategy', '{datacenter}': {wanted}}}, then `nodetool repair`";
        if (copies == 0) return Finding.Fail(check, found, $"1 copy or more in {datacenter}", alter(Math.Min(UsualCopies, local.Count)));
        if (majority > local.Count) return Finding.Fail(check, $"{found}: a majority of {copies} needs {majority} nodes", $"{local.Count} copies at most", alter(local.Count));
        if (majority > up) return Finding.Fail(check, $"{found}: a majority of {copies} needs {majority}", $"{majority} nodes up", "start the others (`nodetool status`)");
        if (copies > local.Count) return Finding.Warn(check, found, $"{local.Count} copies at most", alter(local.Count));
        if (isSimple && nodes.Select(node => node.Node.Datacenter).Distinct().Count() > 1) return Finding.Warn(check, $"{found}: copies may all lie in another data centre", "NetworkTopologyStrategy", alter(Math.Min(UsualCopies, local.Count)));
        return copies < UsualCopies && local.Count >= UsualCopies ? Finding.Warn(check, $"{found}: with a node its rows are away", $"{UsualCopies} copies", alter(UsualCopies)) : Finding.Ok(check, found);

        int Number(string key) => int.TryParse(replication.GetValueOrDefault(key, "").Split('/')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
    }
}
