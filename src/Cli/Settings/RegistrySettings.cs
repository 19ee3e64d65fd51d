using System.ComponentModel;

namespace Etl.Cli.Settings;

/// <summary>Where schemas live.</summary>
public sealed record RegistrySettings
{
    [Description("Base address of a Confluent-compatible registry; empty: the embedded one.")]
    public string Url { get; init; } = "";

    [Description("User at the registry; empty: no login.")]
    public string User { get; init; } = "";

    [Description("The user's password, or the API key's secret.")]
    public Secret Password { get; init; } = Secret.None;

    [Description("Port of the embedded registry on loopback, 0 to 65535; 0 for any free one.")]
    public int EmbeddedPort { get; init; }

    /// <summary><c>user:password</c>; null without a login.</summary>
    internal string? Login => User.Length > 0 ? $"{User}:{Password.Reveal()}" : null;

    private Uri? Address => Uri.TryCreate(Url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address : null;

    public IEnumerable<string> Faults()
    {
        if (EmbeddedPort is < 0 or > 65535) yield return $"registry.embeddedPort: {EmbeddedPort} is outside 0 to 65535";
        if (Url.Length > 0 && Address is null) yield return $"registry.url: found \"{SettingsTable.Shown(Url)}\", expected http://host:port/path";
        if (Address is { UserInfo.Length: > 0 }) yield return "registry.url: found a login in the address, expected it in registry.user and registry.password, which are not shown";
        if (User.Length > 0 != Password.IsSet) yield return $"registry.user and password: found {(Password.IsSet ? "a password without a user" : "a user without a password")}, expected both or none";
        if (User.Contains(':')) yield return "registry.user: found a colon in it, expected none";
        if (User.Length > 0 && Url.Length == 0) yield return "registry.user: found one for the embedded registry, which has no login; expected registry.url too";
    }

    public IEnumerable<string> Warnings()
    {
        if (Address is { Scheme: "http", IsLoopback: false } far) yield return $"registry: what goes to {far.Host} can be read on the way{(User.Length > 0 ? ", login too" : "")}; expected https where the network is not closed to others";
    }
}
