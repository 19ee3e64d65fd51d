using System.Text.Json.Serialization;

namespace Etl.Cli.Doctor;

/// <summary>How a check ended.</summary>
internal enum Health
{
    Ok,

    /// <summary>Works, but somebody should look.</summary>
    Warn,

    Fail,
}

/// <param name="Check">What was looked at, in a word or two.</param>
/// <param name="Expected">null where it is as expected, or where <paramref name="Found"/> says it.</param>
/// <param name="Remedy">What to do about it; null where it is as expected, or where <paramref name="Found"/> says it.</param>
internal sealed record Finding(string Check, Health Health, string Found, string? Expected = null, string? Remedy = null)
{
    /// <summary>Whether it fails because a server does not answer.</summary>
    [JsonIgnore] public bool IsAway { get; init; }

    [JsonIgnore] public string Text => Found + (Expected is null ? "" : $"; expected {Expected}") + (Remedy is null ? "" : $": {Remedy}");

    public static Finding Ok(string check, string found) => new(check, Health.Ok, found);

    public static Finding Warn(string check, string found, string? expected = null, string? remedy = null) => new(check, Health.Warn, found, expected, remedy);

    public static Finding Fail(string check, string found, string? expected = null, string? remedy = null) => new(check, Health.Fail, found, expected, remedy);

    public static Finding Away(string check, string found, string? expected = null, string? remedy = null) => new(check, Health.Fail, found, expected, remedy) { IsAway = true };
}
