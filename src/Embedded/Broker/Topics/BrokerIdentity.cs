using System.Globalization;
using System.Text;
using Etl.Embedded.Broker.Log;

namespace Etl.Embedded.Broker.Topics;

/// <summary>What must not repeat over restarts: the cluster's id and the ids of producers.</summary>
internal sealed class BrokerIdentity
{
    /// <summary>Ids reserved on disk at one time; a restart skips the rest of them.</summary>
    private const int ProducerIdsReserved = 1_000;

    private readonly string _producers;
    private readonly Lock _giving = new();
    private long _next;
    private long _reserved;

    public BrokerIdentity(string folder)
    {
        string cluster = Path.Combine(folder, "cluster.id");
        if (!File.Exists(cluster)) DurableFile.Replace(cluster, Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N")[..22]));
        ClusterId = File.ReadAllText(cluster).Trim();
        _producers = Path.Combine(folder, "producer.ids");
        if (!File.Exists(_producers)) return;
        string text = File.ReadAllText(_producers);
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _next))
            throw new BrokerException($"{_producers}: holds \"{text}\"; expected one number above every producer id given so far. Write such a number into it.", isTransient: false);
        _reserved = _next;
    }

    public string ClusterId { get; }

    /// <summary>A producer id that no producer of this folder has had.</summary>
    public long NextProducerId()
    {
        lock (_giving)
        {
            if (_next == _reserved)
            {
                DurableFile.Replace(_producers, Encoding.ASCII.GetBytes((_reserved + ProducerIdsReserved).ToString(CultureInfo.InvariantCulture)));
                _reserved += ProducerIdsReserved;
            }
            return _next++;
        }
    }
}
