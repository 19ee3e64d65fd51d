using System.Collections.Concurrent;

namespace Etl.Metadata.Relational;

/// <summary>The store's dictionary of names (steps, datasets, topics, keys, zones, digests, sinks, tables): rows hold their numbers. Names are never deleted.</summary>
internal sealed class NameTable(Database database)
{
    /// <summary>Names remembered here; past it all are read again as they come.</summary>
    private const int RememberedMax = 200_000;

    /// <summary>Letters of a name.</summary>
    public const int LengthMax = 700;

    private readonly ConcurrentDictionary<string, long> _numbers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, string> _names = new();

    /// <summary>The numbers of all names, new ones entered. Call it outside of a transaction: what is entered must stay.</summary>
    public async Task<IReadOnlyDictionary<string, long>> EnterAsync(IEnumerable<string> names, CancellationToken cancel)
    {
        var wanted = names.ToHashSet(StringComparer.Ordinal);
        if (wanted.FirstOrDefault(static name => name.Length > LengthMax) is { } tooLong)
            throw new ArgumentException($"name: found {tooLong.Length} letters (\"{tooLong[..40]}…\"), expected at most {LengthMax}");
        var found = await FindAsync(wanted, cancel);
        string[] missing = [.. wanted.Where(name => !found.ContainsKey(name)).Order(StringComparer.Ordinal)]; // in order: two who enter the same do not deadlock
        if (missing.Length == 0) return found;
        await database.WriteAsync(async session =>
        {
            await session.InsertAsync(new($"{database.InsertIgnore.Text} etl_name (name)"), [.. missing.Select(static name => new Statement().Add($"{name}"))], default(SqlText) with { Text = "" }, cancel);
            return 0;
        }, cancel);
        return await FindAsync(wanted, cancel);
    }

    /// <summary>The numbers of those names that the store knows.</summary>
    public async Task<IReadOnlyDictionary<string, long>> FindAsync(IReadOnlySet<string> names, CancellationToken cancel)
    {
        var found = new Dictionary<string, long>(StringComparer.Ordinal);
        List<string> unknown = [];
        foreach (var name in names)
            if (_numbers.TryGetValue(name, out var number)) found.Add(name, number);
            else unknown.Add(name);
        foreach (var chunk in unknown.Chunk(500))
            foreach (var (number, name) in await database.ReadAsync(session => session.QueryAsync($"select id, name from etl_name where name in ({chunk})", static row => (row.GetInt64(0), row.GetString(1)), cancel), cancel))
            {
                Remember(number, name);
                found[name] = number;
            }
        return found;
    }

    /// <returns>null when the store does not know the name.</returns>
    public async Task<long?> FindAsync(string name, CancellationToken cancel) =>
        (await FindAsync(new HashSet<string>(StringComparer.Ordinal) { name }, cancel)).TryGetValue(name, out var number) ? number : null;

    public async Task<IReadOnlyDictionary<long, string>> TextsAsync(Session session, IEnumerable<long> numbers, CancellationToken cancel)
    {
        var texts = new Dictionary<long, string>();
        List<long> unknown = [];
        foreach (var number in numbers.Distinct())
            if (_names.TryGetValue(number, out var name)) texts.Add(number, name);
            else unknown.Add(number);
        foreach (var chunk in unknown.Chunk(500))
            foreach (var (number, name) in await session.QueryAsync($"select id, name from etl_name where id in ({chunk})", static row => (row.GetInt64(0), row.GetString(1)), cancel))
            {
                Remember(number, name);
                texts[number] = name;
            }
        return texts;
    }

    private void Remember(long number, string name)
    {
        if (_names.Count >= RememberedMax)
        {
            _names.Clear();
            _numbers.Clear();
        }
        _names[number] = name;
        _numbers[name] = number;
    }
}
