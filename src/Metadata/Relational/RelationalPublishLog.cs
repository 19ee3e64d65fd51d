using Etl.Contracts.Commits;
using Etl.Contracts.Time;

namespace Etl.Metadata.Relational;

/// <summary>Intents in the order they were recorded, and the last confirmed version of each place.</summary>
internal sealed class RelationalPublishLog(Database database, NameTable names) : IPublishLog
{
    public async Task<IReadOnlyList<IReadOnlyList<long>>> IntendAsync(string sink, string table, IReadOnlyList<(Window Window, long Version)> windows, CancellationToken cancel)
    {
        var known = await names.EnterAsync([sink, table], cancel);
        var insert = new Statement().Add($"{database.InsertIgnore} etl_intent (sink, target, grain, start, version) values ");
        for (int i = 0; i < windows.Count; i++)
        {
            if (i > 0) insert.Add($", ");
            insert.Add($"({known[sink]}, {known[table]}, {(int)windows[i].Window.Grain}, {Micros.Of(windows[i].Window.Start)}, {windows[i].Version})");
        }
        return await database.WriteAsync<IReadOnlyList<IReadOnlyList<long>>>(async session =>
        {
            await session.ExecuteAsync(insert, cancel);
            var earlier = new List<IReadOnlyList<long>>(windows.Count);
            foreach (var (window, version) in windows)
            {
                var place = new Statement().Add($"sink = {known[sink]} and target = {known[table]} and grain = {(int)window.Grain} and start = {Micros.Of(window.Start)}");
                earlier.Add(await session.QueryAsync(
                    $"""
                    select version from etl_intent where {place} and version <> {version} union
                    select version from etl_publish where {place} and version <> {version} order by version
                    """, static row => row.GetInt64(0), cancel));
            }
            return earlier;
        }, cancel);
    }
}
