using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>One row of a result; values are decoded when they are asked for.</summary>
public sealed class Row
{
    private readonly RowPage _page;
    private readonly int _index;

    internal Row(RowPage page, int index) => (_page, _index) = (page, index);

    public IReadOnlyList<ColumnSpec> Columns => _page.Columns;

    /// <summary>A value as <see cref="ValueDecoder.Read"/> gives it; null for null.</summary>
    public object? this[int column] => _page.IsNull(_index, column) ? null : ValueDecoder.Read(Columns[column].Type, _page.Bytes(_index, column));

    public object? this[string column] => this[_page.IndexOf(column)];

    /// <summary>A value as <typeparamref name="T"/>; null for null, where T has one.</summary>
    /// <exception cref="InvalidCastException">The column's type is another, or the value is null and <typeparamref name="T"/> has none.</exception>
    public T? GetValue<T>(int column)
    {
        if (!_page.IsNull(_index, column)) return ValueDecoder.ReadAs<T>(Columns[column].Type, _page.Bytes(_index, column));
        return default(T) is null ? default : throw new InvalidCastException($"column {Columns[column].Name} is null, which {typeof(T).Name} cannot be; ask for {typeof(T).Name}?");
    }

    public T? GetValue<T>(string column) => GetValue<T>(_page.IndexOf(column));

    public bool IsNull(int column) => _page.IsNull(_index, column);

    public bool IsNull(string column) => IsNull(_page.IndexOf(column));

    /// <summary>A value's bytes as the server sent them; empty for null too.</summary>
    public ReadOnlySpan<byte> GetBytes(int column) => _page.Bytes(_index, column);
}
