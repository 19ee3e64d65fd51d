using Etl.Codecs.Columns;
using Etl.Contracts.Results;
using Etl.Contracts.Time;

namespace Etl.Sinks;

/// <summary>The rows of one window in key order: so pages of the database are filled one after the other, and two writers lock in the same order.</summary>
internal sealed class RowsByKey
{
    private readonly int[]? _order;
    private readonly int[] _key;

    private RowsByKey(ResultTable table, Window window, ColumnBatch batch, IReadOnlyList<ColumnField> columns)
    {
        (Batch, Columns) = (batch, [.. columns.Select(column => Find(table, batch, column))]);
        _key = [.. table.Key.Select(batch.IndexOf)];
        Check(table, window);
        _order = Sorted(table);
    }

    /// <summary>Rows with all the table's columns.</summary>
    /// <exception cref="ArgumentException">A column is missing or of another type, a row is of another window, a key is null or there twice.</exception>
    public static RowsByKey Of(ResultTable table, Window window, ColumnBatch rows) => new(table, window, rows, table.Columns);

    /// <summary>Rows of which only the key's columns are used.</summary>
    /// <exception cref="ArgumentException">As <see cref="Of"/>.</exception>
    public static RowsByKey KeysOf(ResultTable table, Window window, ColumnBatch keys) =>
        new(table, window, keys, [.. TableShape.KeyIndexes(table).Select(column => table.Columns[column])]);

    public ColumnBatch Batch { get; }

    /// <summary>Places of the columns to write in the batch.</summary>
    public int[] Columns { get; }

    public int Count => Batch.RowCount;

    /// <summary>The batch's row that comes <paramref name="index"/>-th in key order.</summary>
    public int Row(int index) => _order is null ? index : _order[index];

    private static int Find(ResultTable table, ColumnBatch batch, ColumnField column)
    {
        int at = batch.IndexOf(column.Name);
        if (at < 0) throw new ArgumentException($"{table.Name}: rows lack column \"{column.Name}\"; found {string.Join(", ", batch.Fields.Select(field => field.Name))}", nameof(batch));
        return batch.Fields[at].Type.Equals(column.Type) ? at
            : throw new ArgumentException($"{table.Name}.{column.Name}: rows hold {batch.Fields[at].Type.ToSql()}, the table {column.Type.ToSql()}", nameof(batch));
    }

    private void Check(ResultTable table, Window window)
    {
        var expected = WindowKey.Of(table, window);
        for (int row = 0; row < Count; row++)
        {
            if (!expected.Is(Batch, _key[0], row))
                throw new ArgumentException($"{table.Name}: row {row} has {table.WindowColumn} = {Batch.GetValue(_key[0], row) ?? "null"}, expected the window's {expected.Text}", nameof(window));
            for (int i = 1; i < _key.Length; i++)
                if (Batch.IsNull(_key[i], row)) throw new ArgumentException($"{table.Name}: row {row} has no {table.Key[i]}, a key column; filter such rows in the SQL or give them a name", nameof(table));
        }
    }

    private int[]? Sorted(ResultTable table)
    {
        int row = 1;
        while (row < Count && Compare(row - 1, row) < 0) row++;
        if (row >= Count) return null;
        int[] order = [.. Enumerable.Range(0, Count)];
        Array.Sort(order, Compare);
        for (int i = 1; i < order.Length; i++)
            if (Compare(order[i - 1], order[i]) == 0)
                throw new ArgumentException($"{table.Name}: two rows with the key ({string.Join(", ", _key.Select(column => Batch.GetValue(column, order[i])))}); name in key: all that GROUP BY names", nameof(table));
        return order;
    }

    private int Compare(int a, int b)
    {
        for (int i = 1; i < _key.Length; i++) // the first is the window, the same everywhere
        {
            int compared = Compare(Batch, _key[i], a, Batch, _key[i], b);
            if (compared != 0) return compared;
        }
        return 0;
    }

    /// <summary>Orders a value of a key column and one of another batch of the same table.</summary>
    public static int Compare(ColumnBatch batch, int column, int row, ColumnBatch other, int otherColumn, int otherRow)
    {
        var type = batch.Fields[column].Type;
        return type.Kind switch
        {
            ColumnKind.Text => batch.GetBytes(column, row).SequenceCompareTo(other.GetBytes(otherColumn, otherRow)),
            ColumnKind.Double => By<double>(),
            ColumnKind.Float => By<float>(),
            _ => type.Width switch { 1 => By<byte>(), 2 => By<short>(), 4 => By<int>(), 8 => By<long>(), _ => By<Int128>() },
        };

        int By<T>() where T : unmanaged, IComparable<T> => batch.Get<T>(column, row).CompareTo(other.Get<T>(otherColumn, otherRow));
    }
}
