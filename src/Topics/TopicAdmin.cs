using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Etl.Topics;

/// <summary>Creates, describes and deletes topics, and tells where their logs begin and end. Each call ends within <see cref="KafkaOptions.RequestTimeout"/>, give or take a second.</summary>
public sealed class TopicAdmin : IDisposable
{
    private static readonly TimeSpan SettleStep = TimeSpan.FromMilliseconds(20);

    private readonly KafkaOptions kafka;
    private readonly IAdminClient admin;
    private readonly ConnectionTrouble trouble;

    public TopicAdmin(KafkaOptions kafka)
    {
        BundledLibrdkafka.Use();
        (this.kafka, trouble) = (kafka, new(kafka));
        try { admin = new AdminClientBuilder(kafka.Configure(new AdminClientConfig())).SetLogHandler((_, _) => { }).SetErrorHandler((_, error) => trouble.Note(error)).Build(); }
        catch (Exception refused) when (refused is InvalidOperationException or ArgumentException)
        {
            throw new TopicException($"Kafka's client settings: {refused.Message.TrimEnd('.')}. Mend Etl__Kafka__Client; the names are those of librdkafka.", false, refused);
        }
    }

    /// <summary>Creates the topic where it is not there; one that is there must have the declared partitions.</summary>
    /// <returns>The topic, and whether this call made it.</returns>
    /// <exception cref="TopicException">The cluster cannot hold it as declared, it exists otherwise, or no broker answers.</exception>
    public async Task<(TopicFacts Topic, bool Created)> EnsureAsync(TopicDeclaration topic, CancellationToken cancel)
    {
        if (await FindAsync(topic.Name, cancel) is { } there) return (Matching(there, topic), false);
        int brokers = (await Asked($"creating topic {topic.Name}", admin.DescribeClusterAsync(new() { RequestTimeout = kafka.RequestTimeout }), cancel)).Nodes.Count;
        if (topic.FaultOn(brokers) is { } fault) throw new TopicException($"creating topic {topic.Name}: {fault}", false);
        try
        {
            await admin.CreateTopicsAsync(
                [new() { Name = topic.Name, NumPartitions = topic.Partitions, ReplicationFactor = topic.Replication, Configs = new(topic.Settings) }],
                new() { RequestTimeout = kafka.RequestTimeout, OperationTimeout = kafka.RequestTimeout }).WaitAsync(cancel);
        }
        catch (CreateTopicsException refused) when (refused.Results[0].Error.Code == ErrorCode.TopicAlreadyExists)
        {
            return (Matching(await DescribeAsync(topic.Name, cancel), topic), false); // another was first
        }
        catch (KafkaException cause)
        {
            var error = cause is CreateTopicsException { Results: [var result, ..] } ? result.Error : cause.Error;
            throw TopicException.Of(error, $"creating topic {topic.Name}", kafka, cause);
        }
        return (await SettledAsync(topic, cancel), true);
    }

    /// <exception cref="TopicException">The topic is not there, or no broker answers.</exception>
    public async Task<TopicFacts> DescribeAsync(string topic, CancellationToken cancel) =>
        await FindAsync(topic, cancel) ?? throw new TopicException($"topic {topic} is not there at {kafka.BootstrapServers}. Create it (etl topic create {topic}), or mend its name.", false);

    /// <returns>null when the topic is not there.</returns>
    public async Task<TopicFacts?> FindAsync(string topic, CancellationToken cancel)
    {
        string what = $"describing topic {topic}";
        try
        {
            var result = await Asked(what, admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]), new() { RequestTimeout = kafka.RequestTimeout }), cancel);
            return FactsOf(result.TopicDescriptions[0], what);
        }
        catch (TopicException refused) when (refused.InnerException is DescribeTopicsException { Results.TopicDescriptions: [var described, ..] })
        {
            return FactsOf(described, what);
        }
    }

    /// <summary>The cluster as a broker of it tells.</summary>
    public async Task<ClusterFacts> ClusterAsync(CancellationToken cancel)
    {
        var described = await Asked("describing the cluster", admin.DescribeClusterAsync(new() { RequestTimeout = kafka.RequestTimeout }), cancel);
        return new(described.ClusterId, described.Nodes.Count);
    }

    /// <summary>A topic with its copies and its settings, those of the broker's defaults too.</summary>
    /// <returns>null when the topic is not there.</returns>
    public async Task<TopicCondition?> ExamineAsync(string topic, CancellationToken cancel)
    {
        if (await FindAsync(topic, cancel) is not { } facts) return null;
        string what = $"asking for the settings of {topic}";
        var described = await Asked(what, admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]), new() { RequestTimeout = kafka.RequestTimeout }), cancel);
        var settings = await Asked(what, admin.DescribeConfigsAsync([new() { Type = ResourceType.Topic, Name = topic }], new() { RequestTimeout = kafka.RequestTimeout }), cancel);
        var partitions = described.TopicDescriptions[0].Partitions;
        return new(facts, partitions.Min(partition => partition.Replicas.Count), partitions.Min(partition => partition.ISR.Count), settings[0].Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Value));
    }

    /// <summary>Names of all topics, sorted; those of Kafka's own (<c>__…</c>) are left out.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancel)
    {
        await Asked("listing topics", admin.DescribeClusterAsync(new() { RequestTimeout = kafka.RequestTimeout }), cancel); // ends at once where the login is refused, which the next call does not
        var metadata = await Asked("listing topics", Task.Run(() => admin.GetMetadata(kafka.RequestTimeout), cancel), cancel);
        return [.. metadata.Topics.Select(topic => topic.Topic).Where(name => !name.StartsWith("__", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    /// <summary>One offset of each partition, in the partitions' order.</summary>
    /// <exception cref="TopicException">A partition is not there, or no broker answers.</exception>
    public async Task<IReadOnlyList<PartitionOffset>> OffsetsAsync(string topic, IEnumerable<int> partitions, OffsetAt at, CancellationToken cancel)
    {
        var asked = partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = new(topic, partition), OffsetSpec = at.Spec }).ToList();
        if (asked.Count == 0) return [];
        string what = $"asking for offsets of {topic}";
        var answer = await Asked(what, admin.ListOffsetsAsync(asked, new() { RequestTimeout = kafka.RequestTimeout }), cancel);
        var found = answer.ResultInfos.Select(info => info.TopicPartitionOffsetError).ToList();
        if (found.Find(info => info.Error.IsError) is { } bad) throw TopicException.Of(bad.Error, $"{what}, partition {bad.Partition.Value}", kafka);
        return [.. found.Select(info => new PartitionOffset(info.Partition, info.Offset)).OrderBy(info => info.Partition)];
    }

    /// <summary>Records (strictly: offsets) that are yet to be read, by partition.</summary>
    /// <param name="next">Where the reader stands.</param>
    public async Task<IReadOnlyDictionary<int, long>> LagAsync(string topic, IReadOnlyCollection<PartitionOffset> next, CancellationToken cancel)
    {
        var ends = await OffsetsAsync(topic, next.Select(position => position.Partition), OffsetAt.End, cancel);
        return ends.Join(next, end => end.Partition, position => position.Partition, (end, position) => (end.Partition, Lag: Math.Max(0, end.Next - position.Next)))
            .ToDictionary(pair => pair.Partition, pair => pair.Lag);
    }

    /// <returns>false when the topic was not there.</returns>
    public async Task<bool> DeleteAsync(string topic, CancellationToken cancel)
    {
        try
        {
            await admin.DeleteTopicsAsync([topic], new() { RequestTimeout = kafka.RequestTimeout, OperationTimeout = kafka.RequestTimeout }).WaitAsync(cancel);
            return true;
        }
        catch (DeleteTopicsException refused) when (refused.Results[0].Error.Code == ErrorCode.UnknownTopicOrPart)
        {
            return false;
        }
        catch (KafkaException cause)
        {
            var error = cause is DeleteTopicsException { Results: [var result, ..] } ? result.Error : cause.Error;
            throw TopicException.Of(error, $"deleting topic {topic}", kafka, cause);
        }
    }

    public void Dispose() => admin.Dispose();

    /// <summary>A cluster says "created" before every broker knows of it.</summary>
    private async Task<TopicFacts> SettledAsync(TopicDeclaration topic, CancellationToken cancel)
    {
        for (long start = Environment.TickCount64; Environment.TickCount64 - start < kafka.RequestTimeout.TotalMilliseconds;)
        {
            if (await FindAsync(topic.Name, cancel) is { } facts && facts.Partitions == topic.Partitions) return facts;
            await Task.Delay(SettleStep, cancel);
        }
        throw new TopicException($"creating topic {topic.Name}: the broker took it, but does not show it with {topic.Partitions} partitions after {kafka.RequestTimeout}.", true);
    }

    private static TopicFacts Matching(TopicFacts there, TopicDeclaration topic) => there.Partitions == topic.Partitions ? there
        : throw new TopicException($"topic {topic.Name} has {there.Partitions} partitions, {topic.Partitions} were declared. Declare what is there: "
            + "another number would send keys to other partitions.", false);

    private TopicFacts? FactsOf(TopicDescription described, string what)
    {
        if (described.Error.Code == ErrorCode.UnknownTopicOrPart) return null;
        if (described.Error.IsError) throw TopicException.Of(described.Error, what, kafka);
        return new(described.Name, described.TopicId.ToString(), described.Partitions.Count);
    }

    private Task<T> Asked<T>(string what, Task<T> call, CancellationToken cancel) => trouble.AskAsync(what, call, cancel);
}
