namespace Etl.Codecs.Columns;

/// <summary>What columns of times hold: the years 1 to 9999, as .NET and SQL do, and the 24 hours of a day. Other values of the data are faults.</summary>
public static class ColumnRange
{
    /// <summary>0001-01-01T00:00:00, in microseconds since 1970.</summary>
    public const long MicrosMin = -62_135_596_800_000_000;

    /// <summary>9999-12-31T23:59:59.999999, in microseconds since 1970.</summary>
    public const long MicrosMax = 253_402_300_799_999_999;

    /// <summary>0001-01-01, in days since 1970.</summary>
    public const int DayMin = -719_162;

    /// <summary>9999-12-31, in days since 1970.</summary>
    public const int DayMax = 2_932_896;

    /// <summary>23:59:59.999999, in microseconds since midnight.</summary>
    public const long TimeMax = 86_399_999_999;

    internal const ulong MicrosSpan = MicrosMax - MicrosMin;
}
