using System.Globalization;

namespace Etl.Codecs.Cql;

/// <summary>Types as CQL writes them.</summary>
internal static class CqlTypeText
{
    private static readonly Dictionary<string, CqlTypeCode> Codes = Enum.GetValues<CqlTypeCode>()
        .Where(code => code is not (CqlTypeCode.Custom or CqlTypeCode.Udt)).ToDictionary(NameOf);

    public static string NameOf(CqlTypeCode code) => code.ToString().ToLowerInvariant();

    public static CqlType Parse(string text, Func<string, CqlType?>? udt)
    {
        int at = 0;
        var type = ParseOne(text, ref at, udt, 0);
        SkipBlanks(text, ref at);
        return at == text.Length ? type : throw Wrong(text, at, "the end");
    }

    private static CqlType ParseOne(string text, ref int at, Func<string, CqlType?>? udt, int depth)
    {
        if (depth > CqlType.DepthMax) throw Wrong(text, at, $"at most {CqlType.DepthMax} types inside each other");
        SkipBlanks(text, ref at);
        if (at < text.Length && text[at] is '\'') return ParseQuoted(text, ref at);
        string name = ParseName(text, ref at);
        SkipBlanks(text, ref at);
        if (at >= text.Length || text[at] != '<')
            return name == "varchar" ? CqlType.Of(CqlTypeCode.Text)
                : Codes.TryGetValue(name, out var code) && code < CqlTypeCode.List ? CqlType.Of(code)
                : udt?.Invoke(name) ?? CqlType.Custom(name);
        at++;
        var arguments = new List<CqlType>();
        int dimension = 0;
        do
        {
            SkipBlanks(text, ref at);
            if (name == "vector" && arguments.Count == 1) dimension = ParseNumber(text, ref at);
            else arguments.Add(ParseOne(text, ref at, udt, depth + 1));
            SkipBlanks(text, ref at);
        }
        while (at < text.Length && text[at++] == ',');
        if (text[at - 1] != '>') throw Wrong(text, at, "\">\"");
        return (name, arguments) switch
        {
            ("frozen", [var inner]) => inner,
            ("list", [var element]) => CqlType.List(element),
            ("set", [var element]) => CqlType.Set(element),
            ("map", [var key, var value]) => CqlType.Map(key, value),
            ("tuple", _) => CqlType.Tuple(arguments),
            ("vector", [var element]) when dimension > 0 => CqlType.Vector(element, dimension),
            _ => throw Wrong(text, at, $"the arguments of {name}"),
        };
    }

    private static CqlType ParseQuoted(string text, ref int at)
    {
        int end = text.IndexOf('\'', at + 1);
        if (end < 0) throw Wrong(text, at, "a closing quote");
        string name = text[(at + 1)..end];
        at = end + 1;
        return MarshalType.Read(name);
    }

    private static string ParseName(string text, ref int at)
    {
        int start = at;
        bool quoted = false;
        for (; at < text.Length && (quoted || !char.IsWhiteSpace(text[at]) && text[at] is not ('<' or '>' or ',')); at++)
            if (text[at] == '"') quoted = !quoted;
        return at > start ? text[start..at] : throw Wrong(text, at, "a type");
    }

    private static int ParseNumber(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        return int.TryParse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture, out int value) ? value : throw Wrong(text, at, "a number");
    }

    private static void SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
    }

    private static FormatException Wrong(string text, int at, string expected) => new($"\"{text}\" is no CQL type: at character {at + 1} expected {expected}");
}
