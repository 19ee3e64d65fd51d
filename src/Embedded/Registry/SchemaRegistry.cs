using System.Buffers;
using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Etl.Embedded.Registry;

/// <summary>
/// A schema registry with Confluent's REST API for Avro, on loopback: register, look up, list, delete. The text it gives back is the text first
/// sent; ids are kept over restarts. References, modes and compatibility rules it does not have, and says so when asked for them.
/// </summary>
public sealed class SchemaRegistry : IAsyncDisposable
{
    private const int JsonDepthMax = 2_048;

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = JsonDepthMax };

    private readonly KestrelServer server;
    private readonly SubjectStore store;
    private readonly RegistryApi api;

    private SchemaRegistry(KestrelServer server, SubjectStore store)
    {
        (this.server, this.store) = (server, store);
        api = new(store);
    }

    /// <summary>Where it listens: <c>http://127.0.0.1:port/</c>.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>Starts a registry over the folder's log.</summary>
    /// <exception cref="ArgumentException">The options have faults.</exception>
    /// <exception cref="IOException">The port is taken, or the folder is in use or cannot be written.</exception>
    /// <exception cref="InvalidDataException">The log is damaged before its last line.</exception>
    public static async Task<SchemaRegistry> StartAsync(RegistryOptions options, TimeProvider time, CancellationToken cancel)
    {
        if (options.Faults().ToList() is { Count: > 0 } faults) throw new ArgumentException(string.Join("; ", faults), nameof(options));
        var registry = new SchemaRegistry(ServerOf(options), OpenStore(options, time));
        try
        {
            await registry.server.StartAsync(new Application(registry), cancel);
            registry.Endpoint = new(registry.server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
            return registry;
        }
        catch (Exception cause)
        {
            await registry.DisposeAsync();
            if (cause is IOException { InnerException: AddressInUseException })
                throw new IOException($"schema registry: port {options.Port} of 127.0.0.1 is taken. Expected a free one: end the program that has it, or choose another (0 takes any).", cause);
            throw;
        }
    }

    /// <summary>Ends the server, then closes the log.</summary>
    public async ValueTask DisposeAsync()
    {
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2))) await server.StopAsync(patience.Token); // then connections are cut
        server.Dispose();
        store.Dispose();
    }

    private static SubjectStore OpenStore(RegistryOptions options, TimeProvider time)
    {
        string path = Path.Combine(options.Folder, "schemas.log");
        try
        {
            Directory.CreateDirectory(options.Folder);
            return new(path, options.VersionsMax, time);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"schema registry: {path} cannot be opened ({cause.Message}). Expected a folder that can be written and that no other process uses.", cause);
        }
    }

    private static KestrelServer ServerOf(RegistryOptions options)
    {
        var kestrel = new KestrelServerOptions { AddServerHeader = false };
        kestrel.Limits.MaxRequestBodySize = options.BodyBytesMax;
        kestrel.Limits.MaxConcurrentConnections = options.ConnectionsMax;
        kestrel.Listen(IPAddress.Loopback, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        return new(Options.Create(kestrel), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance), NullLoggerFactory.Instance);
    }

    private async Task ServeAsync(HttpContext context)
    {
        string type = RegistryRequest.VersionedJson;
        try
        {
            var request = await ReadAsync(context);
            type = request.AnswerType ?? type;
            await WriteAsync(context, 200, type, api.Answer(request));
        }
        catch (RegistryFaultException refused)
        {
            await WriteAsync(context, refused.Fault, type);
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException refused)
        {
            await WriteAsync(context, new RegistryFault(refused.StatusCode, refused.StatusCode, refused.Message), type);
        }
    }

    private static async Task<RegistryRequest> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted); // Kestrel ends it past BodyBytesMax
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget; // the path as decoded loses the difference of / and %2F
        return RegistryRequest.Parse(context.Request.Method, target, context.Request.ContentType, context.Request.Headers.Accept.ToString(), body.ToArray());
    }

    private static Task WriteAsync(HttpContext context, RegistryFault fault, string type) =>
        WriteAsync(context, fault.Status, type, new JsonObject { ["error_code"] = fault.Code, ["message"] = fault.Message });

    private static async Task WriteAsync(HttpContext context, int status, string type, JsonNode body)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, Json)) body.WriteTo(writer);
        (context.Response.StatusCode, context.Response.ContentType, context.Response.ContentLength) = (status, type, bytes.WrittenCount);
        await context.Response.Body.WriteAsync(bytes.WrittenMemory, context.RequestAborted);
    }

    /// <summary>Kestrel's view of us: no host, no middleware, nothing that listens to the terminal's signals.</summary>
    private sealed class Application(SchemaRegistry registry) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection features) => new DefaultHttpContext(features);

        public Task ProcessRequestAsync(HttpContext context) => registry.ServeAsync(context);

        public void DisposeContext(HttpContext context, Exception? exception) { }
    }
}
