using System.Buffers.Binary;
using Etl.Codecs.Cql;

namespace Etl.Sinks.Cassandra.Cql;

/// <summary>The bytes of one page of rows, and where each value begins.</summary>
internal sealed class RowPage
{
    private readonly byte[] _bytes;
    private readonly int[] _starts;

    /// <param name="bytes">The values one after the other, each with its length.</param>
    /// <exception cref="InvalidDataException">They end too early.</exception>
    public RowPage(byte[] bytes, int rowCount, IReadOnlyList<ColumnSpec> columns)
    {
        (_bytes, Columns, RowCount) = (bytes, columns, rowCount);
        if (rowCount < 0 || (long)rowCount * columns.Count * sizeof(int) > bytes.Length) throw new InvalidDataException($"{rowCount} rows of {columns.Count} columns do not fit into {bytes.Length} bytes");
        _starts = new int[rowCount * columns.Count];
        int at = 0;
        for (int i = 0; i < _starts.Length; i++)
        {
            if (bytes.Length - at < sizeof(int)) throw new InvalidDataException($"the rows end inside row {i / columns.Count + 1} of {rowCount}");
            _starts[i] = at;
            int length = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at)));
            if (length > bytes.Length - at - sizeof(int)) throw new InvalidDataException($"the rows end inside row {i / columns.Count + 1} of {rowCount}");
            at += sizeof(int) + length;
        }
    }

    public static RowPage Empty { get; } = new([], 0, []);

    public IReadOnlyList<ColumnSpec> Columns { get; }

    public int RowCount { get; }

    public bool IsNull(int row, int column) => BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(_starts[row * Columns.Count + column])) < 0;

    public ReadOnlySpan<byte> Bytes(int row, int column)
    {
        int at = _starts[row * Columns.Count + column];
        return _bytes.AsSpan(at + sizeof(int), Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(at))));
    }

    public int IndexOf(string column)
    {
        for (int i = 0; i < Columns.Count; i++)
            if (Columns[i].Name == column) return i;
        throw new ArgumentException($"no column \"{column}\"; expected one of: {string.Join(", ", Columns.Select(spec => spec.Name))}", nameof(column));
    }
}
