using Etl.Codecs.Columns;

namespace Etl.Lake.DuckDb;

/// <summary>Up to 2,048 rows of a result, where DuckDB keeps them. Valid only inside the call that it was handed to.</summary>
public readonly unsafe ref struct DuckChunk
{
    private readonly nint _chunk;
    private readonly DuckColumn[] _columns;

    internal DuckChunk(nint chunk, DuckColumn[] columns) => (_chunk, _columns) = (chunk, columns);

    /// <summary>Rows, 1 to 2,048.</summary>
    public int Count => (int)Native.duckdb_data_chunk_get_size(_chunk);

    public int ColumnCount => _columns.Length;

    /// <summary>Name and type of a column, as <see cref="AppendTo"/> would write it.</summary>
    public ColumnField Field(int column) => _columns[column].Field;

    /// <summary>The values of a column as DuckDB stores them (texts as <see cref="ColumnText"/>); meaningless where <see cref="IsNull"/>.</summary>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> has not the width of the column, or the column is stored otherwise than its kind (see <see cref="ColumnKind"/>).</exception>
    public ReadOnlySpan<T> Values<T>(int column) where T : unmanaged
    {
        var type = _columns[column].Type;
        if (sizeof(T) != type.Column.Width || VectorReader.Converts(type.Id))
            throw new InvalidOperationException($"column {_columns[column].Name} is not stored as values of {sizeof(T)} bytes; cast it to {type.Column.ToSql()} in the SQL, or fetch it as a batch");
        return new(Native.duckdb_vector_get_data(Vector(column)), Count);
    }

    public bool IsNull(int column, int row) => !Native.IsSet(Native.duckdb_vector_get_validity(Vector(column)), row);

    /// <summary>Copies the rows, or the first <paramref name="rowsMax"/> of them, behind those of <paramref name="batch"/>, whose columns must be this result's.</summary>
    public void AppendTo(ColumnBatch batch, int rowsMax = int.MaxValue)
    {
        for (int done = 0, count = Math.Min(Count, rowsMax); done < count;)
        {
            var block = batch.Open();
            int rows = Math.Min(count - done, ColumnBlock.RowsMax - block.Count);
            for (int column = 0; column < _columns.Length; column++)
                VectorReader.Copy(_columns[column].Type, Vector(column), done, rows, block.Columns[column], block.Count, block.Heap);
            block.Count += rows;
            done += rows;
        }
    }

    private nint Vector(int column) => Native.duckdb_data_chunk_get_vector(_chunk, (ulong)column);
}
