using Etl.Contracts.Commits;
using Etl.Contracts.Time;

namespace Etl.Metadata.Relational;

/// <summary>Intents in the order they were recorded, and the last confirmed version of each place.</summary>
internal sealed class RelationalPublishLog(Database database, NameTable names) : IPublishLog
{
    public async Task<IReadOnlyList<long>> IntendAsync(string sink, string table, Window window, long version, CancellationToken cancel)
    {
        var known = await names.EnterAsync([sink, table], cancel);
        var place = new Statement().Add($"sink = {known[sink]} and target = {known[table]} and grain = {(int)window.Grain} and start = {Micros.Of(window.Start)}");
        return await database.WriteAsync<IReadOnlyList<long>>(async session =>
        {
            await session.ExecuteAsync(
                $"""
                {database.InsertIgnore} etl_intent (sink, target, grain, start, version)
                values ({known[sink]}, {known[table]}, {(int)window.Grain}, {Micros.Of(window.Start)}, {version})
                """, cancel);
            return await session.QueryAsync(
                $"""
                select version from etl_intent where {place} and version <> {version} union
                select version from etl_publish where {place} and version <> {version} order by version
                """, static row => row.GetInt64(0), cancel);
        }, cancel);
    }
}
