using System.Collections.Concurrent;
using Etl.Codecs.Columns;

namespace Etl.Lake.DuckDb;

/// <summary>The sources that a database's SQL can read as <c>column_source(id)</c>.</summary>
internal sealed class ColumnSources
{
    /// <summary>Offered at one time; more is a leak, not a load.</summary>
    public const int SourcesMax = 1024;

    private readonly ConcurrentDictionary<long, IColumnSource> _sources = new();
    private long _lastId;

    public OfferedColumns Offer(IColumnSource source)
    {
        if (_sources.Count >= SourcesMax) throw new InvalidOperationException($"{SourcesMax} column sources are offered to one database; dispose each after its statement");
        long id = Interlocked.Increment(ref _lastId);
        _sources[id] = source;
        return new(this, id);
    }

    public IColumnSource Get(long id) => _sources.TryGetValue(id, out var source)
        ? source
        : throw new InvalidOperationException($"{ColumnSourceFunction.Name}({id}): no such source; it was never offered, or is withdrawn");

    public void Withdraw(long id) => _sources.TryRemove(id, out _);
}

/// <summary>A source that SQL can read until this is disposed. The source and its texts must stay as they are until the statement has ended.</summary>
public sealed class OfferedColumns : IDisposable
{
    private readonly ColumnSources _sources;
    private readonly long _id;

    internal OfferedColumns(ColumnSources sources, long id) => (_sources, _id) = (sources, id);

    /// <summary>What stands in the SQL behind FROM, e.g. <c>column_source(7)</c>. The rows come in the source's order.</summary>
    public string Sql => $"{ColumnSourceFunction.Name}({_id})";

    public override string ToString() => Sql;

    public void Dispose() => _sources.Withdraw(_id);
}
