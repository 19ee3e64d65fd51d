using Etl.Codecs.Columns;
using Etl.Contracts.Commits;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;
using Etl.Lake;
using Etl.Topics;

namespace Etl.Jobs.Steps.Landing;

/// <summary>Turns a read batch into a file and the commit that shows it.</summary>
internal sealed class BatchFile(LandStep step, LandingSchema schema, ParquetLake lake, int generation, long token)
{
    private const int NoteMax = 200;

    /// <param name="bringsSchema">Whether this is the first commit in a new version of the dataset's schema.</param>
    public async Task<FeedItem.Batch> WriteAsync(LandingBatch batch, IReadOnlyList<RangeRead> read, bool bringsSchema, CancellationToken cancel)
    {
        var moves = read.Select(one => Move(batch, one)).ToList();
        var windows = batch.Rows.Hours.Select(hour => new WindowRows(Micros.ToInstant(hour.Hour * Micros.PerHour), hour.Rows)).ToList();
        var file = windows.Count == 0 ? null : await lake.WriteEventsAsync(schema.Stored, batch.Rows, windows, [.. moves.Select(move => move.Range)], token, cancel);
        var commit = new PendingCommit
        {
            Kind = CommitKind.Land, Token = token,
            Added = file is null ? [] : [file],
            Progress = moves,
            Changed = [.. windows.Select(window => new WindowChange(step.Dataset, window.Start))],
            Schemas = bringsSchema ? [schema.Stored] : [],
            Rejects = [.. batch.Rejects],
            Note = Note(batch.SchemaIds, moves),
        };
        return new(commit, batch.Records, moves.Sum(move => move.Landed), moves.Sum(move => move.Rejected));
    }

    private ProgressMove Move(LandingBatch batch, RangeRead read)
    {
        var (partition, from, to) = read.Range;
        var count = batch.CountOf(partition);
        return new(new OffsetRange(step.Topic, generation, partition, from, to), count.Landed, count.Rejected, read.LastHash);
    }

    private string Note(IReadOnlyCollection<int> schemaIds, List<ProgressMove> moves)
    {
        string schemas = schemaIds.Count == 0 ? "" : $" schema id {string.Join(", ", schemaIds)},";
        string note = $"{step.Topic}{schemas} {string.Join(", ", moves.Select(move => $"{move.Range.Partition}:[{move.Range.From},{move.Range.To})"))}";
        return note.Length <= NoteMax ? note : note[..(NoteMax - 1)] + "…";
    }
}
