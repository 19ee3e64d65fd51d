using System.Net;
using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>How a statement was carried out.</summary>
/// <param name="QueriedHost">The node that answered.</param>
/// <param name="Warnings">What the server warned of.</param>
/// <param name="IsSchemaInAgreement">After a change of the schema: all nodes that are up have it.</param>
public sealed record ExecutionInfo(IPEndPoint QueriedHost, IReadOnlyList<string> Warnings, bool IsSchemaInAgreement = true);

/// <summary>A result, a page at a time. <c>await foreach</c> walks all pages and asks for the next one while this one is read; the row count says nothing about more pages.</summary>
public sealed class RowSet : IAsyncEnumerable<Row>
{
    private readonly Func<byte[], CancellationToken, Task<RowSet>>? _more;
    private Task<RowSet>? _next;
    private RowPage _page;

    internal RowSet(RowPage page, byte[]? pagingState, ExecutionInfo info, Func<byte[], CancellationToken, Task<RowSet>>? more = null) =>
        (_page, PagingState, Info, _more) = (page, pagingState, info, more);

    public IReadOnlyList<ColumnSpec> Columns => _page.Columns;

    /// <summary>The rows of this page.</summary>
    public IReadOnlyList<Row> Rows => [.. Enumerable.Range(0, _page.RowCount).Select(row => new Row(_page, row))];

    /// <summary>Where the next page begins; null: this is the last. It belongs to the statement, its values and the protocol version.</summary>
    public byte[]? PagingState { get; private set; }

    /// <summary>Whether this page is the last.</summary>
    public bool IsFullyFetched => PagingState is null;

    public ExecutionInfo Info { get; private set; }

    /// <summary>Conditional writes: whether it was applied; true for all else.</summary>
    public bool WasApplied => Columns.Count == 0 || Columns[0].Name != "[applied]" || _page.RowCount == 0 || new Row(_page, 0).GetValue<bool>(0);

    /// <summary>Puts the next page in the place of this one; nothing where this is the last.</summary>
    public async Task FetchMoreResultsAsync(CancellationToken cancel = default)
    {
        if (PagingState is not { } state || _more is null) return;
        var asked = _next ?? _more(state, cancel);
        _next = null; // if it fails, the next call asks for the same page again
        var next = await asked.WaitAsync(cancel);
        (_page, PagingState, Info) = (next._page, next.PagingState, next.Info);
    }

    public async IAsyncEnumerator<Row> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (PagingState is { } state && _more is not null) _next ??= Watched(_more(state, cancellationToken));
            var page = _page;
            for (int row = 0; row < page.RowCount; row++) yield return new Row(page, row);
            if (IsFullyFetched) yield break;
            await FetchMoreResultsAsync(cancellationToken);
        }
    }

    // A page asked for ahead that nobody comes to read must not end as an unobserved fault.
    private static Task<RowSet> Watched(Task<RowSet> next)
    {
        _ = next.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return next;
    }
}
