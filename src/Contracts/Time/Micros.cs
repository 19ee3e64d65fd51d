namespace Etl.Contracts.Time;

/// <summary>Instants as whole microseconds since 1970-01-01 UTC: how columns, the store and Avro's timestamp-micros hold them.</summary>
public static class Micros
{
    public const long PerHour = 3_600_000_000;

    public static long Of(DateTimeOffset instant) => (instant.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset ToInstant(long micros) => new(DateTime.UnixEpoch.Ticks + micros * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

    /// <summary>The start of the UTC hour, also before 1970.</summary>
    public static long HourOf(long micros) => micros - ((micros % PerHour + PerHour) % PerHour);
}
