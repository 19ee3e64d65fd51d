using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Sinks;

/// <summary>A database that results are published to. A publish replaces one window of one table at one version; one version has one content.</summary>
/// <remarks>
/// Safe to call from several threads and processes; of two publishes of a window the higher version stays. Only key columns are NOT NULL, so a table can always be widened.
/// What becomes of a value: <see cref="PublishedValue"/>. Batches are only read; they stay the caller's.
/// </remarks>
public interface ISink : IAsyncDisposable
{
    SinkName Name { get; }

    /// <summary>What this kind of database cannot do, each with its reason; the conformance suite reads it.</summary>
    SinkTraits Traits { get; }

    /// <summary>Creates or widens the table to hold the result; changes nothing when it fits.</summary>
    /// <returns>null, or why the table cannot hold the result and how to mend it.</returns>
    Task<string?> PrepareAsync(ResultTable table, CancellationToken cancel);

    /// <summary>Puts <paramref name="rows"/> in place of the window's rows, if <paramref name="version"/> is above the one there.</summary>
    /// <param name="table">As it was prepared.</param>
    /// <param name="rows">The table's columns by name, with its types; unique by key; written in key order, given in any.</param>
    /// <param name="vanished">Key columns, the window's too, of rows that earlier versions may have left and this one has not; other columns are not looked at; null for none.</param>
    /// <exception cref="ArgumentException">Rows of another window, a null or doubled key, a column that is missing or of another type.</exception>
    /// <exception cref="Etl.Contracts.StoreException">The database is away or refused; IsTransient says whether to try again.</exception>
    Task<ReplaceOutcome> ReplaceAsync(ResultTable table, Window window, long version, ColumnBatch rows, ColumnBatch? vanished, CancellationToken cancel);

    /// <summary>The version of the window in the sink; null when none was published.</summary>
    Task<long?> VersionAsync(string table, Window window, CancellationToken cancel);

    /// <summary>The window's rows, in the database's key order, values in the form of <see cref="PublishedValue"/>: for reconciling.</summary>
    Task<IReadOnlyList<object?[]>> ReadAsync(ResultTable table, Window window, CancellationToken cancel);

    /// <summary>The rows of all windows from <paramref name="first"/> to <paramref name="last"/>, in any order, values as of <see cref="ReadAsync"/>; none where there is no such table.</summary>
    /// <param name="last">Of the same month as the first (hours) or of the same year (days): what one call reads is bounded.</param>
    IAsyncEnumerable<object?[]> ReadRangeAsync(ResultTable table, Window first, Window last, CancellationToken cancel);
}

public enum ReplaceOutcome
{
    /// <summary>The window now holds this version.</summary>
    Replaced,

    /// <summary>It held this version already.</summary>
    AlreadyThere,

    /// <summary>It holds a higher one; nothing was written.</summary>
    Superseded,
}

/// <param name="NotAtomic">null, or why readers may see half a replaced window.</param>
/// <param name="NoTransactions">null, or why a publish is not one transaction.</param>
public sealed record SinkTraits(string? NotAtomic, string? NoTransactions);
