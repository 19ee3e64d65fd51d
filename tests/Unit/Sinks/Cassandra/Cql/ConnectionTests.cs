using Etl.Codecs.Cql;
using Etl.Sinks.Cassandra.Cql;

namespace Etl.Tests.Unit.Sinks.Cassandra.Cql;

/// <summary>One connection against a server in memory.</summary>
public sealed class ConnectionTests
{
    [Fact]
    public async Task Answers_in_any_order_reach_who_asked()
    {
        using var server = await FakeCassandra.StartedAsync();
        Asked[] asked = [.. Enumerable.Range(0, 50).Select(number => new Asked(number))];
        foreach (var request in asked) server.Connection.TrySend(request).ShouldBeTrue();
        var came = new List<short>();
        for (int i = 0; i < asked.Length; i++) came.Add((await server.ReceiveAsync()).Header.Stream);
        came.Distinct().Count().ShouldBe(asked.Length);
        for (int i = asked.Length - 1; i >= 0; i--)
        {
            int number = i;
            await server.AnswerAsync(came[i], CqlOpcode.Result, writer => writer.Int(number));
        }
        for (int i = 0; i < asked.Length; i++) (await asked[i].Told)[3].ShouldBe((byte)i);
        server.Connection.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task No_more_requests_are_taken_than_allowed_until_one_is_answered()
    {
        using var server = await FakeCassandra.StartedAsync(new() { RequestsPerConnection = 3 });
        for (int i = 0; i < 3; i++) server.Connection.TrySend(new Asked(i)).ShouldBeTrue();
        server.Connection.TrySend(new Asked(3)).ShouldBeFalse();
        var room = new TaskCompletionSource();
        server.Connection.OnRoom = () => room.TrySetResult();
        await server.AnswerVoidAsync((await server.ReceiveAsync()).Header.Stream);
        await room.Task;
        server.Connection.TrySend(new Asked(4)).ShouldBeTrue();
        server.Connection.TrySend(new Asked(5)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_request_out_of_time_keeps_its_stream_and_a_late_answer_reaches_nobody_else()
    {
        using var server = await FakeCassandra.StartedAsync(new() { RequestsPerConnection = 2 });
        var late = new Asked(1) { Deadline = server.Time.GetTimestamp() + server.Time.TimestampFrequency };
        server.Connection.TrySend(late).ShouldBeTrue();
        short stream = (await server.ReceiveAsync()).Header.Stream;
        server.Time.Advance(TimeSpan.FromSeconds(1.2));
        (await Should.ThrowAsync<OperationTimedOutException>(() => late.Told)).IsTransient.ShouldBeTrue();

        var next = new Asked(2);
        server.Connection.TrySend(next).ShouldBeTrue();
        (await server.ReceiveAsync()).Header.Stream.ShouldNotBe(stream);
        server.Connection.TrySend(new Asked(3)).ShouldBeFalse("the late one's stream is taken still");
        var room = new TaskCompletionSource();
        server.Connection.OnRoom = () => room.TrySetResult();
        await server.AnswerAsync(stream, CqlOpcode.Result, writer => writer.Int(1));
        await room.Task;
        next.IsTold.ShouldBeFalse();
        server.Connection.TrySend(new Asked(3)).ShouldBeTrue();
        (await server.ReceiveAsync()).Header.Stream.ShouldBe(stream);
    }

    [Fact]
    public async Task A_connection_with_many_unanswered_requests_is_given_up()
    {
        using var server = await FakeCassandra.StartedAsync(new() { RequestsPerConnection = 16, HeartbeatInterval = TimeSpan.FromHours(1) });
        long deadline = server.Time.GetTimestamp() + server.Time.TimestampFrequency;
        Asked[] asked = [.. Enumerable.Range(0, 6).Select(number => new Asked(number) { Deadline = deadline })];
        foreach (var request in asked) server.Connection.TrySend(request);
        server.Time.Advance(TimeSpan.FromSeconds(2));
        (await server.Connection.Closed.WaitAsync(Asked.Patience)).Message.ShouldContain("got no answer in time");
        foreach (var request in asked) await Should.ThrowAsync<OperationTimedOutException>(() => request.Told);
    }

    [Fact]
    public async Task A_silent_connection_is_asked_whether_it_lives()
    {
        using var server = await FakeCassandra.StartedAsync();
        server.Time.Advance(TimeSpan.FromSeconds(31));
        var (header, _) = await server.ReceiveAsync();
        header.Opcode.ShouldBe(CqlOpcode.Options);
        var asked = new Asked(1);
        server.Connection.TrySend(asked);
        server.Time.Advance(TimeSpan.FromSeconds(6));
        var reason = await server.Connection.Closed.WaitAsync(Asked.Patience);
        reason.ShouldBeOfType<ConnectionLostException>().Message.ShouldContain("heartbeat");
        (await Should.ThrowAsync<ConnectionLostException>(() => asked.Told)).Host.ShouldBe(FakeCassandra.Address);
        server.Connection.TrySend(new Asked(2)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_heartbeat_that_is_answered_changes_nothing()
    {
        using var server = await FakeCassandra.StartedAsync();
        for (int i = 0; i < 3; i++)
        {
            server.Time.Advance(TimeSpan.FromSeconds(31));
            var (header, _) = await server.ReceiveAsync();
            var room = new TaskCompletionSource();
            server.Connection.OnRoom = () => room.TrySetResult();
            await server.AnswerAsync(header.Stream, CqlOpcode.Supported, writer => writer.Short(0));
            await room.Task;
            server.Time.Advance(TimeSpan.FromSeconds(6));
        }
        server.Connection.IsOpen.ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_that_goes_away_fails_all_that_is_in_flight()
    {
        var server = await FakeCassandra.StartedAsync();
        Asked[] asked = [new(1), new(2)];
        foreach (var request in asked) server.Connection.TrySend(request);
        server.Dispose();
        foreach (var request in asked) (await Should.ThrowAsync<ConnectionLostException>(() => request.Told)).IsTransient.ShouldBeTrue();
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_of_an_answer_fails_all_that_is_in_flight()
    {
        var server = await FakeCassandra.StartedAsync();
        Asked[] asked = [new(1), new(2)];
        foreach (var request in asked) server.Connection.TrySend(request);
        await server.AnswerVoidAsync(0);
        (await asked[0].Told).Length.ShouldBe(4);
        await server.SendAsync(Convert.FromHexString("840000010800000004" + "0000")); // two of four bytes
        server.Dispose();
        (await Should.ThrowAsync<ConnectionLostException>(() => asked[1].Told)).IsTransient.ShouldBeTrue();
    }

    [Theory]
    [InlineData("127.0.0.1", false, true)]
    [InlineData("10.1.2.3", false, false)]
    [InlineData("10.1.2.3", true, true)]
    public void Passwords_go_readable_over_loopback_only_unless_that_was_allowed(string address, bool isAllowed, bool goes)
    {
        var settings = new ConnectionSettings(new(), new(), null, ("ada", "s3cret"), isAllowed, CompressionType.NoCompression, TimeProvider.System, _ => { });
        settings.MayLogInTo(new(System.Net.IPAddress.Parse(address), 9042)).ShouldBe(goes);
        (settings with { Ssl = new() }).MayLogInTo(new(System.Net.IPAddress.Parse(address), 9042)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("485454502f312e31203430302042", "is this a CQL port")]
    [InlineData("840000070800000000", "stream 7, on which nothing was asked")]
    [InlineData("84000007000000001200000000000c736f6d652074726167656479", "some tragedy")]
    public async Task Bytes_that_make_no_sense_end_the_connection(string hex, string reason)
    {
        using var server = await FakeCassandra.StartedAsync();
        var asked = new Asked(1);
        server.Connection.TrySend(asked);
        await server.SendAsync(Convert.FromHexString(hex));
        (await Should.ThrowAsync<DriverException>(() => asked.Told)).Message.ShouldContain(reason);
    }

    [Fact]
    public async Task Events_are_told_and_answers_go_on()
    {
        using var server = await FakeCassandra.StartedAsync();
        var heard = new TaskCompletionSource<EventMessage>();
        server.Connection.OnEvent = heard.SetResult;
        await server.AnswerAsync(-1, CqlOpcode.Event, writer =>
        {
            writer.String(EventMessage.Status);
            writer.String("DOWN");
            writer.Byte(4);
            writer.Raw([127, 0, 0, 2]);
            writer.Int(9042);
        });
        var message = await heard.Task;
        (message.Type, message.Change, message.Node!.ToString()).ShouldBe((EventMessage.Status, "DOWN", "127.0.0.2:9042"));
        server.Connection.IsOpen.ShouldBeTrue();
    }

    [Fact]
    public async Task A_login_sends_user_and_password_once()
    {
        using var server = FakeCassandra.Open(credentials: ("ada", "s3cret"));
        var starting = server.Connection.StartAsync();
        await server.AnswerAsync((await server.ReceiveAsync()).Header.Stream, CqlOpcode.Authenticate, writer => writer.String("PasswordAuthenticator"));
        var (header, body) = await server.ReceiveAsync();
        header.Opcode.ShouldBe(CqlOpcode.AuthResponse);
        System.Text.Encoding.UTF8.GetString(body.AsSpan(4)).ShouldBe("\0ada\0s3cret");
        await server.AnswerAsync(header.Stream, CqlOpcode.Error, writer =>
        {
            writer.Int((int)CqlErrorCode.BadCredentials);
            writer.String("Provided username ada and/or password are incorrect");
        });
        var error = await Should.ThrowAsync<AuthenticationException>(() => starting);
        (error.IsTransient, error.Message.Contains("s3cret", StringComparison.Ordinal)).ShouldBe((false, false));
        error.Message.ShouldContain("check user and password");
    }

    [Fact]
    public async Task A_version_that_the_server_lacks_is_told_apart()
    {
        using var server = FakeCassandra.Open();
        var starting = server.Connection.StartAsync();
        await server.AnswerAsync((await server.ReceiveAsync()).Header.Stream, CqlOpcode.Error, writer =>
        {
            writer.Int((int)CqlErrorCode.Protocol);
            writer.String("Invalid or unsupported protocol version (5); supported versions are (3/v3, 4/v4)");
        });
        (await Should.ThrowAsync<UnsupportedProtocolVersionException>(() => starting)).Message.ShouldContain("4/v4");
    }
}
