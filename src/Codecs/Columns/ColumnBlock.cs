namespace Etl.Codecs.Columns;

/// <summary>Up to <see cref="RowsMax"/> rows in columns: one DuckDB vector's worth.</summary>
public sealed class ColumnBlock : IDisposable
{
    public const int RowsMax = 2048;

    private readonly ColumnVector[] _columns;
    private readonly ColumnVector[] _lists;
    private readonly int[] _listMarks;
    private HeapMark _heapMark;

    public ColumnBlock(IReadOnlyList<ColumnField> fields)
    {
        Fields = fields;
        _columns = [.. fields.Select(field => new ColumnVector(field.Type, RowsMax))];
        var all = new List<ColumnVector>();
        foreach (var column in _columns) column.Flatten(all);
        Vectors = [.. all];
        _lists = [.. all.Where(vector => vector.Type.Kind is ColumnKind.List or ColumnKind.Map)];
        _listMarks = new int[_lists.Length];
        _heapMark = Heap.Mark();
    }

    public IReadOnlyList<ColumnField> Fields { get; }

    /// <summary>Rows in use, 0 to <see cref="RowsMax"/>.</summary>
    public int Count { get; set; }

    public ReadOnlySpan<ColumnVector> Columns => _columns;

    /// <summary>Where the block's long texts lie.</summary>
    public ByteHeap Heap { get; } = new();

    /// <summary>All vectors, also those inside others: a parent before its children.</summary>
    internal ColumnVector[] Vectors { get; }

    /// <summary>Notes where lists and long texts end, so that <see cref="Drop"/> can go back to here. Decoding a row begins with it.</summary>
    public void Mark()
    {
        _heapMark = Heap.Mark();
        for (int i = 0; i < _lists.Length; i++) _listMarks[i] = _lists[i].ChildCount;
    }

    /// <summary>
    /// Gives back a row that was filled but is not to count: its nulls, list items and long texts since the last <see cref="Mark"/>.
    /// Rows at <see cref="Count"/> and beyond are always without nulls, so whoever filled one and does not raise the count calls this.
    /// </summary>
    /// <param name="row">The row, <see cref="Count"/> or more.</param>
    public void Drop(int row)
    {
        foreach (var column in _columns) column.SetValid(row, row + 1);
        for (int i = 0; i < _lists.Length; i++) _lists[i].CutChild(_listMarks[i]);
        Heap.Rewind(_heapMark);
    }

    public void Clear()
    {
        Count = 0;
        Heap.Clear();
        _heapMark = Heap.Mark();
        Array.Clear(_listMarks);
        foreach (var column in _columns) column.Clear();
    }

    public void Dispose()
    {
        Heap.Dispose();
        foreach (var column in _columns) column.Dispose();
    }
}
