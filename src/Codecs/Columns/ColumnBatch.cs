namespace Etl.Codecs.Columns;

/// <summary>Any number of rows in columns, in blocks that are all full but the last. One thread at a time.</summary>
public sealed unsafe class ColumnBatch(IReadOnlyList<ColumnField> fields) : IColumnSource, IDisposable
{
    private readonly List<ColumnBlock> _blocks = [];
    private int _used;
    private ColumnBlock? _open;

    public IReadOnlyList<ColumnField> Fields { get; } = fields;

    public int RowCount => _used == 0 ? 0 : (_used - 1) * ColumnBlock.RowsMax + _blocks[_used - 1].Count;

    public int BlockCount => _used;

    public int RunCount => _used > 0 && _blocks[_used - 1].Count == 0 ? _used - 1 : _used;

    public ColumnBlock Block(int index) => index < _used ? _blocks[index] : throw new ArgumentOutOfRangeException(nameof(index));

    public RowRun Run(int index) => new(index, 0, Block(index).Count);

    /// <summary>The block that the next row goes to, and the row's place in it. The caller fills the columns and raises <see cref="ColumnBlock.Count"/>.</summary>
    public ColumnBlock Open()
    {
        if (_open is { Count: < ColumnBlock.RowsMax }) return _open;
        if (_used == _blocks.Count) _blocks.Add(new ColumnBlock(Fields));
        return _open = _blocks[_used++];
    }

    /// <summary>Forgets the rows; up to <paramref name="blocksKept"/> blocks keep their memory for the next ones.</summary>
    public void Clear(int blocksKept = int.MaxValue)
    {
        for (int i = 0; i < _used; i++) _blocks[i].Clear();
        while (_blocks.Count > blocksKept)
        {
            _blocks[^1].Dispose();
            _blocks.RemoveAt(_blocks.Count - 1);
        }
        _used = 0;
        _open = null;
    }

    public int IndexOf(string column)
    {
        for (int i = 0; i < Fields.Count; i++)
            if (Fields[i].Name == column) return i;
        return -1;
    }

    public bool IsNull(int column, int row) => Vector(column, row).IsNull(row % ColumnBlock.RowsMax);

    /// <summary>One value, read as <typeparamref name="T"/>, which must have the column's width; meaningless where <see cref="IsNull"/>.</summary>
    public T Get<T>(int column, int row) where T : unmanaged => ((T*)Vector(column, row).Data)[row % ColumnBlock.RowsMax];

    /// <summary>The bytes of a text or blob, where they lie.</summary>
    public ReadOnlySpan<byte> GetBytes(int column, int row) => ColumnText.Read((ColumnText*)Vector(column, row).Data + row % ColumnBlock.RowsMax);

    public string GetString(int column, int row) => System.Text.Encoding.UTF8.GetString(GetBytes(column, row));

    /// <summary>One value as an object of .NET, null for null. Slow: for people and sinks of few rows. See <see cref="ColumnValue"/>.</summary>
    public object? GetValue(int column, int row) => ColumnValue.Read(Vector(column, row), row % ColumnBlock.RowsMax);

    public void Dispose()
    {
        foreach (var block in _blocks) block.Dispose();
        _blocks.Clear();
        _used = 0;
        _open = null;
    }

    private ColumnVector Vector(int column, int row) => Block(row / ColumnBlock.RowsMax).Columns[column];
}
