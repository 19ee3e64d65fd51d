using System.Globalization;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>Which nodes keep a keyspace's rows: the strategy with its numbers.</summary>
internal sealed record Replication(string Strategy, IReadOnlyDictionary<string, int> Factors)
{
    private const string SimpleFactor = "replication_factor";

    /// <summary>Reads <c>system_schema.keyspaces.replication</c>. Factors may be transient (<c>3/1</c>): the first number counts.</summary>
    public static Replication Of(IReadOnlyDictionary<string, string> options)
    {
        string strategy = options.GetValueOrDefault("class", "");
        var factors = new Dictionary<string, int>();
        foreach (var (name, value) in options)
            if (name != "class" && int.TryParse(value.Split('/')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int factor)) factors[name] = factor;
        return new(strategy[(strategy.LastIndexOf('.') + 1)..], factors);
    }

    /// <summary>The replicas of a token range.</summary>
    /// <param name="clockwise">All nodes, in the order in which their tokens follow, each once.</param>
    /// <param name="racks">Racks of each data centre.</param>
    public Host[] Replicas(IEnumerable<Host> clockwise, IReadOnlyDictionary<string, int> racks) => Strategy switch
    {
        "NetworkTopologyStrategy" => NetworkTopology(clockwise, racks),
        "SimpleStrategy" => [.. clockwise.Take(Factors.GetValueOrDefault(SimpleFactor, 1))],
        "EverywhereStrategy" => [.. clockwise],
        _ => [.. clockwise.Take(1)], // LocalStrategy and what we do not know: no more than a hint
    };

    // Each data centre takes nodes of distinct racks first; once all its racks have one, those passed over fill it up.
    private Host[] NetworkTopology(IEnumerable<Host> clockwise, IReadOnlyDictionary<string, int> racks)
    {
        var replicas = new List<Host>();
        var centres = Factors.ToDictionary(pair => pair.Key, pair => new Centre(pair.Value, racks.GetValueOrDefault(pair.Key)));
        foreach (var host in clockwise)
            if (centres.TryGetValue(host.Datacenter, out var centre)) centre.Offer(host, replicas);
        return [.. replicas];
    }

    private sealed class Centre(int factor, int rackCount)
    {
        private readonly HashSet<string> _racks = [];
        private readonly Queue<Host> _passedOver = [];
        private int _taken;

        public void Offer(Host host, List<Host> replicas)
        {
            if (_taken >= factor) return;
            if (_racks.Count < rackCount && !_racks.Add(host.Rack))
            {
                _passedOver.Enqueue(host);
                return;
            }
            Take(host, replicas);
            while (_racks.Count == rackCount && _taken < factor && _passedOver.TryDequeue(out var waiting)) Take(waiting, replicas);
        }

        private void Take(Host host, List<Host> replicas)
        {
            replicas.Add(host);
            _taken++;
        }
    }
}
