using System.ComponentModel;
using System.Data.Common;
using System.Globalization;
using System.Reflection;

namespace Etl.Cli.Settings;

/// <summary>All settings as a list, read from <see cref="EtlSettings"/> itself, so that none can be left out.</summary>
internal static class SettingsTable
{
    /// <summary>Parts of names, in connection strings and librdkafka's, whose values nobody shall read over a shoulder.</summary>
    private static readonly string[] Hidden = ["password", "pwd", "secret", "token", ".pem", "jaas"];

    public static IReadOnlyList<Setting> All { get; } = [.. Of(typeof(EtlSettings), new EtlSettings(), "", [])];

    /// <summary>A value as it may be shown: passwords of connection strings and of addresses are masked.</summary>
    public static string Shown(object? value)
    {
        if (value is Secret secret) return secret.ToString();
        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.UserInfo.Length > 0) return text.Replace(address.UserInfo, $"{address.UserInfo.Split(':')[0]}:{Secret.Mask}", StringComparison.Ordinal);
        if (!text.Contains('=')) return text;
        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = text };
            foreach (string key in parts.Keys.Cast<string>().Where(IsHidden).ToList()) parts[key] = Secret.Mask;
            return parts.ConnectionString;
        }
        catch (ArgumentException) { return Secret.Mask; } // cannot be read, so it cannot be masked in part
    }

    /// <summary>Whether a property of this type groups settings, and is none itself.</summary>
    public static bool IsPart(Type type) => type.Namespace == typeof(EtlSettings).Namespace && !typeof(Secret).IsAssignableFrom(type);

    private static bool IsHidden(string key) => !key.EndsWith(".url", StringComparison.OrdinalIgnoreCase) && Hidden.Any(part => key.Contains(part, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<Setting> Of(Type type, object defaults, string path, IReadOnlyList<PropertyInfo> above)
    {
        foreach (var property in type.GetProperties().Where(property => property.CanWrite))
        {
            IReadOnlyList<PropertyInfo> way = [.. above, property];
            object? value = property.GetValue(defaults);
            string name = path.Length == 0 ? property.Name : $"{path}:{property.Name}";
            if (IsPart(property.PropertyType))
                foreach (var inner in Of(property.PropertyType, value!, name, way)) yield return inner;
            else
                yield return new(name, TypeOf(property.PropertyType), value, property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "", way);
        }
    }

    private static string TypeOf(Type type) => type == typeof(string) ? Setting.Text : typeof(Secret).IsAssignableFrom(type) ? Setting.SecretText : type == typeof(bool) ? Setting.Switch : Setting.Number;
}

/// <param name="Path">As appsettings.json nests it below <c>Etl</c>: <c>Kafka:BootstrapServers</c>.</param>
/// <param name="Type">text, secret text, number, or true or false.</param>
internal sealed record Setting(string Path, string Type, object? Default, string Meaning, IReadOnlyList<PropertyInfo> Way)
{
    public const string Text = "text", SecretText = "secret text", Number = "number", Switch = "true or false";

    /// <summary>Its name in the environment.</summary>
    public string Environment => $"Etl__{Path.Replace(":", "__", StringComparison.Ordinal)}";

    /// <summary>Whether it may come from a file that is named instead, and is never shown.</summary>
    public bool IsSecret => Type == SecretText;

    /// <summary>The value as it may be shown.</summary>
    public string ShownIn(EtlSettings settings) => SettingsTable.Shown(ValueIn(settings));

    public object? ValueIn(EtlSettings settings) => Way.Aggregate((object?)settings, (at, property) => property.GetValue(at));
}
