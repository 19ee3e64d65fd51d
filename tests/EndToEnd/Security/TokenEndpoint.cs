using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Etl.Tests.EndToEnd.Cli;

namespace Etl.Tests.EndToEnd.Security;

/// <summary>The token endpoint of an OpenID provider: gives JWTs, signed by RS256, to one client.</summary>
internal sealed class TokenEndpoint : IDisposable
{
    public const string Client = "etl", Secret = "geheim-7";

    private readonly LoopbackListener _listener;
    private readonly RSA _key;
    private readonly X509Certificate2? _certificate;

    /// <param name="key">Signs the tokens.</param>
    /// <param name="certificate">null: plain HTTP.</param>
    public TokenEndpoint(RSA key, X509Certificate2? certificate = null)
    {
        (_key, _certificate) = (key, certificate);
        _listener = new(ServeAsync);
    }

    public string Url => $"{(_certificate is null ? "http" : "https")}://127.0.0.1:{_listener.Port}/token";

    /// <summary>Head and body of each request.</summary>
    public ConcurrentQueue<(string Head, string Body)> Requests { get; } = [];

    /// <summary>The key that Kafka checks signatures by, as a JWK set.</summary>
    public static string KeySet(RSA key)
    {
        var parameters = key.ExportParameters(false);
        return JsonSerializer.Serialize(new { keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = "test", n = Base64Url.EncodeToString(parameters.Modulus), e = Base64Url.EncodeToString(parameters.Exponent) } } });
    }

    public void Dispose() => _listener.Dispose();

    private string Token()
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        string text = $"{Part(new { alg = "RS256", typ = "JWT", kid = "test" })}.{Part(new { sub = "etl", iat = now, exp = now + 600, scope = "kafka" })}";
        return $"{text}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";

        static string Part(object value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
    }

    private (string Status, string Body) Answer(string head) =>
        head.Contains($"Authorization: Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes($"{Client}:{Secret}"))}\r\n", StringComparison.Ordinal)
            ? ("200 OK", JsonSerializer.Serialize(new { access_token = Token(), token_type = "Bearer", expires_in = 600 }))
            : ("401 Unauthorized", """{"error":"invalid_client","error_description":"no such client, or another secret"}""");

    private async Task ServeAsync(Stream connection, CancellationToken stop)
    {
        await using Stream stream = _certificate is null ? connection : new SslStream(connection);
        if (stream is SslStream tls) await tls.AuthenticateAsServerAsync(_certificate!);
        var (head, body) = await ReadAsync(stream, stop);
        Requests.Enqueue((head, body));
        var (status, answer) = Answer(head);
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {answer.Length}\r\nConnection: close\r\n\r\n{answer}"), stop);
    }

    private static async Task<(string Head, string Body)> ReadAsync(Stream stream, CancellationToken stop)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (true)
        {
            int read = await stream.ReadAsync(buffer, stop);
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
            string all = text.ToString();
            int end = all.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (read == 0) return (all, "");
            if (end < 0) continue;
            string head = all[..(end + 2)];
            int length = head.Split("\r\n").Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Select(line => int.Parse(line[15..])).FirstOrDefault();
            if (all.Length >= end + 4 + length) return (head, all[(end + 4)..]);
        }
    }
}
