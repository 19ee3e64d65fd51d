using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Etl.Cli.Settings;

/// <summary>A value that nobody shall read over a shoulder. As text, as JSON, in a log and in a message it is <see cref="Mask"/>; only <see cref="Reveal"/> gives it, to the client that needs it.</summary>
[TypeConverter(typeof(SecretFromText<Secret>))]
[JsonConverter(typeof(SecretAsMask<Secret>))]
public class Secret(string value) : IEquatable<Secret>
{
    public const string Mask = "***";

    public static readonly Secret None = new("");

    public static implicit operator Secret(string value) => new(value);

    public bool IsSet => value.Length > 0;

    public string Reveal() => value;

    /// <returns>Whether it is set, never what it is.</returns>
    public override string ToString() => IsSet ? Mask : "";

    public bool Equals(Secret? other) => other is not null && other.GetType() == GetType() && value == other.Reveal();

    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <summary>The same for all that are set: a hash would tell which are alike.</summary>
    public override int GetHashCode() => IsSet ? 1 : 0;
}

/// <summary>A text of <c>name=value;name=value</c> of which some values are secret: those are masked, the rest is shown. One that cannot be read is masked whole.</summary>
[TypeConverter(typeof(SecretFromText<SecretPairs>))]
[JsonConverter(typeof(SecretAsMask<SecretPairs>))]
public sealed class SecretPairs(string value) : Secret(value)
{
    public static new readonly SecretPairs None = new("");

    public static implicit operator SecretPairs(string value) => new(value);

    public override string ToString() => !IsSet ? "" : Reveal().Contains('=', StringComparison.Ordinal) ? SettingsTable.Shown(Reveal()) : Mask;
}

internal sealed class SecretFromText<T> : TypeConverter
    where T : Secret
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

    public override object ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) => Activator.CreateInstance(typeof(T), value)!;
}

internal sealed class SecretAsMask<T> : JsonConverter<T>
    where T : Secret
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => (T)Activator.CreateInstance(typeof(T), reader.GetString() ?? "")!;

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
