using Etl.Codecs.Columns;

namespace Etl.Lake.DuckDb;

/// <summary>Types by their number in <c>duckdb_type</c>, those that we read.</summary>
internal enum DuckTypeId
{
    Invalid = 0, Boolean = 1, TinyInt = 2, SmallInt = 3, Integer = 4, BigInt = 5, UTinyInt = 6, USmallInt = 7, UInteger = 8, UBigInt = 9,
    Float = 10, Double = 11, Timestamp = 12, Date = 13, Time = 14, Interval = 15, HugeInt = 16, Varchar = 17, Blob = 18, Decimal = 19,
    TimestampSeconds = 20, TimestampMillis = 21, TimestampNanos = 22, Enum = 23, List = 24, Struct = 25, Map = 26, Uuid = 27,
    TimestampTz = 31, SqlNull = 36,
}

/// <summary>The type of a result's column: how DuckDB stores it, and which of our columns it is read into.</summary>
/// <remarks>
/// Widened on the way: 8, 16 and unsigned 8, 16 bits → <see cref="ColumnKind.Int32"/>, unsigned 32 → Int64, unsigned 64 → Int128, ENUM → Text,
/// TIMESTAMP_S, _MS, _NS → LocalTimestamp (nanoseconds are cut to microseconds, toward the past), NULL → Int32.
/// </remarks>
internal sealed class DuckType
{
    private DuckType(DuckTypeId id, ColumnType column, IReadOnlyList<DuckType> children)
    {
        Id = id;
        Column = column;
        Children = children;
    }

    public DuckTypeId Id { get; }

    public ColumnType Column { get; }

    /// <summary>As those of <see cref="Column"/>: a map has one, the struct of key and value.</summary>
    public IReadOnlyList<DuckType> Children { get; }

    /// <summary>An enum's values, UTF-8, by code.</summary>
    public IReadOnlyList<byte[]> EnumValues { get; private init; } = [];

    /// <summary>Bytes of an enum's code: 1, 2 or 4.</summary>
    public int EnumWidth { get; private init; }

    /// <summary>Reads a logical type and gives it back to DuckDB.</summary>
    /// <param name="place">What the type is of, for the message.</param>
    /// <exception cref="DuckException">A type that has no column of ours.</exception>
    public static DuckType Take(nint logical, string place)
    {
        try { return Read(logical, place); }
        finally { Native.duckdb_destroy_logical_type(ref logical); }
    }

    private static DuckType Read(nint logical, string place)
    {
        var id = (DuckTypeId)Native.duckdb_get_type_id(logical);
        switch (id)
        {
            case DuckTypeId.Decimal:
                return new(id, ColumnType.Decimal(Native.duckdb_decimal_width(logical), Native.duckdb_decimal_scale(logical)), []);
            case DuckTypeId.Enum:
                return new(id, ColumnType.Of(ColumnKind.Text), []) { EnumValues = Values(logical), EnumWidth = Width((DuckTypeId)Native.duckdb_enum_internal_type(logical)) };
            case DuckTypeId.List:
                var item = Take(Native.duckdb_list_type_child_type(logical), $"{place}[]");
                return new(id, ColumnType.List(item.Column), [item]);
            case DuckTypeId.Map:
                var key = Take(Native.duckdb_map_type_key_type(logical), $"{place}.key");
                var value = Take(Native.duckdb_map_type_value_type(logical), $"{place}.value");
                var map = ColumnType.Map(key.Column, value.Column);
                return new(id, map, [new(DuckTypeId.Struct, map.Children[0].Type, [key, value])]);
            case DuckTypeId.Struct:
                int count = (int)Native.duckdb_struct_type_child_count(logical);
                var fields = new ColumnField[count];
                var children = new DuckType[count];
                for (int i = 0; i < count; i++)
                {
                    string name = Native.TakeText(Native.duckdb_struct_type_child_name(logical, (ulong)i))!;
                    children[i] = Take(Native.duckdb_struct_type_child_type(logical, (ulong)i), $"{place}.{name}");
                    fields[i] = new(name, children[i].Column, true);
                }
                return new(id, ColumnType.Struct(fields), children);
            default:
                return new(id, ColumnType.Of(Plain(id, place)), []);
        }
    }

    private static ColumnKind Plain(DuckTypeId id, string place) => id switch
    {
        DuckTypeId.Boolean => ColumnKind.Boolean,
        DuckTypeId.TinyInt or DuckTypeId.SmallInt or DuckTypeId.Integer or DuckTypeId.UTinyInt or DuckTypeId.USmallInt or DuckTypeId.SqlNull => ColumnKind.Int32,
        DuckTypeId.BigInt or DuckTypeId.UInteger => ColumnKind.Int64,
        DuckTypeId.HugeInt or DuckTypeId.UBigInt => ColumnKind.Int128,
        DuckTypeId.Float => ColumnKind.Float,
        DuckTypeId.Double => ColumnKind.Double,
        DuckTypeId.Varchar => ColumnKind.Text,
        DuckTypeId.Blob => ColumnKind.Bytes,
        DuckTypeId.Date => ColumnKind.Date,
        DuckTypeId.Time => ColumnKind.Time,
        DuckTypeId.Timestamp or DuckTypeId.TimestampSeconds or DuckTypeId.TimestampMillis or DuckTypeId.TimestampNanos => ColumnKind.LocalTimestamp,
        DuckTypeId.TimestampTz => ColumnKind.Timestamp,
        DuckTypeId.Interval => ColumnKind.Interval,
        DuckTypeId.Uuid => ColumnKind.Uuid,
        _ => throw new DuckException(DuckErrorType.InvalidInput, $"column {place} has a type (number {(int)id} of duckdb_type) that is not read here; cast it, e.g. to VARCHAR or to a list"),
    };

    private static byte[][] Values(nint logical)
    {
        var values = new byte[Native.duckdb_enum_dictionary_size(logical)][];
        for (int i = 0; i < values.Length; i++)
            values[i] = System.Text.Encoding.UTF8.GetBytes(Native.TakeText(Native.duckdb_enum_dictionary_value(logical, (ulong)i))!);
        return values;
    }

    private static int Width(DuckTypeId code) => code switch { DuckTypeId.UTinyInt => 1, DuckTypeId.USmallInt => 2, _ => 4 };
}

/// <summary>Makes DuckDB's types out of ours.</summary>
internal static unsafe class LogicalType
{
    /// <summary>The caller destroys it.</summary>
    public static nint Create(ColumnType type) => type.Kind switch
    {
        ColumnKind.Boolean => Plain(DuckTypeId.Boolean),
        ColumnKind.Int32 => Plain(DuckTypeId.Integer),
        ColumnKind.Int64 => Plain(DuckTypeId.BigInt),
        ColumnKind.Int128 => Plain(DuckTypeId.HugeInt),
        ColumnKind.Float => Plain(DuckTypeId.Float),
        ColumnKind.Double => Plain(DuckTypeId.Double),
        ColumnKind.Decimal => Native.duckdb_create_decimal_type((byte)type.Precision, (byte)type.Scale),
        ColumnKind.Text => Plain(DuckTypeId.Varchar),
        ColumnKind.Bytes => Plain(DuckTypeId.Blob),
        ColumnKind.Date => Plain(DuckTypeId.Date),
        ColumnKind.Time => Plain(DuckTypeId.Time),
        ColumnKind.Timestamp => Plain(DuckTypeId.TimestampTz),
        ColumnKind.LocalTimestamp => Plain(DuckTypeId.Timestamp),
        ColumnKind.Uuid => Plain(DuckTypeId.Uuid),
        ColumnKind.Interval => Plain(DuckTypeId.Interval),
        ColumnKind.List => Of(type.Children, static children => Native.duckdb_create_list_type(children[0])),
        ColumnKind.Map => Of(type.Children[0].Type.Children, static children => Native.duckdb_create_map_type(children[0], children[1])),
        ColumnKind.Struct => Struct(type.Children),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type.Kind, "no such kind of column"),
    };

    public static nint Plain(DuckTypeId id) => Native.duckdb_create_logical_type((int)id);

    private static nint Of(IReadOnlyList<ColumnField> children, Func<nint[], nint> make)
    {
        nint[] types = [.. children.Select(child => Create(child.Type))];
        try { return make(types); }
        finally { foreach (ref nint type in types.AsSpan()) Native.duckdb_destroy_logical_type(ref type); }
    }

    private static nint Struct(IReadOnlyList<ColumnField> fields) => Of(fields, types =>
    {
        var names = new byte*[types.Length];
        for (int i = 0; i < names.Length; i++) names[i] = System.Runtime.InteropServices.Marshalling.Utf8StringMarshaller.ConvertToUnmanaged(fields[i].Name);
        try
        {
            fixed (nint* members = types)
            fixed (byte** texts = names)
                return Native.duckdb_create_struct_type(members, texts, (ulong)types.Length);
        }
        finally { foreach (byte* name in names) System.Runtime.InteropServices.Marshalling.Utf8StringMarshaller.Free(name); }
    });
}
