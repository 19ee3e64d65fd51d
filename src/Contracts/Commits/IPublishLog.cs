using Etl.Contracts.Time;

namespace Etl.Contracts.Commits;

/// <summary>Remembers which versions of a window may have left rows in a sink, so that vanished keys can be taken out again.</summary>
public interface IPublishLog
{
    /// <summary>Records, before the first write, that this version goes to the sink.</summary>
    /// <returns>The last confirmed version and every version intended since, without this one, ascending: their keys may be in the sink.</returns>
    Task<IReadOnlyList<long>> IntendAsync(string sink, string table, Window window, long version, CancellationToken cancel);
}
