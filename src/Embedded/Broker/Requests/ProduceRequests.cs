using Etl.Codecs.Kafka;
using Etl.Codecs.Kafka.Messages;
using Etl.Embedded.Broker.Log;
using Etl.Embedded.Broker.Topics;

namespace Etl.Embedded.Broker.Requests;

/// <summary>Stores record batches. A fault of one partition leaves the others alone.</summary>
internal sealed class ProduceRequests(BrokerParts parts)
{
    /// <summary>The first version whose records are of message format 2.</summary>
    private const short OldestTaken = 3;

    /// <summary>zstd came with Produce 7; an older client does not expect it from others.</summary>
    private const short ZstdFrom = 7;

    public Reaction Handle(Request request)
    {
        var reader = request.Reader();
        var asked = ProduceRequest.Read(ref reader, request.Version);
        if (reader.Failed) return Reaction.Close;
        var answers = new List<ProduceResponse.Topic>(asked.TopicData.Count);
        foreach (var topic in asked.TopicData)
        {
            var found = request.Version >= 13 ? parts.Topics.Find(topic.TopicId) : parts.Topics.Find(topic.Name);
            answers.Add(new(topic.Name, topic.TopicId, [.. topic.PartitionData.Select(partition => Append(request, asked, found, partition))]));
        }
        if (asked.Acks == 0) return Reaction.Silence;
        new ProduceResponse(answers).Write(request.Answer, request.Version);
        return Reaction.Answer;
    }

    private static ProduceResponse.Partition Append(Request request, ProduceRequest asked, Topic? topic, ProduceRequest.Partition partition)
    {
        if (request.Version < OldestTaken) return Refuse(KafkaError.UnsupportedVersion, null);
        if (asked.Acks is < -1 or > 1) return Refuse(KafkaError.InvalidRequiredAcks, $"acks is {asked.Acks}; expected -1, 0 or 1.");
        if (asked.TransactionalId is not null) return Refuse(KafkaError.InvalidRequest, "The broker has no transactions.");
        if (topic?.Partition(partition.Index) is not { } log)
            return Refuse(request.Version >= 13 && topic is null ? KafkaError.UnknownTopicId : KafkaError.UnknownTopicOrPartition, null);
        var batch = request.Body.Span.Slice(partition.Records.Start, partition.Records.Length);
        if (request.Version < ZstdFrom && RecordBatchHeader.TryRead(batch, out var header) && header.Codec == KafkaCodec.Zstd)
            return Refuse(KafkaError.UnsupportedCompressionType, "zstd needs Produce 7 or newer.");
        var result = log.Append(batch);
        return new(partition.Index, result.Error, result.BaseOffset, result.AppendTime, result.Error == KafkaError.None ? log.View.StartOffset : -1, result.Message);

        ProduceResponse.Partition Refuse(KafkaError error, string? message) => new(partition.Index, error, -1, -1, -1, message);
    }
}
