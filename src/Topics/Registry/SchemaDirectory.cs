using System.Net;
using Confluent.SchemaRegistry;

namespace Etl.Topics.Registry;

/// <summary>
/// Schemas of a registry: registers texts, and finds a text by its id, in memory and in a folder first. So records are read without the registry
/// once their schema has been seen. Any number of threads.
/// </summary>
public sealed class SchemaDirectory : IDisposable
{
    private const int NoSuchSchema = 40403;
    private const int RetryWaitMsMax = 1_000;

    private readonly SchemaDirectoryOptions options;
    private readonly CachedSchemaRegistryClient client;
    private readonly SchemaCache cache;

    /// <exception cref="ArgumentException">The options have faults.</exception>
    public SchemaDirectory(SchemaDirectoryOptions options)
    {
        if (options.Faults().ToList() is { Count: > 0 } faults) throw new ArgumentException(string.Join("; ", faults), nameof(options));
        this.options = options;
        cache = new(options.CacheFolder);
        var configuration = new SchemaRegistryConfig
        {
            Url = options.Endpoint.ToString().TrimEnd('/'),
            RequestTimeoutMs = (int)options.RequestTimeout.TotalMilliseconds,
            MaxRetries = options.Attempts - 1, // with 0 the client makes a NullReferenceException of a dead registry
            RetriesWaitMs = 50,
            RetriesMaxWaitMs = RetryWaitMsMax,
        };
        if (options.BasicAuthentication is { } user) configuration.BasicAuthUserInfo = user;
        client = new(configuration);
    }

    /// <summary>Registers a schema under a subject. The same schema again gives the same id.</summary>
    /// <exception cref="RegistryException">The registry refused the schema, or cannot be reached.</exception>
    public async Task<int> RegisterAsync(string subject, string text, CancellationToken cancel)
    {
        string what = $"registering a schema for {subject}";
        var (id, refusal) = await AskedAsync(what, () => client.RegisterSchemaAsync(subject, new Schema(text, SchemaType.Avro)), cancel);
        return refusal is null ? id : throw Refused(what, refusal);
    }

    /// <summary>The text of an id.</summary>
    /// <exception cref="RegistryException">The registry cannot be reached, or gave an answer of its own.</exception>
    public async ValueTask<SchemaLookup> TextOfAsync(int id, CancellationToken cancel)
    {
        if (cache.Find(id) is { } known) return new SchemaLookup.Found(id, known);
        string what = $"asking for schema {id}";
        var (schema, refusal) = await AskedAsync(what, () => client.GetSchemaAsync(id), cancel);
        if (refusal is { ErrorCode: NoSuchSchema } or { Status: HttpStatusCode.NotFound }) return new SchemaLookup.NoSuchId(id);
        if (refusal is not null) throw Refused(what, refusal);
        if (schema!.SchemaType != SchemaType.Avro)
            throw new RegistryException($"{what}: found a schema of type {schema.SchemaType}, expected Avro. Its topic was written by another serializer.", false);
        cache.Add(id, schema.SchemaString);
        return new SchemaLookup.Found(id, schema.SchemaString);
    }

    /// <summary>Names of all subjects, sorted.</summary>
    /// <exception cref="RegistryException">The registry cannot be reached.</exception>
    public async Task<IReadOnlyList<string>> SubjectsAsync(CancellationToken cancel)
    {
        var (subjects, refusal) = await AskedAsync("listing subjects", client.GetAllSubjectsAsync, cancel);
        return refusal is null ? [.. subjects!.Order(StringComparer.Ordinal)] : throw Refused("listing subjects", refusal);
    }

    /// <summary>The newest schema of a subject; null when there is no such subject.</summary>
    /// <exception cref="RegistryException">The registry cannot be reached.</exception>
    public async Task<SchemaVersion?> LatestAsync(string subject, CancellationToken cancel)
    {
        string what = $"asking for the latest schema of {subject}";
        client.ClearLatestCaches();
        var (latest, refusal) = await AskedAsync(what, () => client.GetLatestSchemaAsync(subject), cancel);
        if (refusal is { Status: HttpStatusCode.NotFound }) return null;
        return refusal is null ? new(latest!.Subject, latest.Version, latest.Id, latest.SchemaString) : throw Refused(what, refusal);
    }

    /// <summary>One version of a subject; null when there is no such version.</summary>
    /// <exception cref="RegistryException">The registry cannot be reached.</exception>
    public async Task<SchemaVersion?> VersionAsync(string subject, int version, CancellationToken cancel)
    {
        string what = $"asking for version {version} of {subject}";
        var (found, refusal) = await AskedAsync(what, () => client.GetRegisteredSchemaAsync(subject, version), cancel);
        if (refusal is { Status: HttpStatusCode.NotFound }) return null;
        return refusal is null ? new(found!.Subject, found.Version, found.Id, found.SchemaString) : throw Refused(what, refusal);
    }

    public void Dispose() => client.Dispose();

    /// <summary>One call: its result, or the registry's refusal; no answer at all is an exception.</summary>
    private async Task<(T? Result, SchemaRegistryException? Refusal)> AskedAsync<T>(string what, Func<Task<T>> call, CancellationToken cancel)
    {
        try
        {
            return (await call().WaitAsync(cancel), null);
        }
        catch (SchemaRegistryException refusal) when ((int)refusal.Status < 500)
        {
            return (default, refusal);
        }
        catch (Exception cause) when (!cancel.IsCancellationRequested && cause is HttpRequestException or OperationCanceledException or SchemaRegistryException or IOException)
        {
            throw new RegistryException($"{what}: no answer from the schema registry at {options.Endpoint} after {options.Attempts} calls ({cause.Message}). "
                + "Expected a running registry there: start it, or set Etl__Registry__Url.", true, cause);
        }
    }

    private RegistryException Refused(string what, SchemaRegistryException refusal) =>
        new($"{what}: the registry at {options.Endpoint} refused ({(int)refusal.Status}, code {refusal.ErrorCode}: {refusal.Message}).", refusal.Status == HttpStatusCode.TooManyRequests, refusal);
}

/// <summary>One version of a subject.</summary>
/// <param name="Version">From 1.</param>
public sealed record SchemaVersion(string Subject, int Version, int Id, string Text);
