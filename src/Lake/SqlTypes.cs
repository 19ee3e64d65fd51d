using System.Globalization;
using System.Text;
using Etl.Codecs.Columns;

namespace Etl.Lake;

/// <summary>Reads a column type from its SQL text, the way <see cref="ColumnType.ToSql"/> writes it.</summary>
public static class SqlTypes
{
    /// <summary>Deepest nesting of lists, structs and maps.</summary>
    public const int DepthMax = 64;

    /// <exception cref="FormatException">Not the text of a type of ours; says what was found where.</exception>
    public static ColumnType Parse(string text)
    {
        var reader = new Reader(text);
        var type = reader.Type(0);
        reader.End();
        return type;
    }

    private sealed class Reader(string text)
    {
        private int _at;

        public ColumnType Type(int depth)
        {
            if (depth > DepthMax) throw new FormatException($"type is nested deeper than {DepthMax}: {text[..80]}…");
            var type = Plain(Word(), depth);
            while (Take("[]")) type = ColumnType.List(type);
            return type;
        }

        public void End()
        {
            if (_at != text.Length) throw Wrong("the end");
        }

        private ColumnType Plain(string word, int depth) => word switch
        {
            "BOOLEAN" => ColumnType.Of(ColumnKind.Boolean),
            "INTEGER" => ColumnType.Of(ColumnKind.Int32),
            "BIGINT" => ColumnType.Of(ColumnKind.Int64),
            "HUGEINT" => ColumnType.Of(ColumnKind.Int128),
            "FLOAT" => ColumnType.Of(ColumnKind.Float),
            "DOUBLE" => ColumnType.Of(ColumnKind.Double),
            "VARCHAR" => ColumnType.Of(ColumnKind.Text),
            "BLOB" => ColumnType.Of(ColumnKind.Bytes),
            "DATE" => ColumnType.Of(ColumnKind.Date),
            "TIME" => ColumnType.Of(ColumnKind.Time),
            "TIMESTAMPTZ" => ColumnType.Of(ColumnKind.Timestamp),
            "TIMESTAMP" => ColumnType.Of(ColumnKind.LocalTimestamp),
            "UUID" => ColumnType.Of(ColumnKind.Uuid),
            "INTERVAL" => ColumnType.Of(ColumnKind.Interval),
            "DECIMAL" => Decimal(),
            "STRUCT" => Struct(depth),
            "MAP" => Map(depth),
            _ => throw Wrong("a type such as BIGINT, DECIMAL(18,4), STRUCT(\"a\" DOUBLE) or VARCHAR[]"),
        };

        private ColumnType Decimal()
        {
            Need("(");
            int precision = Number(1, 38);
            Need(",");
            int scale = Number(0, precision);
            Need(")");
            return ColumnType.Decimal(precision, scale);
        }

        private ColumnType Struct(int depth)
        {
            var fields = new List<ColumnField>();
            Need("(");
            do
            {
                string name = Name();
                Need(" ");
                fields.Add(new(name, Type(depth + 1), true));
            }
            while (Take(", "));
            Need(")");
            return ColumnType.Struct(fields);
        }

        private ColumnType Map(int depth)
        {
            Need("(");
            var key = Type(depth + 1);
            Need(", ");
            var value = Type(depth + 1);
            Need(")");
            return ColumnType.Map(key, value);
        }

        private string Word()
        {
            int start = _at;
            while (_at < text.Length && char.IsAsciiLetterUpper(text[_at])) _at++;
            return text[start.._at];
        }

        private string Name()
        {
            var name = new StringBuilder();
            Need("\"");
            while (true)
            {
                if (_at == text.Length) throw Wrong("\"");
                char next = text[_at++];
                if (next == '"' && !Take("\"")) return name.ToString();
                name.Append(next);
            }
        }

        private int Number(int least, int most)
        {
            int start = _at;
            while (_at < text.Length && char.IsAsciiDigit(text[_at])) _at++;
            return int.TryParse(text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
                ? number
                : throw Wrong($"a number from {least} to {most}");
        }

        private bool Take(string token)
        {
            if (string.CompareOrdinal(text, _at, token, 0, token.Length) != 0) return false;
            _at += token.Length;
            return true;
        }

        private void Need(string token)
        {
            if (!Take(token)) throw Wrong($"\"{token}\"");
        }

        private FormatException Wrong(string expected) => new($"type \"{text}\": expected {expected} at letter {_at + 1}");
    }
}
