using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Etl.Contracts.Workflow;
using Etl.Topics;

namespace Etl.Jobs.Steps.Landing;

/// <summary>Reads and decodes a batch while earlier ones are written, and yields them in the order of their offsets. At most writers + 1 batches are in memory.</summary>
internal sealed class LandingPipeline(TopicReader reader, WriterPlans plans, BatchFile files, LandingSchema schema, LandOptions options, int generation, TimeProvider clock, Func<LandingBatch> newBatch, Func<bool> endsEarly)
{
    private const int ShrinkBy = 4;

    /// <param name="positions">Next offset by partition.</param>
    /// <param name="ends">Where to stop, excluded, by partition; earlier where it is told to end early.</param>
    public async IAsyncEnumerable<FeedItem.Batch> RunAsync(IReadOnlyDictionary<int, long> positions, IReadOnlyDictionary<int, long> ends, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var free = Channel.CreateBounded<LandingBatch>(options.Writers + 1);
        var batches = Enumerable.Range(0, options.Writers + 1).Select(_ => newBatch()).ToList();
        batches.ForEach(batch => free.Writer.TryWrite(batch));
        var written = Channel.CreateBounded<Task<FeedItem.Batch>>(options.Writers + 1);
        var reading = ReadAsync(new(positions), ends, free, written.Writer, stop.Token);
        try
        {
            await foreach (var writing in written.Reader.ReadAllAsync(cancel)) yield return await writing;
            await reading;
        }
        finally
        {
            await stop.CancelAsync();
            await Ended(reading);
            while (written.Reader.TryRead(out var writing)) await Ended(writing);
            batches.ForEach(batch => batch.Dispose());
        }
    }

    private async Task ReadAsync(
        Dictionary<int, long> positions, IReadOnlyDictionary<int, long> ends, Channel<LandingBatch> free, ChannelWriter<Task<FeedItem.Batch>> written, CancellationToken cancel)
    {
        try
        {
            int records = options.RecordsPerBatch;
            bool bringsSchema = schema.IsNew;
            while (!endsEarly() && BatchShares.Next(positions, ends, records) is { Count: > 0 } ranges)
            {
                var batch = await free.Reader.ReadAsync(cancel);
                if (await TryReadAsync(batch, ranges, cancel) is not { } read)
                {
                    records = Math.Max(1, (int)Math.Min(records, ranges.Sum(range => range.To - range.From)) / ShrinkBy);
                    free.Writer.TryWrite(batch);
                    continue;
                }
                records = (int)Math.Min(options.RecordsPerBatch, records * 2L);
                foreach (var range in ranges) positions[range.Partition] = range.To;
                bool bringsNow = bringsSchema && batch.Rows.RowCount > 0;
                bringsSchema &= !bringsNow;
                await written.WriteAsync(WriteAsync(batch, read, bringsNow, free.Writer, cancel), cancel);
            }
            written.Complete();
        }
        catch (Exception error) { written.Complete(error); } // it reaches the caller there, after the batches before it
    }

    /// <returns>null when the batch outgrew its bounds.</returns>
    private async Task<IReadOnlyList<RangeRead>?> TryReadAsync(LandingBatch batch, IReadOnlyList<PartitionRange> ranges, CancellationToken cancel)
    {
        batch.Begin(clock.GetUtcNow());
        try { return await reader.ReadRangeAsync(ranges, record => batch.Take(record, generation, plans), cancel); }
        catch (BatchOverflowException) { return null; }
    }

    private async Task<FeedItem.Batch> WriteAsync(LandingBatch batch, IReadOnlyList<RangeRead> read, bool bringsSchema, ChannelWriter<LandingBatch> free, CancellationToken cancel)
    {
        try { return await files.WriteAsync(batch, read, bringsSchema, cancel); }
        finally { free.TryWrite(batch); }
    }

    private static async Task Ended(Task task)
    {
        try { await task; }
        catch (Exception) { } // only the first failure counts, and whoever read the batches in order was given it; here the rest is waited for, so that no batch is in use when it is freed
    }
}
