using Etl.Codecs.Columns;
using Etl.Codecs.Cql;
using Etl.Contracts.Results;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Sinks.Cassandra;

/// <summary>One window on its way to Cassandra. Nothing holds its rows together but their write time, which is the version: late writes of a lower version lose, cell by cell.</summary>
/// <remarks>The window's first publish leaves out what is null; later ones delete it, as an earlier version may have had a value. No key is written and deleted by one version.</remarks>
internal sealed class CassandraWindow
{
    private readonly ResultTable _table;
    private readonly WindowKey _key;
    private readonly long _version;
    private readonly int _windowColumn;
    private CassandraGuard? _guard;
    private bool _isFirst;
    private int _left;

    /// <exception cref="ArgumentException">Rows of another window, a null or doubled key, a column that is missing or of another type.</exception>
    public CassandraWindow(ResultTable table, WindowReplacement given)
    {
        (_table, _key, _version, _windowColumn) = (table, WindowKey.Of(table, given.Window), given.Version, TableShape.IndexOf(table, table.WindowColumn));
        (Rows, Vanished, Bucket) = (RowsByKey.Of(table, given.Window, given.Rows), given.Vanished is null ? null : RowsByKey.KeysOf(table, given.Window, given.Vanished), WindowBucket.Of(_key));
        CheckTimes();
    }

    public RowsByKey Rows { get; }

    public RowsByKey? Vanished { get; }

    public int Bucket { get; }

    /// <param name="left">Columns of the table that the rows do not have.</param>
    /// <returns>null where the window is to be written; else why it is not.</returns>
    public async Task<ReplaceOutcome?> LookAsync(ISession session, CassandraCql cql, CassandraTable there, int left, CancellationToken cancel)
    {
        _guard = new(session, cql, there.Id, _key);
        var (intended, published) = await _guard.ReadAsync(cancel);
        (_isFirst, _left) = (intended is null && Vanished is null, left);
        return published == _version ? ReplaceOutcome.AlreadyThere : published > _version || intended > _version ? ReplaceOutcome.Superseded : null;
    }

    /// <summary>Before the first row of any is written.</summary>
    public Task IntendAsync(CancellationToken cancel) => _guard!.IntendAsync(_version, cancel);

    /// <summary>After the last row is written.</summary>
    public Task ConfirmAsync(CancellationToken cancel) => _guard!.ConfirmAsync(_version, cancel);

    public void WriteRow(ValueWriter values, int row)
    {
        var block = Rows.Batch.Block(row / ColumnBlock.RowsMax);
        for (int i = 0; i < Rows.Columns.Length; i++)
            if (!CassandraValue.Write(values, block.Columns[Rows.Columns[i]], row % ColumnBlock.RowsMax, isWindow: i == _windowColumn)) Nothing(values);
        values.Int(Bucket);
        for (int i = 0; i < _left; i++) Nothing(values);
        values.BigInt(_version);
    }

    public void WriteKey(ValueWriter values, int row)
    {
        values.BigInt(_version);
        var block = Vanished!.Batch.Block(row / ColumnBlock.RowsMax);
        foreach (string name in _table.Key)
            if (!CassandraValue.Write(values, block.Columns[Vanished.Batch.IndexOf(name)], row % ColumnBlock.RowsMax, isWindow: name == _table.WindowColumn)) values.Null();
        values.Int(Bucket);
    }

    /// <summary>Refuses times that no text holds before anything is written.</summary>
    private void CheckTimes()
    {
        for (int i = 0; i < _table.Columns.Count; i++)
        {
            var kind = _table.Columns[i].Type.Kind;
            if (kind is not (ColumnKind.Timestamp or ColumnKind.LocalTimestamp or ColumnKind.Date)) continue;
            for (int row = 0; row < Rows.Count; row++)
            {
                if (Rows.Batch.IsNull(Rows.Columns[i], row)) continue;
                if (kind == ColumnKind.Date) SqlText.Date(Rows.Batch.Get<int>(Rows.Columns[i], row), _table.Columns[i].Name);
                else SqlText.Instant(Rows.Batch.Get<long>(Rows.Columns[i], row), _table.Columns[i].Name);
            }
        }
    }

    private void Nothing(ValueWriter values)
    {
        if (_isFirst) values.Unset();
        else values.Null();
    }
}
