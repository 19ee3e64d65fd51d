using System.Globalization;
using System.Numerics;
using Etl.Codecs.Columns;

namespace Etl.Sinks;

/// <summary>Reads values that a sink holds as text back into the form of <see cref="PublishedValue"/>.</summary>
internal static class PublishedText
{
    public static object Read(string text, ColumnType type) => type.Kind switch
    {
        ColumnKind.Decimal => ReadDecimal(text, type.Scale),
        ColumnKind.Date => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        ColumnKind.Time => text.StartsWith("24:", StringComparison.Ordinal) ? new TimeOnly(863_999_999_990) : TimeOnly.Parse(text, CultureInfo.InvariantCulture),
        ColumnKind.Timestamp => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        ColumnKind.LocalTimestamp => DateTime.Parse(text, CultureInfo.InvariantCulture),
        ColumnKind.Uuid => Guid.Parse(text),
        _ => text,
    };

    /// <summary>A decimal where .NET's holds it, else its digits: the form of <see cref="ColumnValue"/>.</summary>
    /// <param name="scale">Digits behind the point that the result has; the text may have more of them, all 0.</param>
    public static object ReadDecimal(string text, int scale)
    {
        int point = text.IndexOf('.', StringComparison.Ordinal);
        string whole = point < 0 ? text : text[..point], fraction = (point < 0 ? "" : text[(point + 1)..]).PadRight(scale, '0')[..scale];
        string exact = scale == 0 ? whole : $"{whole}.{fraction}";
        var size = BigInteger.Abs(BigInteger.Parse(whole + fraction, CultureInfo.InvariantCulture));
        return size < BigInteger.One << 96 && scale <= 28 ? decimal.Parse(exact, CultureInfo.InvariantCulture) : exact;
    }
}
