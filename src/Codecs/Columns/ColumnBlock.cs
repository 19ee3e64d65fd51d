namespace Etl.Codecs.Columns;

/// <summary>Up to <see cref="RowsMax"/> rows in columns: one DuckDB vector's worth.</summary>
public sealed class ColumnBlock : IDisposable
{
    public const int RowsMax = 2048;

    private readonly ColumnVector[] _columns;

    public ColumnBlock(IReadOnlyList<ColumnField> fields) => _columns = [.. fields.Select(field => new ColumnVector(field.Type, RowsMax))];

    /// <summary>Rows in use, 0 to <see cref="RowsMax"/>.</summary>
    public int Count { get; set; }

    public ReadOnlySpan<ColumnVector> Columns => _columns;

    /// <summary>Where the block's long texts lie.</summary>
    public ByteHeap Heap { get; } = new();

    public void Clear()
    {
        Count = 0;
        Heap.Clear();
        foreach (var column in _columns) column.Clear();
    }

    public void Dispose()
    {
        Heap.Dispose();
        foreach (var column in _columns) column.Dispose();
    }
}
