using Etl.Contracts.Workflow;

namespace Etl.Metadata;

/// <summary>What was taken of the limits that sources set, by all processes on the store; it goes by the database's clock.</summary>
public interface ISourceLedger
{
    /// <summary>Takes the weight if every window has room for it, or nothing. What is taken is never given back: sources count failed calls too.</summary>
    /// <returns>Zero when it is taken; else how long to wait before asking again.</returns>
    /// <exception cref="ArgumentException">The weight is not above 0, or more than a window may ever hold.</exception>
    Task<TimeSpan> TakeAsync(SourceTake take, CancellationToken cancel);

    /// <summary>The source asked for patience: nobody is given anything for so long. A shorter hold never cuts a longer one.</summary>
    Task HoldAsync(string source, TimeSpan time, CancellationToken cancel);
}

/// <param name="Source">Its name, 1 to 700 letters.</param>
/// <param name="Lane">Backfill leaves a share of each window to live work.</param>
/// <param name="Weight">As the source counts calls; kept in thousandths, rounded up.</param>
/// <param name="Windows">All of the source's limits, at least one; the same in all calls.</param>
public sealed record SourceTake(string Source, Lane Lane, double Weight, IReadOnlyList<SourceWindow> Windows);

/// <summary>A limit: within any time of this length no more than so much is taken.</summary>
/// <param name="All">By both lanes together.</param>
/// <param name="Backfill">Of that by backfill, at most.</param>
public sealed record SourceWindow(TimeSpan Length, double All, double Backfill);
