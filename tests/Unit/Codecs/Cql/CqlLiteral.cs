using System.Globalization;
using System.Net;
using System.Numerics;
using Etl.Codecs.Cql;

namespace Etl.Tests.Unit.Codecs.Cql;

/// <summary>Reads the literals of the vectors as objects of .NET.</summary>
internal static class CqlLiteral
{
    public static object? Read(CqlType type, string text)
    {
        if (text == "null") return null;
        return type.Code switch
        {
            CqlTypeCode.Ascii or CqlTypeCode.Text => Unquoted(text),
            CqlTypeCode.Boolean => bool.Parse(text),
            CqlTypeCode.Tinyint => sbyte.Parse(text, CultureInfo.InvariantCulture),
            CqlTypeCode.Smallint => short.Parse(text, CultureInfo.InvariantCulture),
            CqlTypeCode.Int => int.Parse(text, CultureInfo.InvariantCulture),
            CqlTypeCode.Bigint => long.Parse(text, CultureInfo.InvariantCulture),
            CqlTypeCode.Float => float.Parse(text, CultureInfo.InvariantCulture),
            CqlTypeCode.Double => double.Parse(text, CultureInfo.InvariantCulture),
            CqlTypeCode.Varint => BigInteger.Parse(text, CultureInfo.InvariantCulture),
            CqlTypeCode.Decimal => CqlDecimal.Parse(text),
            CqlTypeCode.Timestamp => DateTimeOffset.ParseExact(Unquoted(text), "yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture),
            CqlTypeCode.Date => LocalDate.Of(DateOnly.ParseExact(Unquoted(text), "yyyy-MM-dd", CultureInfo.InvariantCulture)),
            CqlTypeCode.Time => Time(Unquoted(text)),
            CqlTypeCode.Duration => Span(text),
            CqlTypeCode.Uuid or CqlTypeCode.Timeuuid => Guid.Parse(text),
            CqlTypeCode.Inet => IPAddress.Parse(Unquoted(text)),
            CqlTypeCode.Blob => Convert.FromHexString(text[2..]),
            CqlTypeCode.List or CqlTypeCode.Vector => Parts(text).Select(part => Read(type.Arguments[0], part)).ToArray(),
            CqlTypeCode.Set => Parts(text).Order(StringComparer.Ordinal).Select(part => Read(type.Arguments[0], part)).ToArray(), // as the server sorts them
            CqlTypeCode.Map => Pairs(text).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(pair => Read(type.Arguments[0], pair.Key)!, pair => Read(type.Arguments[1], pair.Value)),
            CqlTypeCode.Tuple => Parts(text).Select((part, i) => Read(type.Arguments[i], part)).ToArray(),
            CqlTypeCode.Udt => Pairs(text).ToDictionary(pair => pair.Key, pair => Read(type.Arguments[type.FieldNames.ToList().IndexOf(pair.Key)], pair.Value)),
            _ => throw new InvalidOperationException($"no literal of {type}"),
        };
    }

    private static string Unquoted(string text) => text[1..^1];

    private static LocalTime Time(string text)
    {
        string[] parts = text.Split('.');
        long seconds = TimeOnly.ParseExact(parts[0], "HH:mm:ss", CultureInfo.InvariantCulture).Ticks / TimeSpan.TicksPerSecond;
        return new(seconds * 1_000_000_000 + (parts.Length > 1 ? long.Parse(parts[1].PadRight(9, '0'), CultureInfo.InvariantCulture) : 0));
    }

    private static Duration Span(string text)
    {
        bool negative = text.StartsWith('-');
        long months = 0, days = 0, nanos = 0;
        for (int at = negative ? 1 : 0; at < text.Length;)
        {
            int start = at;
            while (char.IsAsciiDigit(text[at])) at++;
            long count = long.Parse(text[start..at], CultureInfo.InvariantCulture);
            start = at;
            while (at < text.Length && char.IsAsciiLetter(text[at])) at++;
            switch (text[start..at])
            {
                case "mo": months += count; break;
                case "d": days += count; break;
                case "h": nanos += count * 3_600_000_000_000; break;
                case "s": nanos += count * 1_000_000_000; break;
                case "ns": nanos += count; break;
                default: throw new FormatException(text);
            }
        }
        return negative ? new((int)-months, (int)-days, -nanos) : new((int)months, (int)days, nanos);
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(string text) =>
        Parts(text).Select(part => part.Split(": ", 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1]));

    // Splits what is between the outermost brackets at its commas.
    private static IEnumerable<string> Parts(string text)
    {
        int depth = 0, start = 1;
        for (int at = 1; at < text.Length; at++)
        {
            if (text[at] is '[' or '{' or '(') depth++;
            if (depth == 0 && (text[at] == ',' || at == text.Length - 1))
            {
                if (at > start) yield return text[start..at].Trim();
                start = at + 1;
            }
            if (text[at] is ']' or '}' or ')') depth--;
        }
    }
}
