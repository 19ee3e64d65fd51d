using System.Buffers.Binary;
using System.IO.Hashing;
using Etl.Contracts.Commits;
using Etl.Contracts.Workflow;
using Etl.Jobs.Steps.Polling;
using Etl.Sources;

namespace Etl.Jobs.Steps;

/// <summary>
/// Fetches days from a source and sends them to topics. A day that came as it came before is not sent again, so nothing downstream moves. Repeated after a
/// crash it sends the same records once more; landing sees each once, by its identity.
/// </summary>
public sealed class Poll(IPolledSource source, TopicSender sender) : IGroupJob
{
    private const int NoteMax = 200;

    public int GroupMax => source.DaysPerCall;

    /// <summary>Each day alone would be a call of the source each.</summary>
    public bool IsSplitOnFailure => false;

    public async ValueTask<JobResult> RunAsync(JobContext context, CancellationToken cancel) => (await RunAsync([context], cancel))[0];

    public async ValueTask<IReadOnlyList<JobResult>> RunAsync(IReadOnlyList<JobContext> contexts, CancellationToken cancel)
    {
        IReadOnlyList<IReadOnlyList<PolledRecord>> days;
        foreach (var context in contexts) context.Log.Info(contexts.Count == 1 ? $"asks for the day {context.Window}, key {context.Key}" : $"asks for {contexts[0].Window} to {contexts[^1].Window}, {contexts.Count:N0} days in one fetch, key {context.Key}");
        try { days = await source.FetchAsync(contexts[0].Key, [.. contexts.Select(context => context.Window)], contexts[0].Lane, cancel); }
        catch (SourceException trouble) { return [.. contexts.Select(_ => EndOf(trouble))]; }
        if (days.Count != contexts.Count) throw new InvalidOperationException($"the source gave {days.Count} days, expected {contexts.Count}");
        var checksums = days.Select(ChecksumOf).ToList();
        var fresh = Enumerable.Range(0, days.Count).Where(index => contexts[index].Previous?.Checksum != checksums[index]).ToList();
        for (int index = 0; index < contexts.Count; index++) contexts[index].Log.Info($"got {RowsOf(days[index])}{(fresh.Contains(index) ? "" : $", the same as in version {contexts[index].Previous?.Version}: nothing is sent")}");
        if (fresh.Count > 0) await sender.SendAsync([.. fresh.SelectMany(index => days[index])], cancel);
        foreach (int index in fresh) contexts[index].Log.Info("sent, and acknowledged by the broker");
        return [.. contexts.Select<JobContext, JobResult>((context, index) => fresh.Contains(index) ? Done(context, days[index], checksums[index]) : new JobResult.Unchanged())];
    }

    /// <summary>A source that asks for patience gets it; that is no failure of ours, and costs no attempt.</summary>
    private static JobResult EndOf(SourceException trouble) => trouble is { Class: FailureClass.Throttled, RetryAfter: { } pause }
        ? new JobResult.RetryIn(pause, trouble.Message) : new JobResult.Failed(trouble.Class, trouble.Message);

    private static JobResult.Done Done(JobContext context, IReadOnlyList<PolledRecord> records, string checksum)
    {
        string note = $"{context.Window}: {RowsOf(records)}";
        return new(new PendingCommit { Kind = CommitKind.Poll, Token = context.Token, Note = note.Length <= NoteMax ? note : note[..(NoteMax - 1)] + "…" }, new SlotResult(records.Count, checksum));
    }

    private static string RowsOf(IReadOnlyList<PolledRecord> records) => records.Count == 0 ? "no record" : string.Join(", ", records.GroupBy(record => record.Topic).Select(topic => $"{topic.Count()} to {topic.Key}"));

    private static string ChecksumOf(IReadOnlyList<PolledRecord> records)
    {
        var hash = new XxHash128();
        Span<byte> lengths = stackalloc byte[2 * sizeof(int)];
        foreach (var record in records)
        {
            BinaryPrimitives.WriteInt32LittleEndian(lengths, record.Key.Length);
            BinaryPrimitives.WriteInt32LittleEndian(lengths[sizeof(int)..], record.Datum.Length);
            hash.Append(lengths);
            hash.Append(record.Key);
            hash.Append(record.Datum);
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
