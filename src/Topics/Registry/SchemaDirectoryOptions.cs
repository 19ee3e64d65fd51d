namespace Etl.Topics.Registry;

/// <summary>How to reach a schema registry.</summary>
public sealed record SchemaDirectoryOptions
{
    /// <summary>Base address; it may have a path, as Apicurio's <c>/apis/ccompat/v7</c>.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Folder for texts by id. One folder belongs to one registry: another one's ids mean other schemas.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>The longest wait for one answer, 1 s to 5 min.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Calls in a row before giving up, 2 to 10; between them the client waits up to a second.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>User and password as <c>user:password</c>; null for none.</summary>
    public string? BasicAuthentication { get; init; }

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("http" or "https")) yield return $"registry.endpoint: found {Endpoint}, expected http://host:port";
        if (string.IsNullOrWhiteSpace(CacheFolder)) yield return "registry.cacheFolder: found nothing, expected a folder";
        if (RequestTimeout < TimeSpan.FromSeconds(1) || RequestTimeout > TimeSpan.FromMinutes(5)) yield return $"registry.requestTimeout: {RequestTimeout} is outside 1 s to 5 min";
        if (Attempts is < 2 or > 10) yield return $"registry.attempts: {Attempts} is outside 2 to 10";
    }
}
