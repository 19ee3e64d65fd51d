using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Etl.Contracts.Workflow;

namespace Etl.Sources.OpenMeteo;

/// <summary>Says what an answer other than 200 means: its reasons are text, not codes, and it names no time to come back but in words.</summary>
internal static class OpenMeteoTrouble
{
    private const int ReasonCharactersMax = 300;
    private static readonly TimeSpan OneMinute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BusyPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PauseMax = TimeSpan.FromDays(2); // a source that asks for more is asked again then

    /// <param name="where">Which call it was.</param>
    /// <param name="body">The first bytes of the answer.</param>
    /// <param name="now">By the wall clock: limits by hour and day end with those.</param>
    public static SourceException Of(string where, HttpStatusCode status, RetryConditionHeaderValue? retryAfter, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        string reason = ReasonOf(body);
        string found = $"{where}: found {(int)status} {status}{(reason.Length > 0 ? $", \"{reason}\"" : "")}";
        var asked = PauseOf(retryAfter, now);
        return (int)status switch
        {
            429 => new(FailureClass.Throttled, $"{found}, expected data: the source's limit is reached", asked ?? PauseOf(reason, now)),
            503 when asked is { } pause => new(FailureClass.Throttled, $"{found}, expected data: the source is overloaded", pause),
            408 or >= 500 => new(FailureClass.Transient, $"{found}, expected data: the source may recover"),
            400 => new(FailureClass.Contract, $"{found}, expected data: the source refuses what is asked of it"),
            401 or 403 => new(FailureClass.Contract, $"{found}, expected data: check the API key"),
            _ => new(FailureClass.Contract, $"{found}, expected data: check the source's address"),
        };
    }

    /// <summary>How long a limit lasts that is told in words.</summary>
    internal static TimeSpan PauseOf(string reason, DateTimeOffset now)
    {
        var utc = now.UtcDateTime;
        if (reason.StartsWith("Too many concurrent", StringComparison.OrdinalIgnoreCase)) return BusyPause;
        if (reason.StartsWith("Hourly", StringComparison.OrdinalIgnoreCase)) return utc.Date.AddHours(utc.Hour + 1) - utc + OneMinute;
        if (reason.StartsWith("Daily", StringComparison.OrdinalIgnoreCase)) return utc.Date.AddDays(1) - utc + OneMinute;
        return OneMinute + BusyPause; // by minute, or in words that are not known
    }

    private static TimeSpan? PauseOf(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        if ((header?.Delta ?? header?.Date - now) is not { } pause) return null;
        return pause < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : pause > PauseMax ? PauseMax : pause;
    }

    /// <summary>The reason of an error body, or the start of any other text, in one line.</summary>
    private static string ReasonOf(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("reason", out var reason) && reason.ValueKind == JsonValueKind.String)
                return Line(reason.GetString()!);
        }
        catch (Exception noReason) when (noReason is JsonException or InvalidOperationException) // the second: a text that is no UTF-8
        {
            // Whoever answered is not the service itself, but something on the way to it.
        }
        return Line(System.Text.Encoding.UTF8.GetString(body));
    }

    private static string Line(string text)
    {
        string line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= ReasonCharactersMax ? line : line[..ReasonCharactersMax] + "…";
    }
}
