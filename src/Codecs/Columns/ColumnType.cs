namespace Etl.Codecs.Columns;

/// <summary>What one value of a column is and how it lies in memory: DuckDB's vector layout, so that SQL reads it without conversion.</summary>
public enum ColumnKind
{
    /// <summary>1 byte, 0 or 1.</summary>
    Boolean,

    /// <summary>4 bytes, signed.</summary>
    Int32,

    /// <summary>8 bytes, signed.</summary>
    Int64,

    /// <summary>16 bytes, signed: what SQL makes of a sum of integers.</summary>
    Int128,

    /// <summary>4 bytes, IEEE 754.</summary>
    Float,

    /// <summary>8 bytes, IEEE 754.</summary>
    Double,

    /// <summary>2, 4, 8 or 16 bytes by its precision (≤ 4, ≤ 9, ≤ 18, ≤ 38): the unscaled value, signed.</summary>
    Decimal,

    /// <summary>16 bytes, <see cref="ColumnText"/>: UTF-8.</summary>
    Text,

    /// <summary>16 bytes, <see cref="ColumnText"/>: any bytes.</summary>
    Bytes,

    /// <summary>4 bytes, days since 1970-01-01.</summary>
    Date,

    /// <summary>8 bytes, microseconds since midnight.</summary>
    Time,

    /// <summary>8 bytes, an instant: microseconds since 1970-01-01 UTC (SQL: TIMESTAMPTZ).</summary>
    Timestamp,

    /// <summary>8 bytes, a wall clock without a zone: microseconds since 1970-01-01 (SQL: TIMESTAMP).</summary>
    LocalTimestamp,

    /// <summary>16 bytes as DuckDB's UUID: a 128-bit number, low half first, with its top bit flipped so that order is text order.</summary>
    Uuid,

    /// <summary>16 bytes: months, days (4 each), microseconds (8).</summary>
    Interval,

    /// <summary>16 bytes: offset and length (8 each) in the one child.</summary>
    List,

    /// <summary>No bytes of its own; one child for each field, row by row.</summary>
    Struct,

    /// <summary>A list whose child is a struct of <c>key</c> and <c>value</c>.</summary>
    Map,
}

/// <summary>A column's type: its kind, and for decimals and nested kinds what belongs to it.</summary>
public sealed record ColumnType(ColumnKind Kind)
{
    /// <summary>Digits of a decimal, 1 to 38; 0 for other kinds.</summary>
    public int Precision { get; init; }

    /// <summary>Digits of a decimal behind the point, 0 to <see cref="Precision"/>.</summary>
    public int Scale { get; init; }

    /// <summary>List: its item. Map: one struct of key and value. Struct: its fields. Else empty.</summary>
    public IReadOnlyList<ColumnField> Children { get; init; } = [];

    /// <summary>Bytes of one value in the vector itself; 0 for a struct.</summary>
    public int Width => Kind switch
    {
        ColumnKind.Boolean => 1,
        ColumnKind.Int32 or ColumnKind.Float or ColumnKind.Date => 4,
        ColumnKind.Int64 or ColumnKind.Double or ColumnKind.Time or ColumnKind.Timestamp or ColumnKind.LocalTimestamp => 8,
        ColumnKind.Decimal => Precision switch { <= 4 => 2, <= 9 => 4, <= 18 => 8, _ => 16 },
        ColumnKind.Struct => 0,
        _ => 16,
    };

    public bool IsText => Kind is ColumnKind.Text or ColumnKind.Bytes;

    public static ColumnType Of(ColumnKind kind) => new(kind);

    public static ColumnType Decimal(int precision, int scale) => new(ColumnKind.Decimal) { Precision = precision, Scale = scale };

    public static ColumnType List(ColumnType item, bool nullable = true) => new(ColumnKind.List) { Children = [new("item", item, nullable)] };

    public static ColumnType Struct(params IReadOnlyList<ColumnField> fields) => new(ColumnKind.Struct) { Children = fields };

    public static ColumnType Map(ColumnType key, ColumnType value, bool valueNullable = true) =>
        new(ColumnKind.Map) { Children = [new("entry", Struct(new ColumnField("key", key, false), new ColumnField("value", value, valueNullable)), false)] };

    /// <summary>The type as SQL text, e.g. <c>DECIMAL(18,4)</c> or <c>STRUCT("a" BIGINT)</c>.</summary>
    public string ToSql() => Kind switch
    {
        ColumnKind.Boolean => "BOOLEAN",
        ColumnKind.Int32 => "INTEGER",
        ColumnKind.Int64 => "BIGINT",
        ColumnKind.Int128 => "HUGEINT",
        ColumnKind.Float => "FLOAT",
        ColumnKind.Double => "DOUBLE",
        ColumnKind.Decimal => $"DECIMAL({Precision},{Scale})",
        ColumnKind.Text => "VARCHAR",
        ColumnKind.Bytes => "BLOB",
        ColumnKind.Date => "DATE",
        ColumnKind.Time => "TIME",
        ColumnKind.Timestamp => "TIMESTAMPTZ",
        ColumnKind.LocalTimestamp => "TIMESTAMP",
        ColumnKind.Uuid => "UUID",
        ColumnKind.Interval => "INTERVAL",
        ColumnKind.List => $"{Children[0].Type.ToSql()}[]",
        ColumnKind.Struct => $"STRUCT({string.Join(", ", Children.Select(child => $"\"{child.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\" {child.Type.ToSql()}"))})",
        ColumnKind.Map => $"MAP({Children[0].Type.Children[0].Type.ToSql()}, {Children[0].Type.Children[1].Type.ToSql()})",
        _ => throw new InvalidOperationException($"no SQL type for {Kind}"),
    };

    public bool Equals(ColumnType? other) =>
        other is not null && Kind == other.Kind && Precision == other.Precision && Scale == other.Scale && Children.SequenceEqual(other.Children);

    public override int GetHashCode() => HashCode.Combine(Kind, Precision, Scale, Children.Count);
}

/// <summary>A named column, or a named part of a nested one.</summary>
public sealed record ColumnField(string Name, ColumnType Type, bool Nullable);
