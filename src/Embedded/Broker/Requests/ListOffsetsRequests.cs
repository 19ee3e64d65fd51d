using Etl.Codecs.Kafka;
using Etl.Codecs.Kafka.Messages;
using Etl.Embedded.Broker.Log;

namespace Etl.Embedded.Broker.Requests;

/// <summary>Finds offsets by time, and the ends of a log.</summary>
internal sealed class ListOffsetsRequests(BrokerParts parts)
{
    public Reaction Handle(Request request)
    {
        var reader = request.Reader();
        var asked = ListOffsetsRequest.Read(ref reader, request.Version);
        if (reader.Failed) return Reaction.Close;
        new ListOffsetsResponse([.. asked.Topics.Select(topic =>
        {
            var found = parts.Topics.Find(topic.Name);
            return new ListOffsetsResponse.Topic(topic.Name, [.. topic.Partitions.Select(partition => Find(found?.Partition(partition.PartitionIndex), partition))]);
        })]).Write(request.Answer, request.Version);
        return Reaction.Answer;
    }

    private static ListOffsetsResponse.Partition Find(PartitionLog? log, ListOffsetsRequest.Partition asked)
    {
        if (log is null || log.IsClosed) return Refuse(KafkaError.UnknownTopicOrPartition);
        if (asked.CurrentLeaderEpoch > 0) return Refuse(KafkaError.UnknownLeaderEpoch);
        var view = log.View;
        var (timestamp, offset) = asked.Timestamp switch
        {
            ListOffsetsRequest.End => (-1, view.HighWatermark),
            ListOffsetsRequest.Start or ListOffsetsRequest.LocalStart => (-1, view.StartOffset),
            ListOffsetsRequest.OfGreatestTimestamp => LogReader.FindGreatestTime(view),
            ListOffsetsRequest.LastTiered => (-1, -1), // nothing is ever tiered
            _ => LogReader.FindTime(view, asked.Timestamp),
        };
        return new(asked.PartitionIndex, KafkaError.None, timestamp, offset, offset < 0 ? -1 : 0);

        ListOffsetsResponse.Partition Refuse(KafkaError error) => new(asked.PartitionIndex, error, -1, -1, -1);
    }
}
