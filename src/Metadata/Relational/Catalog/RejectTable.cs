using Etl.Contracts.Commits;
using Etl.Contracts.Time;

namespace Etl.Metadata.Relational.Catalog;

/// <summary>Records that did not become rows.</summary>
internal sealed class RejectTable(Database database, NameTable names)
{
    public async Task<IReadOnlyList<StoredReject>> NewestAsync(string? dataset, int max, CancellationToken cancel)
    {
        if (dataset is null) return await ReadAsync(new Statement().Add($"order by r.id desc limit {max}"), cancel);
        return await names.FindAsync(dataset, cancel) is { } number ? await ReadAsync(new Statement().Add($"where r.dataset = {number} order by r.id desc limit {max}"), cancel) : [];
    }

    public async Task<StoredReject?> FindAsync(long id, CancellationToken cancel) => (await ReadAsync(new Statement().Add($"where r.id = {id}"), cancel)) is [var found] ? found : null;

    private Task<IReadOnlyList<StoredReject>> ReadAsync(Statement tail, CancellationToken cancel) => database.ReadAsync<IReadOnlyList<StoredReject>>(async session =>
    {
        var rows = await session.QueryAsync(
            $"""
            select r.id, r.dataset, r.topic, r.generation, r.part, r.at_offset, r.reason, r.detail, r.key_bytes, r.value_bytes, r.number, c.at
            from etl_reject r join etl_commit c on c.number = r.number {tail}
            """,
            static row => (Dataset: row.GetInt64(1), Topic: row.GetInt64(2), Stored: new StoredReject(row.GetInt64(0),
                new("", "", row.GetInt32(3), row.GetInt32(4), row.GetInt64(5), row.GetString(6), row.GetString(7), row.Bytes(8), row.Bytes(9)), row.GetInt64(10), Micros.ToInstant(row.GetInt64(11)))), cancel);
        var texts = await names.TextsAsync(session, rows.SelectMany(static row => new[] { row.Dataset, row.Topic }), cancel);
        return [.. rows.Select(row => row.Stored with { Reject = row.Stored.Reject with { Dataset = texts[row.Dataset], Topic = texts[row.Topic] } })];
    }, cancel);
}
