using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Etl.Codecs.Cql;
using TlsAuthenticationException = System.Security.Authentication.AuthenticationException;

namespace Etl.Sinks.Cassandra.Cql;

internal sealed partial class Connection
{
    private const int LoginRoundsMax = 4;

    private const string ClientName = "etl", CqlVersion = "3.0.0";

    private Framing? _framedAs;

    /// <summary>Connects, agrees on TLS, version and compression, and logs in.</summary>
    /// <param name="hostName">The name that the certificate must have.</param>
    /// <exception cref="DriverException">It did not work, and why.</exception>
    public static async Task<Connection> OpenAsync(ConnectionSettings settings, IPEndPoint host, string hostName, byte version, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(settings.Socket.ConnectTimeout, settings.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        Connection? connection = null;
        try
        {
            connection = new(settings, await ConnectAsync(settings, host, hostName, both.Token), host, version);
            await connection.StartAsync().WaitAsync(both.Token);
            return connection;
        }
        catch (Exception error)
        {
            var reason = error switch
            {
                OperationCanceledException when limit.IsCancellationRequested && !cancel.IsCancellationRequested =>
                    new ConnectionLostException($"no connection within {settings.Socket.ConnectTimeout.TotalSeconds:0.###} s; is the node up, and the way to it open?", host, null, error),
                OperationCanceledException => null,
                TlsAuthenticationException => new TlsException($"TLS failed: {Innermost(error)}; check trusted certificates and host name", host, error),
                SocketException socket => new ConnectionLostException($"no connection ({socket.Message}); is the node up, are host and port right?", host, null, error),
                DriverException driver when settings.Ssl is not null && IsAlert(driver) =>
                    new TlsException($"the server ended TLS ({Innermost(driver)}); does it want a client certificate, or another one?", host, driver),
                DriverException driver => driver,
                _ => new ConnectionLostException($"no connection ({error.Message})", host, null, error),
            };
            connection?.Close(reason ?? new ConnectionLostException("opening it was cancelled", host));
            if (reason is null) throw;
            throw reason;
        }
    }

    /// <summary>Greets the server over a stream that is open; used by itself in tests.</summary>
    internal async Task StartAsync()
    {
        bool lz4 = _settings.Compression == CompressionType.LZ4;
        var options = new List<KeyValuePair<string, string>> { new("CQL_VERSION", CqlVersion), new("DRIVER_NAME", ClientName) };
        if (lz4) options.Add(new("COMPRESSION", "lz4"));
        if (_settings.Socket.ThrowOnOverload) options.Add(new("THROW_ON_OVERLOAD", "1"));
        _framedAs = Version < 5 ? Framing.Plain : lz4 ? Framing.Lz4Segments : Framing.Segments;
        var answer = await AskAsync((writer, version) => CqlRequest.Startup(writer, version, options), _settings.Socket.ConnectTimeout);
        _framedAs = null;
        switch (answer.Header.Opcode)
        {
            case CqlOpcode.Ready:
                if (_settings.Credentials is not null) _settings.Log(new(true, $"Cassandra at {Host} asks for no login: user and password were not checked"));
                return;
            case CqlOpcode.Authenticate: await LogInAsync(answer.Reader().String()); return;
            case CqlOpcode.Error: throw RefusedStart(answer.Error());
            default: throw new ProtocolErrorException($"STARTUP was answered by {answer.Header.Opcode}, expected READY or AUTHENTICATE", Host);
        }
    }

    private async Task LogInAsync(string authenticator)
    {
        if (_settings.Credentials is not var (user, password)) throw new AuthenticationException($"it asks for a login ({authenticator}), and no user was given; set user and password", Host);
        if (!_settings.MayLogInTo(Host)) throw new AuthenticationException("user and password would go over the net readable; use TLS, or allow it by WithPlainTextCredentials()", Host);
        byte[] token = Encoding.UTF8.GetBytes($"\0{user}\0{password}");
        for (int round = 0; round < LoginRoundsMax; round++)
        {
            var answer = await AskAsync((writer, version) => CqlRequest.AuthResponse(writer, version, token), _settings.Socket.ConnectTimeout);
            switch (answer.Header.Opcode)
            {
                case CqlOpcode.AuthSuccess: return;
                case CqlOpcode.AuthChallenge: continue; // some authenticators ask once more for what was sent
                case CqlOpcode.Error: throw ServerTrouble.Of(answer.Error(), Host, null);
                default: throw new ProtocolErrorException($"AUTH_RESPONSE was answered by {answer.Header.Opcode}", Host);
            }
        }
        throw new AuthenticationException($"{authenticator} asked {LoginRoundsMax} times; only user and password (SASL PLAIN) are spoken here", Host);
    }

    // The server answers a version that it lacks, or has as a trial only, by a protocol error in a version of its own.
    private DriverException RefusedStart(ErrorMessage error) => error.Code == CqlErrorCode.Protocol && error.Text.Contains("version", StringComparison.OrdinalIgnoreCase)
        ? new UnsupportedProtocolVersionException($"protocol version {Version}: {error.Text}", Host)
        : ServerTrouble.Of(error, Host, null);

    // The answer to STARTUP is the last that is not framed. Nothing else is on its way yet.
    private void BeginFraming(Framing framing)
    {
        bool lz4 = _settings.Compression == CompressionType.LZ4;
        _parser.Framing = framing;
        lock (_gate)
        {
            _unsent.Dispose();
            _unsent = new(framing, lz4);
            if (!_isWriting) _sending.Dispose();
            _sending = new(framing, lz4);
        }
    }

    private static async Task<Stream> ConnectAsync(ConnectionSettings settings, IPEndPoint host, string hostName, CancellationToken cancel)
    {
        var socket = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            await socket.ConnectAsync(host, cancel);
            var plain = new NetworkStream(socket, ownsSocket: true);
            return settings.Ssl is { } ssl ? await EncryptAsync(plain, ssl, hostName, cancel) : plain;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Stream> EncryptAsync(NetworkStream plain, SslOptions ssl, string hostName, CancellationToken cancel)
    {
        var policy = new X509ChainPolicy { RevocationMode = ssl.CheckRevocation ? X509RevocationMode.Online : X509RevocationMode.NoCheck };
        if (ssl.TrustedCertificates.Count > 0)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(ssl.TrustedCertificates);
        }
        var encrypted = new SslStream(plain, leaveInnerStreamOpen: false);
        await encrypted.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = ssl.HostName ?? hostName,
            ClientCertificates = ssl.ClientCertificates.Count > 0 ? ssl.ClientCertificates : null,
            CertificateChainPolicy = policy,
        }, cancel);
        return encrypted;
    }

    private static bool IsAlert(Exception error)
    {
        for (Exception? inner = error; inner is not null; inner = inner.InnerException)
            if (inner.Message.Contains("alert", StringComparison.OrdinalIgnoreCase) || inner.Message.Contains("SSL", StringComparison.Ordinal)) return true;
        return false;
    }

    private static string Innermost(Exception error) => error.InnerException is { } inner ? Innermost(inner) : error.Message;
}
