using System.ComponentModel;
using System.Data.Common;
using System.Globalization;
using System.Reflection;

namespace Etl.Cli.Settings;

/// <summary>All settings as a list, read from <see cref="EtlSettings"/> itself, so that none can be left out.</summary>
internal static class SettingsTable
{
    public const string Mask = "***";

    /// <summary>Words of a connection string whose values nobody shall read over a shoulder.</summary>
    private static readonly string[] Secret = ["password", "pwd", "certificatepassword", "certificate password", "sasl.password", "ssl.key.password", "ssl.keystore.password", "sasl.oauthbearer.client.secret"];

    public static IReadOnlyList<Setting> All { get; } = [.. Of(typeof(EtlSettings), new EtlSettings(), "", [])];

    /// <summary>A value as it may be shown: passwords of connection strings and of addresses are masked.</summary>
    public static string Shown(object? value)
    {
        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.UserInfo.Length > 0) return text.Replace(address.UserInfo, $"{address.UserInfo.Split(':')[0]}:{Mask}", StringComparison.Ordinal);
        if (!text.Contains('=')) return text;
        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = text };
            foreach (string key in parts.Keys.Cast<string>().Where(key => Secret.Contains(key, StringComparer.OrdinalIgnoreCase)).ToList()) parts[key] = Mask;
            return parts.ConnectionString;
        }
        catch (ArgumentException) { return Mask; } // cannot be read, so it cannot be masked in part
    }

    private static IEnumerable<Setting> Of(Type type, object defaults, string path, IReadOnlyList<PropertyInfo> above)
    {
        foreach (var property in type.GetProperties().Where(property => property.CanWrite))
        {
            IReadOnlyList<PropertyInfo> way = [.. above, property];
            object? value = property.GetValue(defaults);
            string name = path.Length == 0 ? property.Name : $"{path}:{property.Name}";
            if (property.PropertyType.Namespace == typeof(EtlSettings).Namespace)
                foreach (var inner in Of(property.PropertyType, value!, name, way)) yield return inner;
            else
                yield return new(name, property.PropertyType == typeof(string) ? "text" : property.PropertyType == typeof(bool) ? "true or false" : "number", value, property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "", way);
        }
    }
}

/// <param name="Path">As appsettings.json nests it below <c>Etl</c>: <c>Kafka:BootstrapServers</c>.</param>
/// <param name="Type">text, number, or true or false.</param>
internal sealed record Setting(string Path, string Type, object? Default, string Meaning, IReadOnlyList<PropertyInfo> Way)
{
    /// <summary>Its name in the environment.</summary>
    public string Environment => $"Etl__{Path.Replace(":", "__", StringComparison.Ordinal)}";

    /// <summary>The value as it may be shown: a key is masked whole.</summary>
    public string ShownIn(EtlSettings settings) => Path.EndsWith("ApiKey", StringComparison.Ordinal) && ValueIn(settings) is string { Length: > 0 } ? SettingsTable.Mask : SettingsTable.Shown(ValueIn(settings));

    public object? ValueIn(EtlSettings settings) => Way.Aggregate((object?)settings, (at, property) => property.GetValue(at));
}
