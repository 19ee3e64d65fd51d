using System.Globalization;
using Etl.Cli.Settings;
using Etl.Contracts.Time;

namespace Etl.Cli.Why;

/// <summary>A window as people write it: <c>2026-03-01T06:00Z</c> for the hour that holds the instant, <c>2026-03-01</c> for a day of the zone.</summary>
internal static class WindowText
{
    private static readonly string[] Instants = ["yyyy-MM-dd'T'HH'Z'", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd HH:mm'Z'"];

    /// <exception cref="UsageException">It is neither, or not of the grain.</exception>
    public static Window Parse(string text, Grain grain, WindowCalendar calendar, string dataset)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            if (grain == Grain.Hour) throw new UsageException($"window: found the date \"{text}\", but {dataset} has hours; expected an instant such as {text}T06:00Z");
            try { return calendar.Day(date); }
            catch (ArgumentException error) { throw new UsageException($"window: {error.Message}"); }
        }
        if (DateTimeOffset.TryParseExact(text, Instants, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant))
        {
            if (grain == Grain.Day) throw new UsageException($"window: found the instant \"{text}\", but {dataset} has days of {calendar.Zone}; expected a date such as {calendar.DateOf(instant):yyyy-MM-dd}");
            return calendar.HourOf(instant);
        }
        throw new UsageException($"window: found \"{text}\", expected {(grain == Grain.Hour ? "an instant such as 2026-03-01T06:00Z" : $"a date of {calendar.Zone} such as 2026-03-01")}");
    }
}
