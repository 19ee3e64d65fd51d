using System.Globalization;
using System.Text;
using Etl.Contracts;

namespace Etl.Sinks;

/// <summary>Times as SQL text: whole seconds without a fraction, else six digits. So text order is time order, and <c>hour = '2026-03-01 07:00:00'</c> finds its rows.</summary>
internal static class SqlText
{
    /// <summary>Longest text of an instant.</summary>
    public const int InstantBytesMax = 26;

    private const long MicrosMin = -62_135_596_800_000_000, MicrosMax = 253_402_300_799_999_999;
    private const int DaysMin = -719_162, DaysMax = 2_932_896;

    /// <exception cref="StoreException">Outside the years 1 to 9999.</exception>
    public static DateTime Instant(long micros, string column) => micros is >= MicrosMin and <= MicrosMax
        ? new(DateTime.UnixEpoch.Ticks + micros * TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc)
        : throw Outside(column, $"{micros} microseconds since 1970");

    /// <exception cref="StoreException">Outside the years 1 to 9999.</exception>
    public static DateOnly Date(int days, string column) => days is >= DaysMin and <= DaysMax
        ? DateOnly.FromDayNumber(days - DaysMin)
        : throw Outside(column, $"{days} days since 1970");

    /// <returns>Bytes written.</returns>
    public static int WriteInstant(long micros, string column, Span<byte> to)
    {
        var instant = Instant(micros, column);
        instant.TryFormat(to, out int length, Format(instant.Ticks), CultureInfo.InvariantCulture);
        return length;
    }

    /// <param name="micros">Since midnight; 24:00:00 included.</param>
    public static int WriteTime(long micros, Span<byte> to)
    {
        long seconds = micros / 1_000_000, fraction = micros % 1_000_000;
        string text = FormattableString.Invariant($"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}") + (fraction == 0 ? "" : FormattableString.Invariant($".{fraction:000000}"));
        return Encoding.ASCII.GetBytes(text, to);
    }

    public static string InstantText(DateTime instant) => instant.ToString(Format(instant.Ticks), CultureInfo.InvariantCulture);

    public static string DateText(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Format(long ticks) => ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd HH:mm:ss" : "yyyy-MM-dd HH:mm:ss.ffffff";

    private static StoreException Outside(string column, string found) => new($"column \"{column}\": found {found}, expected a time in the years 1 to 9999; mend the SQL", isTransient: false);
}
