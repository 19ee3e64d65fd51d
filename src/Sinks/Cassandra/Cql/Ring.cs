using System.Collections.Concurrent;
using System.Net;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>The cluster as one node described it at one time: nodes, their tokens, the keyspaces' replication. It does not change; a new one takes its place.</summary>
internal sealed class Ring
{
    private readonly long[] _tokens;
    private readonly Host[] _owners;
    private readonly Dictionary<string, int> _racks;
    private readonly IReadOnlyDictionary<string, Replication> _keyspaces;
    private readonly ConcurrentDictionary<string, Host[][]> _replicas = new();

    public Ring(string clusterName, IReadOnlyList<Host> hosts, IReadOnlyDictionary<string, Replication> keyspaces)
    {
        (ClusterName, Hosts, _keyspaces) = (clusterName, hosts, keyspaces);
        var owned = hosts.SelectMany(host => host.Tokens.Select(token => (token, host))).OrderBy(pair => pair.token).ToList();
        (_tokens, _owners) = ([.. owned.Select(pair => pair.token)], [.. owned.Select(pair => pair.host)]);
        _racks = hosts.GroupBy(host => host.Datacenter).ToDictionary(group => group.Key, group => group.Select(host => host.Rack).Distinct().Count());
    }

    public static Ring Empty { get; } = new("", [], new Dictionary<string, Replication>());

    public string ClusterName { get; }

    public IReadOnlyList<Host> Hosts { get; }

    public Host? Find(IPEndPoint address) => Hosts.FirstOrDefault(host => host.Address.Equals(address));

    /// <summary>The nodes that keep a token's rows, the first owner first; empty where the keyspace is not known.</summary>
    public Host[] Replicas(string keyspace, long token)
    {
        if (_tokens.Length == 0 || !_keyspaces.TryGetValue(keyspace, out var replication)) return [];
        var ranges = _replicas.GetOrAdd(keyspace, static (_, state) => state.Ring.RangesOf(state.Replication), (Ring: this, Replication: replication));
        int index = Array.BinarySearch(_tokens, token); // the first token that is not below the key's, or round to the first of all
        if (index < 0) index = ~index;
        return ranges[index == _tokens.Length ? 0 : index];
    }

    private Host[][] RangesOf(Replication replication)
    {
        var ranges = new Host[_tokens.Length][];
        for (int start = 0; start < ranges.Length; start++) ranges[start] = replication.Replicas(Clockwise(start), _racks);
        return ranges;
    }

    private IEnumerable<Host> Clockwise(int start)
    {
        var seen = new HashSet<Host>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < _owners.Length && seen.Count < Hosts.Count; i++)
        {
            var owner = _owners[(start + i) % _owners.Length];
            if (seen.Add(owner)) yield return owner;
        }
    }
}
