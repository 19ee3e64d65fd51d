using System.Net.Sockets;
using Etl.Sinks.MySql;

namespace Etl.Tests.Unit.Sinks.MySql;

public sealed class MySqlTroubleTests
{
    public static TheoryData<Exception> OfTheConnection => [new SocketException((int)SocketError.ConnectionReset), new IOException("gone"), new TimeoutException("no answer")];

    [Theory]
    [MemberData(nameof(OfTheConnection))]
    public void What_the_client_throws_of_the_connection_as_it_is_passes(Exception error)
    {
        MySqlTrouble.IsServers(error).ShouldBeTrue();
        var trouble = MySqlTrouble.Of(error, null, "mysql etl@db:3306/KAFKA_DB", "publishing truck_hourly");
        (trouble.IsTransient, trouble.Message).ShouldBe((true, $"mysql etl@db:3306/KAFKA_DB: publishing truck_hourly: the connection failed ({error.Message}); is the server up and reachable?"));
    }

    [Fact]
    public void A_bug_of_ours_is_none_of_the_servers() => MySqlTrouble.IsServers(new InvalidOperationException("ours")).ShouldBeFalse();
}
