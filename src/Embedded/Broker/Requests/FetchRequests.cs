using Etl.Codecs.Kafka;
using Etl.Codecs.Kafka.Messages;
using Etl.Embedded.Broker.Log;
using Etl.Embedded.Broker.Topics;

namespace Etl.Embedded.Broker.Requests;

/// <summary>Answers with whole batches, or waits for them. Every request stands alone: there are no fetch sessions.</summary>
internal sealed class FetchRequests(BrokerParts parts)
{
    /// <summary>The longest wait; a client that asks for more gets an empty answer then and asks again.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    /// <summary>zstd came with Fetch 10; an older client cannot read it.</summary>
    private const short ZstdFrom = 10;

    public async ValueTask<Reaction> HandleAsync(Request request, CancellationToken cancel)
    {
        if (Read(request) is not { } asked) return Reaction.Close;
        var response = Collect(request, asked);
        if (IsDue(response, asked))
        {
            response.Write(request.Answer, request.Version);
            return Reaction.Answer;
        }
        (await WaitAsync(request, asked, cancel)).Write(request.Answer, request.Version);
        return Reaction.Answer;
    }

    private static FetchRequest? Read(Request request)
    {
        var reader = request.Reader();
        var asked = FetchRequest.Read(ref reader, request.Version);
        return reader.Failed ? null : asked;
    }

    private async Task<FetchResponse> WaitAsync(Request request, FetchRequest asked, CancellationToken cancel)
    {
        PartitionLog[] logs = [.. asked.Topics.SelectMany(topic => topic.Partitions.Select(partition => Find(topic, request.Version)?.Partition(partition.Index))).OfType<PartitionLog>()];
        using var wait = new FetchWait();
        foreach (var log in logs) log.Watchers.Add(wait);
        try
        {
            wait.Start(parts.Clock, TimeSpan.FromMilliseconds(Math.Min(asked.MaxWaitMs, WaitMax.TotalMilliseconds)));
            while (true)
            {
                wait.Reset();
                request.ReleaseRanges();
                var response = Collect(request, asked);
                if (wait.IsOver || IsDue(response, asked)) return response;
                await wait.WaitAsync(cancel);
            }
        }
        finally
        {
            foreach (var log in logs) log.Watchers.Remove(wait);
        }
    }

    private static bool IsDue(FetchResponse response, FetchRequest asked)
    {
        if (asked.MaxWaitMs <= 0 || response.ErrorCode != KafkaError.None) return true;
        long bytes = 0;
        bool any = false;
        foreach (var topic in response.Responses)
            foreach (var partition in topic.Partitions)
            {
                if (partition.ErrorCode != KafkaError.None) return true;
                bytes += partition.RecordsLength;
                any = true;
            }
        return bytes >= asked.MinBytes || !any;
    }

    private FetchResponse Collect(Request request, FetchRequest asked)
    {
        if (asked.SessionId != 0) return new(KafkaError.FetchSessionIdNotFound, []);
        int left = Math.Clamp(asked.MaxBytes, 0, parts.Options.FetchBytesMax);
        var topics = new List<FetchResponse.Topic>(asked.Topics.Count);
        foreach (var topic in asked.Topics)
        {
            var found = Find(topic, request.Version);
            var partitions = new List<FetchResponse.Partition>(topic.Partitions.Count);
            foreach (var partition in topic.Partitions)
            {
                var answer = Collect(request, found, partition, left);
                left = Math.Max(0, left - answer.RecordsLength);
                partitions.Add(answer);
            }
            topics.Add(new(topic.Name, topic.TopicId, partitions));
        }
        return new(KafkaError.None, topics) { CommittedOnly = asked.IsolationLevel == 1 };
    }

    private static FetchResponse.Partition Collect(Request request, Topic? topic, FetchRequest.Partition partition, int bytesLeft)
    {
        if (topic?.Partition(partition.Index) is not { IsClosed: false } log)
            return Refuse(request.Version >= 13 && topic is null ? KafkaError.UnknownTopicId : KafkaError.UnknownTopicOrPartition);
        if (partition.CurrentLeaderEpoch > 0) return Refuse(KafkaError.UnknownLeaderEpoch);
        var view = log.View;
        if (partition.FetchOffset < view.StartOffset || partition.FetchOffset > view.HighWatermark) return Refuse(KafkaError.OffsetOutOfRange, view);
        int bytesMax = Math.Min(partition.PartitionMaxBytes, bytesLeft);
        // The first partition with records gets at least one batch, or the consumer would be stuck on a large one.
        if (!LogReader.TryFind(view, partition.FetchOffset, bytesMax, firstWhole: request.Ranges.Count == 0, out var range)) return Answer(view, 0);
        if (request.Version < ZstdFrom && range.Segment.HeaderAt(range.Position).Codec == KafkaCodec.Zstd)
        {
            range.Segment.Release();
            return Refuse(KafkaError.UnsupportedCompressionType, view);
        }
        request.Ranges.Add(range);
        return Answer(view, range.Length);

        FetchResponse.Partition Answer(LogView seen, int length) => new(partition.Index, KafkaError.None, seen.HighWatermark, seen.HighWatermark, seen.StartOffset, length);
        FetchResponse.Partition Refuse(KafkaError error, LogView? seen = null) => new(partition.Index, error, seen?.HighWatermark ?? -1, seen?.HighWatermark ?? -1, seen?.StartOffset ?? -1, 0);
    }

    private Topic? Find(FetchRequest.Topic topic, short version) => version >= 13 ? parts.Topics.Find(topic.TopicId) : parts.Topics.Find(topic.Name);
}
