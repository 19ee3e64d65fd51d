using Etl.Codecs.Kafka;
using Etl.Codecs.Kafka.Messages;
using Etl.Embedded.Broker.Topics;

namespace Etl.Embedded.Broker.Requests;

/// <summary>Makes, widens, empties and removes topics.</summary>
internal sealed class TopicRequests(BrokerParts parts)
{
    public Reaction Create(Request request)
    {
        var reader = request.Reader();
        var asked = CreateTopicsRequest.Read(ref reader, request.Version);
        if (reader.Failed) return Reaction.Close;
        var twice = asked.Topics.GroupBy(topic => topic.Name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        new CreateTopicsResponse([.. asked.Topics.Where(topic => !twice.Contains(topic.Name)).Select(topic => Create(topic, asked.ValidateOnly)),
            .. twice.Select(name => Refuse(name, KafkaError.InvalidRequest, "The request names this topic more than once."))]).Write(request.Answer, request.Version);
        return Reaction.Answer;
    }

    public Reaction Delete(Request request)
    {
        var reader = request.Reader();
        var asked = DeleteTopicsRequest.Read(ref reader, request.Version);
        if (reader.Failed) return Reaction.Close;
        new DeleteTopicsResponse([.. asked.Topics.Select(Delete)]).Write(request.Answer, request.Version);
        return Reaction.Answer;
    }

    public Reaction AddPartitions(Request request)
    {
        var reader = request.Reader();
        var asked = CreatePartitionsRequest.Read(ref reader, request.Version);
        if (reader.Failed) return Reaction.Close;
        new CreatePartitionsResponse([.. asked.Topics.Select(topic => AddPartitions(topic, asked.ValidateOnly))]).Write(request.Answer);
        return Reaction.Answer;
    }

    public Reaction DeleteRecords(Request request)
    {
        var reader = request.Reader();
        var asked = DeleteRecordsRequest.Read(ref reader, request.Version);
        if (reader.Failed) return Reaction.Close;
        new DeleteRecordsResponse([.. asked.Topics.Select(topic => new DeleteRecordsResponse.Topic(topic.Name, [.. topic.Partitions.Select(partition => DeleteRecords(topic.Name, partition))]))])
            .Write(request.Answer, request.Version);
        return Reaction.Answer;
    }

    private CreateTopicsResponse.Topic Create(CreateTopicsRequest.Topic asked, bool validateOnly)
    {
        bool assigned = asked.Assignments.Count > 0;
        if (asked.ReplicationFactor is not (-1 or 1)) return Refuse(asked.Name, KafkaError.InvalidReplicationFactor, $"A replication factor of {asked.ReplicationFactor}; there is 1 broker.");
        if (assigned && asked.Assignments.Any(assignment => assignment.BrokerIds is not [BrokerAddress.NodeId]))
            return Refuse(asked.Name, KafkaError.InvalidReplicaAssignment, $"The only broker is {BrokerAddress.NodeId}.");
        if (asked.Configs.Select(config => TopicConfigs.Fault(config.Name, config.Value)).FirstOrDefault(fault => fault is not null) is { } wrong)
            return Refuse(asked.Name, KafkaError.InvalidConfig, wrong);
        int partitions = assigned ? asked.Assignments.Count : asked.NumPartitions == -1 ? parts.Options.DefaultPartitions : asked.NumPartitions;
        var configs = new Dictionary<string, string>();
        foreach (var config in asked.Configs) configs[config.Name] = config.Value!;
        try
        {
            var (topic, error, message) = parts.Topics.Create(asked.Name, partitions, configs, validateOnly);
            return error != KafkaError.None ? Refuse(asked.Name, error, message)
                : new(asked.Name, topic?.Id ?? Guid.Empty, KafkaError.None, null, partitions, 1, [.. TopicConfigs.All.Select(key => Describe(key, configs))]);
        }
        catch (IOException error)
        {
            return Refuse(asked.Name, KafkaError.KafkaStorageError, $"The topic's folder could not be made: {error.Message}");
        }
    }

    private CreateTopicsResponse.Config Describe(TopicConfigKey key, Dictionary<string, string> own) =>
        new(key.Name, TopicConfigs.Value(key.Name, parts.Options, own), ReadOnly: false, own.ContainsKey(key.Name) ? ConfigRequests.TopicSource : ConfigRequests.DefaultSource, IsSensitive: false);

    private static CreateTopicsResponse.Topic Refuse(string name, KafkaError error, string? message) => new(name, Guid.Empty, error, message, -1, -1, null);

    private DeleteTopicsResponse.Topic Delete(DeleteTopicsRequest.Topic asked)
    {
        if ((asked.Name is null ? parts.Topics.Find(asked.TopicId) : parts.Topics.Find(asked.Name)) is not { } topic)
            return new(asked.Name, asked.TopicId, asked.Name is null ? KafkaError.UnknownTopicId : KafkaError.UnknownTopicOrPartition, null);
        try
        {
            parts.Topics.Delete(topic);
            parts.Offsets.Forget(topic.Id);
            return new(topic.Name, topic.Id, KafkaError.None, null);
        }
        catch (IOException error)
        {
            return new(topic.Name, topic.Id, KafkaError.KafkaStorageError, error.Message);
        }
    }

    private CreatePartitionsResponse.Topic AddPartitions(CreatePartitionsRequest.Topic asked, bool validateOnly)
    {
        if (asked.Assignments?.Any(brokers => brokers is not [BrokerAddress.NodeId]) == true)
            return new(asked.Name, KafkaError.InvalidReplicaAssignment, $"The only broker is {BrokerAddress.NodeId}.");
        try
        {
            var (error, message) = parts.Topics.AddPartitions(asked.Name, asked.Count, validateOnly);
            return new(asked.Name, error, message);
        }
        catch (IOException error)
        {
            return new(asked.Name, KafkaError.KafkaStorageError, error.Message);
        }
    }

    private DeleteRecordsResponse.Partition DeleteRecords(string topic, DeleteRecordsRequest.Partition asked)
    {
        if (parts.Topics.Find(topic)?.Partition(asked.PartitionIndex) is not { } log) return new(asked.PartitionIndex, -1, KafkaError.UnknownTopicOrPartition);
        try
        {
            var (error, start) = log.DeleteBefore(asked.Offset);
            return new(asked.PartitionIndex, start, error);
        }
        catch (IOException)
        {
            return new(asked.PartitionIndex, -1, KafkaError.KafkaStorageError);
        }
    }
}
