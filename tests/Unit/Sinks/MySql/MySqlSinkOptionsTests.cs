using Etl.Contracts.Workflow;
using Etl.Sinks.MySql;

namespace Etl.Tests.Unit.Sinks.MySql;

public sealed class MySqlSinkOptionsTests
{
    [Fact]
    public void Good_options_have_no_faults() =>
        new MySqlSinkOptions { ConnectionString = "Server=db;User ID=etl;Password=secret", Database = "KAFKA_DB" }.Faults().ShouldBeEmpty();

    [Fact]
    public void All_faults_are_named_at_once()
    {
        var options = new MySqlSinkOptions { ConnectionString = "User ID=etl", Database = "a`b", ConnectionsMax = 0, ConnectTimeout = TimeSpan.Zero, CommandTimeout = TimeSpan.FromDays(1) };
        options.Faults().Count().ShouldBe(5);
    }

    [Theory]
    [InlineData("Server=db;Password=half;secret=x")]
    [InlineData("Server=db;Port=secret")]
    public void A_connection_string_that_cannot_be_read_is_not_repeated(string text)
    {
        var options = new MySqlSinkOptions { ConnectionString = text, Database = "d" };
        string.Join("; ", options.Faults()).ShouldContain("sinks.mysql.connectionString: cannot be read");
        Should.Throw<ArgumentException>(() => new MySqlSink(new SinkName("mysql"), options, TimeProvider.System, new Random(1))).ToString().ShouldNotContain("secret");
    }

    [Fact]
    public void Messages_name_server_and_user_but_not_the_password() =>
        new MySqlSinkOptions { ConnectionString = "Server=db;Port=3307;User ID=etl;Password=secret", Database = "d" }.Place.ShouldBe("mysql etl@db:3307/d");
}
