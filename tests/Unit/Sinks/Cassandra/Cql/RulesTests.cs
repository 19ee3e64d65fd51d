using System.Net;
using Etl.Codecs.Cql;
using Etl.Sinks.Cassandra.Cql;
using Microsoft.Extensions.Time.Testing;

namespace Etl.Tests.Unit.Sinks.Cassandra.Cql;

/// <summary>What is sent again, when, and what people are told.</summary>
public sealed class RulesTests
{
    [Theory]
    [InlineData(CqlErrorCode.Unavailable, false, 0, "NextNode")]
    [InlineData(CqlErrorCode.Unavailable, true, 1, "Rethrow")]
    [InlineData(CqlErrorCode.Overloaded, true, 0, "NextNode")]
    [InlineData(CqlErrorCode.Overloaded, true, 2, "NextNode")]
    [InlineData(CqlErrorCode.Overloaded, true, 3, "Rethrow")]
    [InlineData(CqlErrorCode.Overloaded, false, 0, "Rethrow")]
    [InlineData(CqlErrorCode.Bootstrapping, true, 0, "NextNode")]
    [InlineData(CqlErrorCode.Server, true, 0, "NextNode")]
    [InlineData(CqlErrorCode.Server, false, 0, "Rethrow")]
    [InlineData(CqlErrorCode.Syntax, true, 0, "Rethrow")]
    [InlineData(CqlErrorCode.Invalid, true, 0, "Rethrow")]
    [InlineData(CqlErrorCode.WriteFailure, true, 0, "Rethrow")]
    [InlineData(CqlErrorCode.CasWriteUnknown, true, 0, "Rethrow")]
    public void An_error_is_answered_by_its_kind(CqlErrorCode code, bool isIdempotent, int retries, string decision) =>
        RetryRules.Decide(new(code, "text"), isIdempotent, retries).ToString().ShouldBe(decision);

    [Theory]
    [InlineData("SIMPLE", true, 0, "SameNode")]
    [InlineData("SIMPLE", false, 0, "Rethrow")]
    [InlineData("SIMPLE", true, 1, "Rethrow")]
    [InlineData("UNLOGGED_BATCH", true, 0, "SameNode")]
    [InlineData("UNLOGGED_BATCH", false, 0, "Rethrow")]
    [InlineData("BATCH_LOG", false, 0, "SameNode")]
    [InlineData("CAS", true, 0, "Rethrow")]
    [InlineData("COUNTER", true, 0, "Rethrow")]
    public void A_write_out_of_time_goes_again_only_where_twice_is_as_once(string writeType, bool isIdempotent, int retries, string decision) =>
        RetryRules.Decide(Error(CqlErrorCode.WriteTimeout, 1, 2, writer => writer.String(writeType)), isIdempotent, retries).ToString().ShouldBe(decision);

    [Theory]
    [InlineData(2, 2, false, "SameNode")]
    [InlineData(2, 2, true, "Rethrow")]
    [InlineData(1, 2, false, "Rethrow")]
    public void A_read_out_of_time_goes_again_where_only_the_data_was_missing(int received, int required, bool data, string decision) =>
        RetryRules.Decide(Error(CqlErrorCode.ReadTimeout, received, required, writer => writer.Byte(data ? (byte)1 : (byte)0)), false, 0).ToString().ShouldBe(decision);

    [Fact]
    public void Errors_carry_text_host_and_statement_and_say_whether_to_try_again()
    {
        var host = new IPEndPoint(IPAddress.Loopback, 9042);
        foreach (var code in Enum.GetValues<CqlErrorCode>())
        {
            var error = ServerTrouble.Of(new(code, "what the server said"), host, "SELECT 1");
            if (code != CqlErrorCode.AlreadyExists) error.Message.ShouldContain("what the server said");
            if (code is not (CqlErrorCode.BadCredentials)) error.Message.ShouldContain("SELECT 1");
            error.Message.ShouldContain("127.0.0.1:9042");
            error.Host.ShouldBe(host);
            bool isFinal = (int)code >= 0x2000 || code is CqlErrorCode.BadCredentials or CqlErrorCode.Protocol or CqlErrorCode.FunctionFailure;
            error.IsTransient.ShouldBe(!isFinal, code.ToString());
        }
        ServerTrouble.Of(new(CqlErrorCode.Invalid, "x"), host, new string('y', 5000)).Message.Length.ShouldBeLessThan(300);
    }

    [Fact]
    public void Version_five_says_which_replicas_failed_and_four_how_many()
    {
        var four = Error(CqlErrorCode.WriteFailure, 1, 3, writer =>
        {
            writer.Int(2);
            writer.String("SIMPLE");
        });
        (four.Failures, four.WriteType).ShouldBe((2, "SIMPLE"));
        var five = Error(CqlErrorCode.ReadFailure, 0, 1, writer =>
        {
            writer.Int(1);
            writer.Byte(4);
            writer.Raw([10, 0, 0, 7]);
            writer.Short(1);
            writer.Byte(1);
        }, version: 5);
        (five.Failures, five.DataPresent).ShouldBe((1, true));
        ServerTrouble.Of(five, null, null).Message.ShouldContain("10.0.0.7: read too many tombstones");
    }

    [Fact]
    public void Delays_double_up_to_the_longest_and_are_spread()
    {
        var options = new ReconnectionOptions { BaseDelay = TimeSpan.FromSeconds(1), MaxDelay = TimeSpan.FromSeconds(20) };
        Enumerable.Range(1, 7).Select(failures => options.Delay(failures, 0).TotalSeconds).ShouldBe([1, 2, 4, 8, 16, 20, 20]);
        options.Delay(int.MaxValue, 0.999).TotalSeconds.ShouldBe(10, 0.1);
        options.Delay(1, 0.5).TotalSeconds.ShouldBe(0.75);
    }

    [Fact]
    public async Task Time_stamps_rise_whatever_the_clock_does()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50)) { AutoAdvanceAmount = TimeSpan.Zero };
        var stamps = new MonotonicTimestamps(time);
        long first = stamps.Next();
        first.ShouldBe((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10);
        stamps.Next().ShouldBe(first + 1);
        time.Advance(TimeSpan.FromMilliseconds(5));
        stamps.Next().ShouldBe(first + 5000);
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 1000).Select(_ => stamps.Next()).ToList())));
        all.SelectMany(some => some).Distinct().Count().ShouldBe(4000);
    }

    [Fact]
    public void A_builder_lists_all_that_is_wrong()
    {
        var builder = Cluster.Builder(new FakeTimeProvider(), new Random(1)).AddContactPoints("a:0", "b c", "good:9042", "::1", "[::1]:9042")
            .WithQueryOptions(new() { PageSize = 0, SerialConsistency = ConsistencyLevel.One }).WithPoolingOptions(new() { ConnectionsPerHost = 17 });
        var fault = Should.Throw<ArgumentException>(builder.Build);
        fault.Message.Split('\n').Length.ShouldBe(5, fault.Message);
        fault.Message.ShouldContain("\"a:0\"");
        Should.Throw<ArgumentException>(Cluster.Builder(new FakeTimeProvider(), new Random(1)).Build).Message.ShouldContain("found none");
    }

    private static ErrorMessage Error(CqlErrorCode code, int received, int required, Action<CqlWriter> more, byte version = 4)
    {
        using var writer = new CqlWriter();
        writer.Int((int)code);
        writer.String("text");
        writer.Short((int)ConsistencyLevel.Quorum);
        writer.Int(received);
        writer.Int(required);
        more(writer);
        var reader = new CqlReader(writer.Written);
        var error = ErrorMessage.Read(ref reader, version);
        (reader.Failed, reader.Left).ShouldBe((false, 0));
        return error;
    }
}
