using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Contracts.Time;

namespace Etl.Sinks;

/// <summary>A sink that writes adjacent windows of a table together where that is cheaper than one by one: one partition holds a key's hours of a month.</summary>
public interface IGroupSink : ISink
{
    /// <summary>Most windows in one call, 1 or more.</summary>
    int WindowsMax { get; }

    /// <summary>As for one window, for each of them: one outcome for each, in their order. After an exception each may be written wholly, partly or not at all; calling again mends that.</summary>
    /// <param name="windows">Different ones, 1 to <see cref="WindowsMax"/>.</param>
    /// <exception cref="ArgumentException">As for one window; nothing was written then.</exception>
    /// <exception cref="Etl.Contracts.StoreException">As for one window.</exception>
    Task<IReadOnlyList<ReplaceOutcome>> ReplaceAsync(ResultTable table, IReadOnlyList<WindowReplacement> windows, CancellationToken cancel);
}

/// <summary>What one window of a table is to hold; parameters of <see cref="ISink.ReplaceAsync"/>.</summary>
public sealed record WindowReplacement(Window Window, long Version, ColumnBatch Rows, ColumnBatch? Vanished);
