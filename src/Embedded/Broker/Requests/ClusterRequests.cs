using Etl.Codecs.Kafka;
using Etl.Codecs.Kafka.Messages;
using Etl.Embedded.Broker.Topics;

namespace Etl.Embedded.Broker.Requests;

/// <summary>Who leads what: always this broker. And the ids of producers.</summary>
internal sealed class ClusterRequests(BrokerParts parts)
{
    private const sbyte OfGroup = 0;
    private static readonly int[] Self = [BrokerAddress.NodeId];

    public Reaction Metadata(Request request)
    {
        var reader = request.Reader();
        var asked = MetadataRequest.Read(ref reader, request.Version);
        if (reader.Failed) return Reaction.Close;
        var topics = asked.Topics is null
            ? parts.Topics.All.OrderBy(topic => topic.Name, StringComparer.Ordinal).Select(Describe)
            : asked.Topics.Select(topic => Describe(topic, asked.AllowAutoTopicCreation));
        new MetadataResponse
        {
            Brokers = [new(BrokerAddress.NodeId, parts.Address.Host, parts.Address.Port)],
            ClusterId = parts.Identity.ClusterId,
            ControllerId = BrokerAddress.NodeId,
            Topics = [.. topics],
        }.Write(request.Answer, request.Version);
        return Reaction.Answer;
    }

    public Reaction Describe(Request request)
    {
        var reader = request.Reader();
        var asked = DescribeClusterRequest.Read(ref reader, request.Version);
        if (reader.Failed) return Reaction.Close;
        bool brokers = asked.EndpointType == 1;
        new DescribeClusterResponse(
            brokers ? KafkaError.None : KafkaError.UnsupportedEndpointType, brokers ? null : "There are no controllers to be asked; ask for brokers.",
            asked.EndpointType, parts.Identity.ClusterId, BrokerAddress.NodeId,
            brokers ? [new(BrokerAddress.NodeId, parts.Address.Host, parts.Address.Port, null, IsFenced: false)] : []).Write(request.Answer, request.Version);
        return Reaction.Answer;
    }

    public Reaction FindCoordinator(Request request)
    {
        var reader = request.Reader();
        var asked = FindCoordinatorRequest.Read(ref reader, request.Version);
        if (reader.Failed) return Reaction.Close;
        new FindCoordinatorResponse([.. asked.CoordinatorKeys.Select(key => asked.KeyType == OfGroup
            ? new FindCoordinatorResponse.Coordinator(key, BrokerAddress.NodeId, parts.Address.Host, parts.Address.Port, KafkaError.None, null)
            : new(key, -1, "", -1, KafkaError.InvalidRequest, "The broker has no transactions."))]).Write(request.Answer, request.Version);
        return Reaction.Answer;
    }

    /// <summary>A new id every time: state by producer id is kept per partition, so an epoch of an old id is never needed.</summary>
    public Reaction InitProducerId(Request request)
    {
        var reader = request.Reader();
        var asked = InitProducerIdRequest.Read(ref reader, request.Version);
        if (reader.Failed) return Reaction.Close;
        var answer = asked switch
        {
            { TransactionalId: not null } => new InitProducerIdResponse(KafkaError.InvalidRequest, -1, -1), // no transactions
            { ProducerId: >= 0, ProducerEpoch: >= 0 and < short.MaxValue } => new(KafkaError.None, asked.ProducerId, (short)(asked.ProducerEpoch + 1)),
            _ => NewProducer(),
        };
        answer.Write(request.Answer, request.Version);
        return Reaction.Answer;
    }

    /// <summary>There is one epoch, 0, and it ends where the log ends.</summary>
    public Reaction OffsetForLeaderEpoch(Request request)
    {
        var reader = request.Reader();
        var asked = OffsetForLeaderEpochRequest.Read(ref reader, request.Version);
        if (reader.Failed) return Reaction.Close;
        new OffsetForLeaderEpochResponse([.. asked.Topics.Select(topic => new OffsetForLeaderEpochResponse.TopicResult(topic.Name,
            [.. topic.Partitions.Select(partition => EndOfEpoch(topic.Name, partition))]))]).Write(request.Answer, request.Version);
        return Reaction.Answer;
    }

    private OffsetForLeaderEpochResponse.PartitionResult EndOfEpoch(string topic, OffsetForLeaderEpochRequest.Partition asked)
    {
        if (parts.Topics.Find(topic)?.Partition(asked.Index) is not { } log) return new(KafkaError.UnknownTopicOrPartition, asked.Index, -1, -1);
        if (asked.CurrentLeaderEpoch > 0) return new(KafkaError.UnknownLeaderEpoch, asked.Index, -1, -1);
        return asked.LeaderEpoch == 0 ? new(KafkaError.None, asked.Index, 0, log.View.HighWatermark) : new(KafkaError.None, asked.Index, -1, -1);
    }

    private InitProducerIdResponse NewProducer()
    {
        try
        {
            return new(KafkaError.None, parts.Identity.NextProducerId(), 0);
        }
        catch (IOException)
        {
            return new(KafkaError.CoordinatorNotAvailable, -1, -1); // clients ask again
        }
    }

    private MetadataResponse.Topic Describe(MetadataRequest.Topic asked, bool mayCreate)
    {
        if (asked.Name is null)
            return parts.Topics.Find(asked.TopicId) is { } byId ? Describe(byId) : new(KafkaError.UnknownTopicId, null, asked.TopicId, false, []);
        if (parts.Topics.Find(asked.Name) is { } found) return Describe(found);
        if (!Topic.IsValidName(asked.Name)) return new(KafkaError.InvalidTopicException, asked.Name, Guid.Empty, false, []);
        if (!mayCreate || !parts.Options.AutoCreateTopics) return new(KafkaError.UnknownTopicOrPartition, asked.Name, Guid.Empty, false, []);
        var (made, error, _) = parts.Topics.Create(asked.Name, parts.Options.DefaultPartitions, [], validateOnly: false);
        return (made ?? parts.Topics.Find(asked.Name)) is { } topic ? Describe(topic) : new(error, asked.Name, Guid.Empty, false, []);
    }

    private static MetadataResponse.Topic Describe(Topic topic) =>
        new(KafkaError.None, topic.Name, topic.Id, IsInternal: false, [.. topic.Partitions.Select((_, index) =>
            new MetadataResponse.Partition(KafkaError.None, index, BrokerAddress.NodeId, LeaderEpoch: 0, Self, Self, []))]);
}
