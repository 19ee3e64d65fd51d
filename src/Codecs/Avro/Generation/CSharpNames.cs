using System.Text;

namespace Etl.Codecs.Avro.Generation;

/// <summary>C# names for Avro's: <c>engine_speed</c> is <c>EngineSpeed</c>, <c>FULL_STOP</c> is <c>FullStop</c>.</summary>
internal static class CSharpNames
{
    public static string Pascal(string name)
    {
        bool shouts = name.Count(char.IsLetter) > 1 && !name.Any(char.IsLower);
        var text = new StringBuilder();
        foreach (string part in name.Split('_', StringSplitOptions.RemoveEmptyEntries))
        {
            text.Append(char.ToUpperInvariant(part[0])).Append(shouts ? part[1..].ToLowerInvariant() : part[1..]);
        }
        return text.Length == 0 || char.IsDigit(text[0]) ? "_" + text : text.ToString();
    }

    private static readonly HashSet<string> Keywords =
    [
        "abstract", "as", "base", "bool", "break", "byte", "case", "catch", "char", "checked", "class", "const", "continue", "decimal", "default", "delegate", "do",
        "double", "else", "enum", "event", "explicit", "extern", "false", "finally", "fixed", "float", "for", "foreach", "goto", "if", "implicit", "in", "int",
        "interface", "internal", "is", "lock", "long", "namespace", "new", "null", "object", "operator", "out", "override", "params", "private", "protected", "public",
        "readonly", "ref", "return", "sbyte", "sealed", "short", "sizeof", "stackalloc", "static", "string", "struct", "switch", "this", "throw", "true", "try",
        "typeof", "uint", "ulong", "unchecked", "unsafe", "ushort", "using", "virtual", "void", "volatile", "while",
    ];

    /// <summary>A local variable's name for a property's.</summary>
    public static string Local(string pascal)
    {
        string name = char.ToLowerInvariant(pascal[0]) + pascal[1..];
        return Keywords.Contains(name) ? "@" + name : name;
    }

    public static string Literal(string text)
    {
        var literal = new StringBuilder("\"");
        foreach (char one in text)
        {
            literal.Append(one switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                < ' ' or '\u007F' or '\u0085' or '\u2028' or '\u2029' => $"\\u{(int)one:X4}",
                _ => one.ToString(),
            });
        }
        return literal.Append('"').ToString();
    }

    /// <summary>Text for an XML doc comment, on one line.</summary>
    public static string Xml(string text) => string.Join(' ', text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal).Split((char[])[' ', '\r', '\n', '\t', '\u0085', '\u2028', '\u2029'], StringSplitOptions.RemoveEmptyEntries));
}
