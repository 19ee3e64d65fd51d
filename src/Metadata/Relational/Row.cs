using System.Data.Common;

namespace Etl.Metadata.Relational;

/// <summary>The row that a query stands on, its columns by place.</summary>
internal abstract class Row
{
    public abstract bool IsDBNull(int column);

    public abstract long GetInt64(int column);

    public abstract int GetInt32(int column);

    public abstract string GetString(int column);

    public abstract byte[] Bytes(int column);

    public long? Int64OrNull(int column) => IsDBNull(column) ? null : GetInt64(column);

    public string? StringOrNull(int column) => IsDBNull(column) ? null : GetString(column);
}

/// <summary>Over a reader of the provider.</summary>
internal sealed class ReaderRow(DbDataReader reader) : Row
{
    public override bool IsDBNull(int column) => reader.IsDBNull(column);

    public override long GetInt64(int column) => reader.GetInt64(column);

    public override int GetInt32(int column) => reader.GetInt32(column);

    public override string GetString(int column) => reader.GetString(column);

    public override byte[] Bytes(int column) => (byte[])reader.GetValue(column);
}
