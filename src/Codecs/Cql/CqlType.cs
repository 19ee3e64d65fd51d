namespace Etl.Codecs.Cql;

/// <summary>Type codes of the protocol; <see cref="Vector"/> is ours, for what the protocol sends as a custom class.</summary>
public enum CqlTypeCode
{
    Custom = 0x0000,
    Ascii = 0x0001,
    Bigint = 0x0002,
    Blob = 0x0003,
    Boolean = 0x0004,
    Counter = 0x0005,
    Decimal = 0x0006,
    Double = 0x0007,
    Float = 0x0008,
    Int = 0x0009,
    Timestamp = 0x000B,
    Uuid = 0x000C,
    Text = 0x000D,
    Varint = 0x000E,
    Timeuuid = 0x000F,
    Inet = 0x0010,
    Date = 0x0011,
    Time = 0x0012,
    Smallint = 0x0013,
    Tinyint = 0x0014,
    Duration = 0x0015,
    List = 0x0020,
    Map = 0x0021,
    Set = 0x0022,
    Udt = 0x0030,
    Tuple = 0x0031,
    Vector = 0x10000,
}

/// <summary>A CQL type with what belongs to it.</summary>
public sealed class CqlType : IEquatable<CqlType>
{
    /// <summary>How deep types may nest: far above what servers take, and it keeps hostile metadata from ending the process.</summary>
    public const int DepthMax = 32;

    private static readonly CqlTypeCode[] PlainCodes = [.. Enum.GetValues<CqlTypeCode>().Where(code => code is > CqlTypeCode.Custom and < CqlTypeCode.List)];
    private static readonly Dictionary<CqlTypeCode, CqlType> PlainTypes = PlainCodes.ToDictionary(code => code, code => new CqlType(code));

    private CqlType(CqlTypeCode code) => Code = code;

    public CqlTypeCode Code { get; }

    /// <summary>List, set, vector: the element. Map: key and value. Tuple and UDT: the fields. Else empty.</summary>
    public IReadOnlyList<CqlType> Arguments { get; private init; } = [];

    /// <summary>UDT: names of the fields.</summary>
    public IReadOnlyList<string> FieldNames { get; private init; } = [];

    /// <summary>UDT: its name, with its keyspace if that is known. Custom: the class.</summary>
    public string Name { get; private init; } = "";

    /// <summary>Vector: how many elements.</summary>
    public int Dimension { get; private init; }

    /// <summary>Bytes of one value where all have the same number, as vectors lay them without lengths; -1 otherwise.</summary>
    /// <remarks>Cassandra calls smallint, tinyint, date, time and counters variable, though their length never varies.</remarks>
    public int FixedLength => Code switch
    {
        CqlTypeCode.Boolean => 1,
        CqlTypeCode.Int or CqlTypeCode.Float => 4,
        CqlTypeCode.Bigint or CqlTypeCode.Double or CqlTypeCode.Timestamp => 8,
        CqlTypeCode.Uuid or CqlTypeCode.Timeuuid => 16,
        CqlTypeCode.Vector when Arguments[0].FixedLength is > 0 and var one && (long)one * Dimension <= int.MaxValue => one * Dimension,
        _ => -1,
    };

    /// <summary>The type of a code that needs no more.</summary>
    public static CqlType Of(CqlTypeCode code) => PlainTypes.TryGetValue(code, out var type) ? type : throw new ArgumentException($"{code} needs arguments", nameof(code));

    public static CqlType List(CqlType element) => new(CqlTypeCode.List) { Arguments = [element] };

    public static CqlType Set(CqlType element) => new(CqlTypeCode.Set) { Arguments = [element] };

    public static CqlType Map(CqlType key, CqlType value) => new(CqlTypeCode.Map) { Arguments = [key, value] };

    public static CqlType Tuple(params IReadOnlyList<CqlType> fields) => new(CqlTypeCode.Tuple) { Arguments = fields };

    public static CqlType Vector(CqlType element, int dimension) => dimension is > 0 and <= 8192
        ? new(CqlTypeCode.Vector) { Arguments = [element], Dimension = dimension }
        : throw new ArgumentOutOfRangeException(nameof(dimension), dimension, $"found {dimension}, expected 1 to 8192");

    public static CqlType Udt(string name, params IReadOnlyList<(string Name, CqlType Type)> fields) =>
        new(CqlTypeCode.Udt) { Name = name, FieldNames = [.. fields.Select(field => field.Name)], Arguments = [.. fields.Select(field => field.Type)] };

    /// <summary>A type that only the server knows; its values are bytes.</summary>
    public static CqlType Custom(string className) => new(CqlTypeCode.Custom) { Name = className };

    /// <summary>Reads CQL's text, as <c>system_schema.columns.type</c> has it: <c>map&lt;text, frozen&lt;list&lt;int&gt;&gt;&gt;</c>. <c>frozen</c> is dropped.</summary>
    /// <param name="udt">Finds user-defined types by name; null: they become custom types.</param>
    /// <exception cref="FormatException">It is not a type.</exception>
    public static CqlType Parse(string text, Func<string, CqlType?>? udt = null) => CqlTypeText.Parse(text, udt);

    /// <summary>Reads an [option]; null, and <see cref="CqlReader.Failed"/>, where there is none.</summary>
    public static CqlType? Read(ref CqlReader reader, int depth = 0)
    {
        var code = (CqlTypeCode)reader.Short();
        if (reader.Failed || depth > DepthMax)
        {
            reader.Skip(-1);
            return null;
        }
        switch (code)
        {
            case CqlTypeCode.Custom: return MarshalType.Read(reader.String());
            case CqlTypeCode.List: return Read(ref reader, depth + 1) is { } item ? List(item) : null;
            case CqlTypeCode.Set: return Read(ref reader, depth + 1) is { } member ? Set(member) : null;
            case CqlTypeCode.Map: return Read(ref reader, depth + 1) is { } key && Read(ref reader, depth + 1) is { } value ? Map(key, value) : null;
            case CqlTypeCode.Tuple: return ReadTuple(ref reader, depth);
            case CqlTypeCode.Udt: return ReadUdt(ref reader, depth);
            default: return PlainTypes.TryGetValue(code, out var plain) ? plain : Custom($"type code 0x{(int)code:X4}");
        }
    }

    public bool Equals(CqlType? other) =>
        ReferenceEquals(this, other)
        || other is not null && Code == other.Code && Name == other.Name && Dimension == other.Dimension && Arguments.SequenceEqual(other.Arguments) && FieldNames.SequenceEqual(other.FieldNames);

    public override bool Equals(object? obj) => Equals(obj as CqlType);

    public override int GetHashCode() => HashCode.Combine(Code, Name, Dimension, Arguments.Count);

    /// <summary>The type as CQL, without <c>frozen</c>.</summary>
    public override string ToString() => Code switch
    {
        CqlTypeCode.Custom => $"'{Name}'",
        CqlTypeCode.Udt => Name,
        CqlTypeCode.Vector => $"vector<{Arguments[0]}, {Dimension}>",
        _ when Arguments.Count > 0 => $"{CqlTypeText.NameOf(Code)}<{string.Join(", ", Arguments)}>",
        _ => CqlTypeText.NameOf(Code),
    };

    private static CqlType? ReadTuple(ref CqlReader reader, int depth)
    {
        var fields = new CqlType[reader.Count(reader.Short(), 2)];
        for (int i = 0; i < fields.Length; i++)
        {
            if (Read(ref reader, depth + 1) is not { } field) return null;
            fields[i] = field;
        }
        return Tuple(fields);
    }

    private static CqlType? ReadUdt(ref CqlReader reader, int depth)
    {
        string name = $"{reader.String()}.{reader.String()}";
        var fields = new (string, CqlType)[reader.Count(reader.Short(), 4)];
        for (int i = 0; i < fields.Length; i++)
        {
            string field = reader.String();
            if (Read(ref reader, depth + 1) is not { } type) return null;
            fields[i] = (field, type);
        }
        return Udt(name, fields);
    }
}
