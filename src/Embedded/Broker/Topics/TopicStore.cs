using System.Collections.Concurrent;
using Etl.Codecs.Kafka;
using Etl.Embedded.Broker.Log;

namespace Etl.Embedded.Broker.Topics;

/// <summary>All topics of a broker. Look-ups take no lock; changes are made one at a time and are on disk before they show.</summary>
internal sealed class TopicStore : IDisposable
{
    private readonly BrokerOptions _options;
    private readonly TimeProvider _clock;
    private readonly string _topics;
    private readonly string _deleted;
    private readonly Lock _changing = new();
    private readonly ConcurrentDictionary<string, Topic> _byName = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, Topic> _byId = [];
    private readonly List<string> _repairs = [];

    /// <summary>Opens the topics of the folder, making good what a crash left.</summary>
    public TopicStore(BrokerOptions options, TimeProvider clock)
    {
        (_options, _clock) = (options, clock);
        _topics = Path.Combine(options.DataFolder, "topics");
        _deleted = Path.Combine(options.DataFolder, "deleted");
        if (Directory.Exists(_deleted)) Directory.Delete(_deleted, recursive: true);
        Directory.CreateDirectory(_topics);
        Directory.CreateDirectory(_deleted);
        foreach (string folder in Directory.EnumerateDirectories(_topics).Order(StringComparer.Ordinal)) Open(folder);
    }

    /// <summary>What was cut or made anew when the logs were opened.</summary>
    public IReadOnlyList<string> Repairs => _repairs;

    public IEnumerable<Topic> All => _byName.Values;

    /// <summary>Called when a log has more unsynced bytes than it may.</summary>
    public Action? WantsSync { get; set; }

    /// <summary>Called when the disk did not take a batch.</summary>
    public Action<IOException>? StorageFaulted { get; set; }

    public Topic? Find(string? name) => name is not null && _byName.TryGetValue(name, out var topic) ? topic : null;

    public Topic? Find(Guid id) => _byId.TryGetValue(id, out var topic) ? topic : null;

    /// <summary>Makes a topic, or says why not.</summary>
    /// <param name="validateOnly">Only says whether it could be made.</param>
    /// <returns>The topic (null when only validating) and no error, or an error with a sentence.</returns>
    public (Topic? Topic, KafkaError Error, string? Message) Create(string name, int partitions, Dictionary<string, string> configs, bool validateOnly)
    {
        lock (_changing)
        {
            if (!Topic.IsValidName(name)) return (null, KafkaError.InvalidTopicException, $"\"{name}\" is no topic name; expected 1 to {Topic.NameLengthMax} of a-z A-Z 0-9 . _ -");
            if (_byName.ContainsKey(name)) return (null, KafkaError.TopicAlreadyExists, $"Topic '{name}' already exists.");
            if (_byName.Keys.FirstOrDefault(other => other.Replace('.', '_') == name.Replace('.', '_')) is { } alike)
                return (null, KafkaError.InvalidTopicException, $"Topic '{name}' differs from '{alike}' in . and _ only.");
            if (partitions < 1 || partitions > _options.PartitionsMax) return (null, KafkaError.InvalidPartitions, $"{partitions} partitions; expected 1 to {_options.PartitionsMax}.");
            if (_byName.Count >= _options.TopicsMax) return (null, KafkaError.PolicyViolation, $"There are {_byName.Count} topics, as many as the broker takes; delete one or raise topicsMax.");
            return validateOnly ? (null, KafkaError.None, null) : (Make(name, partitions, configs), KafkaError.None, null);
        }
    }

    public (KafkaError Error, string? Message) AddPartitions(string name, int count, bool validateOnly)
    {
        lock (_changing)
        {
            if (Find(name) is not { } topic) return (KafkaError.UnknownTopicOrPartition, $"There is no topic '{name}'.");
            if (count <= topic.Partitions.Length) return (KafkaError.InvalidPartitions, $"Topic '{name}' has {topic.Partitions.Length} partitions already; expected more than that.");
            if (count > _options.PartitionsMax) return (KafkaError.InvalidPartitions, $"{count} partitions; expected at most {_options.PartitionsMax}.");
            if (validateOnly) return (KafkaError.None, null);
            string folder = FolderOf(name);
            var added = Enumerable.Range(topic.Partitions.Length, count - topic.Partitions.Length).Select(index => OpenLog(folder, index, topic.Configs)).ToArray();
            var next = topic with { Partitions = [.. topic.Partitions, .. added] };
            Describe(next).Save(folder);
            Show(next);
            return (KafkaError.None, null);
        }
    }

    public KafkaError SetConfigs(string name, Dictionary<string, string> configs)
    {
        lock (_changing)
        {
            if (Find(name) is not { } topic) return KafkaError.UnknownTopicOrPartition;
            var next = topic with { Configs = configs };
            Describe(next).Save(FolderOf(name));
            var settings = TopicConfigs.ToSettings(_options, configs);
            foreach (var log in next.Partitions) log.Settings = settings;
            Show(next);
            return KafkaError.None;
        }
    }

    /// <summary>Removes a topic with its records; one rename decides, so a crash leaves it whole or gone.</summary>
    public bool Delete(Topic topic)
    {
        lock (_changing)
        {
            if (!_byId.TryRemove(topic.Id, out _)) return false;
            _byName.TryRemove(topic.Name, out _);
            string grave = Path.Combine(_deleted, topic.Id.ToString("N"));
            Directory.Move(FolderOf(topic.Name), grave);
            DurableFile.FlushFolder(_topics);
            foreach (var log in topic.Partitions) log.Close(save: false);
            Directory.Delete(grave, recursive: true);
            return true;
        }
    }

    public void Dispose()
    {
        lock (_changing)
            foreach (var topic in _byName.Values)
                foreach (var log in topic.Partitions) log.Dispose();
    }

    private Topic Make(string name, int partitions, Dictionary<string, string> configs)
    {
        string folder = FolderOf(name);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true); // a making that a crash cut short
        Directory.CreateDirectory(folder);
        var logs = Enumerable.Range(0, partitions).Select(index => OpenLog(folder, index, configs)).ToArray();
        var topic = new Topic(name, Guid.CreateVersion7(_clock.GetUtcNow()), configs, logs);
        Describe(topic).Save(folder);
        DurableFile.FlushFolder(_topics);
        Show(topic);
        return topic;
    }

    private void Open(string folder)
    {
        if (Topic.Description.Load(folder) is not { } description) return;
        var logs = Enumerable.Range(0, description.Partitions).Select(index => OpenLog(folder, index, description.Configs)).ToArray();
        Show(new(Path.GetFileName(folder), description.Id, description.Configs, logs));
    }

    private PartitionLog OpenLog(string folder, int index, IReadOnlyDictionary<string, string> configs)
    {
        var settings = TopicConfigs.ToSettings(_options, configs);
        string partition = Topic.FolderOf(folder, index);
        var recovered = LogRecovery.Open(partition, settings);
        _repairs.AddRange(recovered.Repairs);
        return new(partition, settings, recovered, _clock) { WantsSync = () => WantsSync?.Invoke(), StorageFaulted = error => StorageFaulted?.Invoke(error) };
    }

    private void Show(Topic topic)
    {
        _byName[topic.Name] = topic;
        _byId[topic.Id] = topic;
    }

    private static Topic.Description Describe(Topic topic) => new(topic.Id, topic.Partitions.Length, new(topic.Configs));

    private string FolderOf(string name) => Path.Combine(_topics, name);
}
