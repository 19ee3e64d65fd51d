using System.Security.Cryptography;
using System.Text;
using Etl.Codecs.Columns;

namespace Etl.Lake;

/// <summary>The rules that every result keeps, so that equal rows are equal bytes.</summary>
internal static class ResultRows
{
    /// <summary>−0.0 becomes 0. NaN, SQL's "undefined" (a correlation without variance), becomes NULL; in a key column the one NaN of IEEE 754's quiet form.</summary>
    public static void Normalise(ColumnBatch rows, IReadOnlyList<string> key)
    {
        for (int i = 0; i < rows.BlockCount; i++)
        {
            var block = rows.Block(i);
            for (int column = 0; column < rows.Fields.Count; column++)
                Normalise(block.Columns[column], block.Count, isKey: key.Contains(rows.Fields[column].Name));
        }
    }

    /// <exception cref="LakeException">Data: a key column is NULL, or two rows have one key; names it.</exception>
    public static void NeedUnique(ColumnBatch rows, IReadOnlyList<string> key)
    {
        int[] columns = [.. key.Select(name => rows.IndexOf(name) is >= 0 and var index
            ? index
            : throw new LakeException(LakeFault.Contract, $"the SQL returns no column \"{name}\", which the key names; it returns {string.Join(", ", rows.Fields.Select(field => field.Name))}"))];
        RowBytes last = new(), next = new();
        for (int row = 0; row < rows.RowCount; row++)
        {
            next.Clear();
            foreach (int column in columns)
            {
                if (rows.IsNull(column, row)) throw new LakeException(LakeFault.Data, $"row {row + 1}: key column \"{rows.Fields[column].Name}\" is NULL; a key names a row: leave such rows out, or give them a value with coalesce()");
                next.Append(Vector(rows, column, row), row % ColumnBlock.RowsMax);
            }
            if (row > 0 && last.Span.SequenceEqual(next.Span)) throw new LakeException(LakeFault.Data, $"two rows have the key {Describe(rows, columns, row)}; the SQL must return one row for each of {string.Join(", ", key)}: group by them");
            (last, next) = (next, last);
        }
    }

    /// <summary>SHA-256 over names, types and values, first 128 bits as 32 hexadecimal digits. Lists count by their items, not by where they lie.</summary>
    public static string Checksum(ColumnBatch rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = new RowBytes();
        foreach (var field in rows.Fields) bytes.Append(Encoding.UTF8.GetBytes($"{field.Name}\0{field.Type.ToSql()}"));
        for (int i = 0; i < rows.BlockCount; i++)
        {
            var block = rows.Block(i);
            for (int row = 0; row < block.Count; row++)
                for (int column = 0; column < rows.Fields.Count; column++) bytes.Append(block.Columns[column], row);
            hash.AppendData(bytes.Span);
            bytes.Clear();
        }
        hash.AppendData(bytes.Span); // an empty result's header
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    private static void Normalise(ColumnVector column, int count, bool isKey)
    {
        if (column.Type.Kind == ColumnKind.Double)
        {
            var values = column.Values<double>();
            for (int row = 0; row < count; row++)
                if (double.IsNaN(values[row]) && !column.IsNull(row)) NoNumber(column, row, isKey);
                else if (values[row] == 0) values[row] = 0.0;
        }
        else if (column.Type.Kind == ColumnKind.Float)
        {
            var values = column.Values<float>();
            for (int row = 0; row < count; row++)
                if (float.IsNaN(values[row]) && !column.IsNull(row)) NoNumber(column, row, isKey);
                else if (values[row] == 0) values[row] = 0f;
        }
        else foreach (var child in column.Children) Normalise(child, column.Type.Kind == ColumnKind.Struct ? count : column.ChildCount, isKey);
    }

    private static void NoNumber(ColumnVector column, int row, bool isKey)
    {
        if (!isKey) column.SetNull(row);
        else if (column.Type.Kind == ColumnKind.Double) column.Values<long>()[row] = 0x7FF8_0000_0000_0000;
        else column.Values<int>()[row] = 0x7FC0_0000;
    }

    private static ColumnVector Vector(ColumnBatch rows, int column, int row) => rows.Block(row / ColumnBlock.RowsMax).Columns[column];

    private static string Describe(ColumnBatch rows, int[] columns, int row) =>
        string.Join(", ", columns.Select(column => FormattableString.Invariant($"{rows.Fields[column].Name} = {rows.GetValue(column, row)}")));
}
