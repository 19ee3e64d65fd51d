namespace Etl.Sources.OpenMeteo;

/// <summary>What an answer says of one place, as read: not yet held against what was asked.</summary>
internal sealed class PlaceAnswer
{
    public double? Latitude { get; set; }

    public double? Longitude { get; set; }

    /// <summary>By which all local times of this answer are ahead of UTC, whatever the season.</summary>
    public int UtcOffsetSeconds { get; set; }

    /// <summary>By variable; null when the answer has no such section.</summary>
    public Dictionary<string, string>? Units { get; set; }

    /// <summary>Seconds since 1970 of the answer's own wall clock; null when the answer has no such section.</summary>
    public List<long>? Times { get; set; }

    public Dictionary<string, List<double?>> Columns { get; } = [];
}
