using System.Globalization;

namespace Etl.Contracts.Time;

/// <summary>How long a window is: an hour or a local day of a zone.</summary>
public enum Grain
{
    /// <summary>An hour of the zone's wall clock; shorter where the zone's offset changes inside.</summary>
    Hour,

    /// <summary>A local date of the zone: 23 to 25 hours.</summary>
    Day,
}

/// <summary>A half-open interval of instants, [<see cref="Start"/>, <see cref="End"/>). Its bounds are stored when it is planned.</summary>
/// <remarks>Identity: an hour is its start; a day its zone and local date. Both are one-to-one with (grain, start) inside one DAG.</remarks>
public readonly record struct Window
{
    public Window(Grain grain, DateTimeOffset start, DateTimeOffset end, string zone = "UTC")
    {
        if (end <= start) throw new ArgumentException($"a window must end after it starts; found {start:O} to {end:O}", nameof(end));
        (Grain, Start, End, Zone) = (grain, start.ToUniversalTime(), end.ToUniversalTime(), zone);
    }

    public Grain Grain { get; }

    /// <summary>Included; UTC.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>Excluded; UTC.</summary>
    public DateTimeOffset End { get; }

    /// <summary>IANA name of the zone whose hours or days these are.</summary>
    public string Zone { get; }

    public bool Contains(DateTimeOffset instant) => instant >= Start && instant < End;

    /// <summary>As people write it: <c>2026-03-01T07:00Z</c>, or <c>2026-03-01</c> for a day of its zone.</summary>
    public override string ToString() => Grain == Grain.Hour
        ? Start.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture)
        : WindowCalendar.Of(Zone).DateOf(Start).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
