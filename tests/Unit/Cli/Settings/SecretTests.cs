using System.Globalization;
using System.Text.Json;
using Etl.Cli.Settings;

namespace Etl.Tests.Unit.Cli.Settings;

public sealed class SecretTests
{
    private static readonly CassandraSettings Settings = new() { User = "etl", Password = "geheim" };

    [Fact]
    public void No_way_of_writing_it_down_shows_it()
    {
        Secret secret = "geheim";
        string[] written =
        [
            secret.ToString(), $"{secret}", string.Format(CultureInfo.InvariantCulture, "{0}", secret), JsonSerializer.Serialize(secret), JsonSerializer.Serialize(Settings), Newtonsoft.Json.JsonConvert.SerializeObject(Settings),
            Settings.ToString(), new EtlSettings { Cassandra = Settings }.ToString(), new InvalidOperationException($"refused: {Settings}").ToString(), Convert.ToString(secret, CultureInfo.InvariantCulture)!,
        ];
        foreach (string text in written)
        {
            text.ShouldContain(Secret.Mask);
            text.ShouldNotContain("geheim");
        }
    }

    [Fact]
    public void Whether_it_is_set_is_seen_and_its_client_gets_it()
    {
        (Secret.None.IsSet, Secret.None.ToString()).ShouldBe((false, ""));
        Settings.Password.IsSet.ShouldBeTrue();
        Settings.Password.Reveal().ShouldBe("geheim");
        Settings.Password.ShouldBe(new Secret("geheim"));
        Settings.Password.ShouldNotBe(new Secret("anders"));
        new Secret("geheim").GetHashCode().ShouldBe(new Secret("anders").GetHashCode());
    }
}
