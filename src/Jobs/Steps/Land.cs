using System.Runtime.CompilerServices;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps.Landing;
using Etl.Lake;
using Etl.Topics;

namespace Etl.Jobs.Steps;

/// <summary>
/// Lands what a topic holds now in the lake, batch by batch, and ends: "available now". Each batch is exactly [from, to) of some partitions in one file, or
/// in none where all its records were rejected. Partitions whose log is not the one landed so far are halted by name; the others go on.
/// </summary>
/// <param name="declared">Text of the Avro schema that the dataset is kept in.</param>
public sealed class Land(LandStep step, string declared, ParquetLake lake, ILandingLog log, KafkaOptions kafka, TopicAdmin admin, TopicSchemas schemas, LandOptions options, TimeProvider clock) : IFeed
{
    private readonly QuietTopic _quiet = new(step, admin, clock);

    public string Name => step.FullName;

    /// <exception cref="TopicException">The topic is not there, or a server cannot be reached.</exception>
    /// <exception cref="WorkException">The declared schema has not the fields that the step names.</exception>
    public async IAsyncEnumerable<FeedItem> RunAsync(long token, IPartitionShare share, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (await _quiet.StillAsync(token, share, cancel) is { } still)
        {
            yield return FrontierOf(still.At, still.Partitions);
            yield break;
        }
        var topic = await admin.DescribeAsync(step.Topic, cancel);
        var mine = await share.OfAsync(topic.Partitions, cancel);
        if (mine.Count == 0) yield break;
        var schema = LandingSchema.Of(step, declared, await log.SchemasAsync(step.Dataset, cancel));
        using var reader = await TopicReader.OpenAsync(kafka, step.Topic, cancel);
        var progress = await log.TakeAsync(step.Topic, topic.Id, mine, token, cancel);
        var halted = await HaltedAsync(reader, progress, cancel);
        foreach (var halt in halted) yield return halt;

        var (stamp, sampledAt) = (_quiet.Stamp(), await log.NowAsync(cancel));
        var going = progress.Where(part => halted.All(halt => halt.Partition != part.Partition)).ToList();
        var ends = (await admin.OffsetsAsync(step.Topic, going.Select(part => part.Partition), OffsetAt.End, cancel)).ToDictionary(end => end.Partition, end => end.Next);
        if (going.Count > 0)
        {
            int generation = going[0].Generation;
            var pipeline = new LandingPipeline(
                reader, new WriterPlans(schema.Shape, schemas, cancel), new BatchFile(step, schema, lake, generation, token), schema, options, generation, clock,
                () => new LandingBatch(step, schema, options, topic.Partitions), () => share.IsOver);
            await foreach (var batch in pipeline.RunAsync(going.ToDictionary(part => part.Partition, part => part.Next), ends, cancel)) yield return batch;
        }
        if (going.Count == 0 || share.IsOver) yield break; // it may have ended early
        yield return FrontierOf(sampledAt, new([.. going.Select(part => part.Partition)], topic.Partitions));
        reader.TryCommitHint(ends.Select(end => new PartitionOffset(end.Key, end.Value)));
        if (halted.Count == 0) _quiet.Landed(token, topic, ends, sampledAt, stamp);
    }

    private FeedItem.Frontier FrontierOf(DateTimeOffset sampledAt, SomePartitions partitions) =>
        new(step.Dataset, Micros.ToInstant(Micros.Of(sampledAt)) - step.Lateness) { Of = partitions.Numbers.Count == partitions.Total ? null : partitions };

    /// <summary>Partitions that were halted before, and those whose log is another one now.</summary>
    private async Task<List<FeedItem.Halted>> HaltedAsync(TopicReader reader, IReadOnlyList<PartitionProgress> progress, CancellationToken cancel)
    {
        var halted = progress.Where(part => part.HaltReason is not null).Select(part => new FeedItem.Halted(step.Topic, part.Partition, part.HaltReason!)).ToList();
        var states = progress.Where(part => part.HaltReason is null).Select(part => new ChainState(part.TopicId, part.Partition, part.Next, part.LastHash)).ToList();
        if (states.Count == 0) return halted;
        var verdicts = await ChainReader.LookAsync(admin, reader, states, cancel);
        halted.AddRange(states.Zip(verdicts).Where(pair => pair.Second is not ChainVerdict.Continue).Select(pair => new FeedItem.Halted(step.Topic, pair.First.Partition, pair.Second.Reason)));
        return halted;
    }
}
