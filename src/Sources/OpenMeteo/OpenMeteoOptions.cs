namespace Etl.Sources.OpenMeteo;

/// <summary>Where Open-Meteo is and how it is called.</summary>
public sealed record OpenMeteoOptions
{
    /// <summary>The forecast of a model, for dates that the archive does not have yet; the setting <c>BASE_URL</c> of the Airflow pipeline. http or https, without a query.</summary>
    public string ForecastUrl { get; init; } = "https://api.open-meteo.com/v1/dwd-icon";

    /// <summary>The archive from 1940 on. http or https, without a query.</summary>
    public string ArchiveUrl { get; init; } = "https://archive-api.open-meteo.com/v1/archive";

    /// <summary>Of a paid plan; null for the free one. It is never part of a message.</summary>
    public string? ApiKey { get; init; }

    /// <summary>How many days the archive is behind, 0 to 90: later dates are asked of the forecast.</summary>
    public int ArchiveDelayDays { get; init; } = 5;

    /// <summary>How long one call may take from the first byte sent to the last one received, 1 second to 10 minutes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The most bytes of an answer once decompressed, 64 KiB to 256 MiB.</summary>
    public int AnswerBytesMax { get; init; } = 16 << 20;

    /// <summary>The most places in one call, 1 to 100; heavy calls take fewer.</summary>
    public int PlacesPerCall { get; init; } = 10;

    /// <summary>The most calls under way, 1 to 8; the free plan takes one at a time.</summary>
    public int ParallelCallsMax { get; init; } = 1;

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        foreach (string fault in UrlFaults("forecastUrl", ForecastUrl).Concat(UrlFaults("archiveUrl", ArchiveUrl))) yield return fault;
        if (ArchiveDelayDays is < 0 or > 90) yield return $"archiveDelayDays: {ArchiveDelayDays} is outside 0 to 90";
        if (Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromMinutes(10)) yield return $"timeout: {Timeout} is outside 1 second to 10 minutes";
        if (AnswerBytesMax is < 64 << 10 or > 256 << 20) yield return $"answerBytesMax: {AnswerBytesMax:N0} is outside {64 << 10:N0} to {256 << 20:N0}";
        if (PlacesPerCall is < 1 or > 100) yield return $"placesPerCall: {PlacesPerCall} is outside 1 to 100";
        if (ParallelCallsMax is < 1 or > 8) yield return $"parallelCallsMax: {ParallelCallsMax} is outside 1 to 8";
    }

    private static IEnumerable<string> UrlFaults(string name, string url)
    {
        const string Expected = "expected an http or https address without a query, such as https://api.open-meteo.com/v1/dwd-icon";
        if (url.AsSpan().IndexOfAny('{', '}') >= 0) yield return $"{name}: found \"{url}\" with braces, {Expected}: write the host without them";
        else if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https") || parsed.Query.Length > 0 || parsed.Fragment.Length > 0 || parsed.UserInfo.Length > 0)
            yield return $"{name}: found \"{url}\", {Expected}";
    }
}
