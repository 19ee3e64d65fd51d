using System.Globalization;
using Etl.Codecs.Columns;

namespace Etl.Sinks.MySql;

/// <summary>A column's type in MySQL or MariaDB.</summary>
/// <param name="Name">Lower case, without size.</param>
/// <param name="Size">Letters of a text, digits of a decimal, fraction digits of a time; else 0.</param>
/// <param name="Scale">Digits of a decimal behind the point.</param>
internal readonly record struct MySqlColumnType(string Name, int Size = 0, int Scale = 0)
{
    private const int DecimalDigitsMax = 65, DecimalScaleMax = 30;

    /// <summary>The type that holds a result's column. FLOAT is a DOUBLE too: clients that read text see only six digits of a FLOAT.</summary>
    /// <param name="keyLetters">For a column of the key: the letters a text may have; else null.</param>
    public static MySqlColumnType Of(ColumnType type, int? keyLetters) => type.Kind switch
    {
        ColumnKind.Boolean => new("tinyint", 1),
        ColumnKind.Int32 => new("int"),
        ColumnKind.Int64 => new("bigint"),
        ColumnKind.Int128 => new("decimal", 39),
        ColumnKind.Float or ColumnKind.Double => new("double"),
        ColumnKind.Decimal => new("decimal", Math.Max(type.Precision, type.Scale), type.Scale),
        ColumnKind.Date => new("date"),
        ColumnKind.Time => new("time", 6),
        ColumnKind.Timestamp or ColumnKind.LocalTimestamp => new("datetime", 6),
        ColumnKind.Uuid => new("char", 36),
        _ => keyLetters is { } letters ? new("varchar", letters) : new("longtext"),
    };

    /// <summary>Reads COLUMN_TYPE of the information schema. MySQL 8 leaves out the display width of whole numbers, which means nothing.</summary>
    public static MySqlColumnType Parse(string columnType)
    {
        int open = columnType.IndexOf('(', StringComparison.Ordinal), close = columnType.IndexOf(')', StringComparison.Ordinal);
        if (open < 0 || close < open || columnType[(close + 1)..].Length > 0) return new(columnType);
        string name = columnType[..open];
        if (name is "int" or "bigint") return new(name);
        int[] sizes = [.. columnType[(open + 1)..close].Split(',').Select(size => int.TryParse(size, CultureInfo.InvariantCulture, out int number) ? number : 0)];
        return new(name, sizes[0], sizes.Length > 1 ? sizes[1] : 0);
    }

    /// <summary>The narrowest type that holds the values of both; null if none does.</summary>
    public MySqlColumnType? With(MySqlColumnType other)
    {
        if (this == other) return this;
        if (Name == "varchar" && other.Name == "varchar") return this with { Size = Math.Max(Size, other.Size) };
        if (Whole() is not { } a || other.Whole() is not { } b) return null;
        if (Name != "decimal" && other.Name != "decimal") return new("bigint");
        int scale = Math.Max(a.Scale, b.Scale), digits = scale + Math.Max(a.Size - a.Scale, b.Size - b.Scale);
        return digits <= DecimalDigitsMax && scale <= DecimalScaleMax ? new("decimal", digits, scale) : null;
    }

    /// <param name="collation">Binary, without padding; of the server at hand.</param>
    public string ToSql(string collation) => Name switch
    {
        "varchar" => $"VARCHAR({Size}) CHARACTER SET utf8mb4 COLLATE {collation}",
        "longtext" => $"LONGTEXT CHARACTER SET utf8mb4 COLLATE {collation}",
        "char" => $"CHAR({Size}) CHARACTER SET ascii COLLATE ascii_bin",
        _ => ToString(),
    };

    public override string ToString() => Name.ToUpperInvariant() + (Name == "decimal" ? $"({Size},{Scale})" : Size > 0 ? $"({Size})" : "");

    // A number without a fraction is a decimal of so many digits.
    private (int Size, int Scale)? Whole() => Name switch { "int" => (10, 0), "bigint" => (19, 0), "decimal" => (Size, Scale), _ => null };
}
