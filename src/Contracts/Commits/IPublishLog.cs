using Etl.Contracts.Time;

namespace Etl.Contracts.Commits;

/// <summary>Remembers which versions of a window may have left rows in a sink, so that vanished keys can be taken out again.</summary>
public interface IPublishLog
{
    /// <summary>Records, before the first write, that these versions go to the sink: all of them or, where it throws, none.</summary>
    /// <returns>For each window the last confirmed version and every version intended since, without this one, ascending: their keys may be in the sink.</returns>
    Task<IReadOnlyList<IReadOnlyList<long>>> IntendAsync(string sink, string table, IReadOnlyList<(Window Window, long Version)> windows, CancellationToken cancel);

    /// <summary>As for many.</summary>
    async Task<IReadOnlyList<long>> IntendAsync(string sink, string table, Window window, long version, CancellationToken cancel) => (await IntendAsync(sink, table, [(window, version)], cancel))[0];
}
