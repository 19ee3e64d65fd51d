using System.Globalization;
using System.Text;

namespace Etl.Codecs.Cql;

/// <summary>Types as Cassandra's classes, the way custom ones are sent: <c>org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.FloatType,3)</c>.</summary>
internal static class MarshalType
{
    private const string Package = "org.apache.cassandra.db.marshal.";

    private static readonly Dictionary<string, CqlTypeCode> Classes = new()
    {
        ["AsciiType"] = CqlTypeCode.Ascii, ["LongType"] = CqlTypeCode.Bigint, ["BytesType"] = CqlTypeCode.Blob, ["BooleanType"] = CqlTypeCode.Boolean, ["CounterColumnType"] = CqlTypeCode.Counter,
        ["DecimalType"] = CqlTypeCode.Decimal, ["DoubleType"] = CqlTypeCode.Double, ["FloatType"] = CqlTypeCode.Float, ["Int32Type"] = CqlTypeCode.Int, ["TimestampType"] = CqlTypeCode.Timestamp,
        ["DateType"] = CqlTypeCode.Timestamp, ["UUIDType"] = CqlTypeCode.Uuid, ["UTF8Type"] = CqlTypeCode.Text, ["IntegerType"] = CqlTypeCode.Varint, ["TimeUUIDType"] = CqlTypeCode.Timeuuid,
        ["InetAddressType"] = CqlTypeCode.Inet, ["SimpleDateType"] = CqlTypeCode.Date, ["TimeType"] = CqlTypeCode.Time, ["ShortType"] = CqlTypeCode.Smallint, ["ByteType"] = CqlTypeCode.Tinyint,
        ["DurationType"] = CqlTypeCode.Duration,
    };

    /// <summary>The type of a class; a custom one where we do not know it.</summary>
    public static CqlType Read(string className)
    {
        int at = 0;
        return ReadOne(className, ref at, 0) is { } type && at == className.Length ? type : CqlType.Custom(className);
    }

    private static CqlType? ReadOne(string text, ref int at, int depth)
    {
        if (depth > CqlType.DepthMax) return null;
        string name = Word(text, ref at);
        if (name.StartsWith(Package, StringComparison.Ordinal)) name = name[Package.Length..];
        if (at >= text.Length || text[at] != '(') return Classes.TryGetValue(name, out var code) ? CqlType.Of(code) : null;
        at++;
        var type = name switch
        {
            "FrozenType" or "ReversedType" => ReadOne(text, ref at, depth + 1),
            "ListType" => ReadOne(text, ref at, depth + 1) is { } item ? CqlType.List(item) : null,
            "SetType" => ReadOne(text, ref at, depth + 1) is { } member ? CqlType.Set(member) : null,
            "MapType" => ReadOne(text, ref at, depth + 1) is { } key && Comma(text, ref at) && ReadOne(text, ref at, depth + 1) is { } value ? CqlType.Map(key, value) : null,
            "VectorType" => ReadOne(text, ref at, depth + 1) is { } element && Comma(text, ref at) && Number(text, ref at) is > 0 and <= 8192 and var dimension ? CqlType.Vector(element, dimension) : null,
            "TupleType" => ReadFields(text, ref at, depth) is { } fields ? CqlType.Tuple(fields) : null,
            "UserType" => ReadUser(text, ref at, depth),
            _ => null,
        };
        return type is not null && at < text.Length && text[at++] == ')' ? type : null;
    }

    private static List<CqlType>? ReadFields(string text, ref int at, int depth)
    {
        var fields = new List<CqlType>();
        do
        {
            if (ReadOne(text, ref at, depth + 1) is not { } field) return null;
            fields.Add(field);
        }
        while (Comma(text, ref at));
        return fields;
    }

    // UserType(keyspace,hex of name,hex of field:Type,…)
    private static CqlType? ReadUser(string text, ref int at, int depth)
    {
        string keyspace = Word(text, ref at);
        if (!Comma(text, ref at) || FromHex(Word(text, ref at)) is not { } name) return null;
        var fields = new List<(string, CqlType)>();
        while (Comma(text, ref at))
        {
            if (FromHex(Word(text, ref at)) is not { } field || at >= text.Length || text[at++] != ':' || ReadOne(text, ref at, depth + 1) is not { } type) return null;
            fields.Add((field, type));
        }
        return CqlType.Udt($"{keyspace}.{name}", fields);
    }

    private static string Word(string text, ref int at)
    {
        while (at < text.Length && text[at] == ' ') at++;
        int start = at;
        while (at < text.Length && text[at] is not ('(' or ')' or ',' or ':' or ' ')) at++;
        return text[start..at];
    }

    private static bool Comma(string text, ref int at)
    {
        while (at < text.Length && text[at] == ' ') at++;
        if (at >= text.Length || text[at] != ',') return false;
        at++;
        return true;
    }

    private static int Number(string text, ref int at) => int.TryParse(Word(text, ref at), CultureInfo.InvariantCulture, out int value) ? value : 0;

    private static string? FromHex(string hex) => hex.Length % 2 == 0 && hex.All(char.IsAsciiHexDigit) ? Encoding.UTF8.GetString(Convert.FromHexString(hex)) : null;
}
