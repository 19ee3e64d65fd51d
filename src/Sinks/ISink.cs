using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Contracts.Time;
using Etl.Contracts.Workflow;

namespace Etl.Sinks;

/// <summary>A database that results are published to. A publish replaces one window of one table at one version; one version has one content.</summary>
public interface ISink : IAsyncDisposable
{
    SinkName Name { get; }

    /// <summary>What this kind of database cannot do, each with its reason; the conformance suite reads it.</summary>
    SinkTraits Traits { get; }

    /// <summary>Creates or widens the table to hold the result; changes nothing when it fits.</summary>
    /// <returns>null, or why the table cannot hold the result and how to mend it.</returns>
    Task<string?> PrepareAsync(ResultTable table, CancellationToken cancel);

    /// <summary>Puts <paramref name="rows"/> in place of the window's rows, if <paramref name="version"/> is above the one there.</summary>
    /// <param name="rows">The table's columns, in its order, unique by key.</param>
    /// <param name="vanished">Key columns of rows that earlier versions may have left and this one has not; null for none.</param>
    /// <exception cref="Etl.Contracts.StoreException">The database is away or refused; IsTransient says whether to try again.</exception>
    Task<ReplaceOutcome> ReplaceAsync(ResultTable table, Window window, long version, ColumnBatch rows, ColumnBatch? vanished, CancellationToken cancel);

    /// <summary>The version of the window in the sink; null when none was published.</summary>
    Task<long?> VersionAsync(string table, Window window, CancellationToken cancel);

    /// <summary>The window's rows, in key order, for reconciling.</summary>
    Task<IReadOnlyList<object?[]>> ReadAsync(ResultTable table, Window window, CancellationToken cancel);
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
