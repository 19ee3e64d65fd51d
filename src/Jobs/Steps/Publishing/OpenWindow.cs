using Etl.Codecs.Columns;
using Etl.Contracts.Commits;
using Etl.Contracts.Results;
using Etl.Contracts.Workflow;
using Etl.Sinks;

namespace Etl.Jobs.Steps.Publishing;

/// <summary>A window of a result that was read and is to be written; its rows are its own.</summary>
internal sealed record OpenWindow(JobContext Context, ResultTable Table, long Version, ColumnBatch Rows) : IDisposable
{
    /// <summary>Keys that earlier versions may have left in the sink and this one has not; null for none.</summary>
    public ColumnBatch? Vanished { get; set; }

    public WindowReplacement ToWrite => new(Context.Window, Version, Rows, Vanished);

    /// <summary>Windows of one table can have been built with other columns.</summary>
    public bool IsOfSameTable(OpenWindow other) => Table.Name == other.Table.Name && Table.Key.SequenceEqual(other.Table.Key) && Table.Columns.SequenceEqual(other.Table.Columns);

    public JobResult EndOf(ReplaceOutcome outcome, PublishStep step)
    {
        if (outcome == ReplaceOutcome.Superseded) return new JobResult.Skipped($"{step.Sink} holds a newer version of {Context.Window} already");
        Context.Log.Info($"the window's rows in {step.Sink} {step.Table} are version {Version} now");
        return new JobResult.Done(
            new PendingCommit { Kind = CommitKind.Publish, Token = Context.Token, Confirmed = new(step.Sink.Name, step.Table, Context.Window, Version) },
            new SlotResult(Rows.RowCount, "", Version));
    }

    public void Dispose()
    {
        Rows.Dispose();
        Vanished?.Dispose();
    }
}
