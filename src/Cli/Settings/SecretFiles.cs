using Microsoft.Extensions.Configuration;

namespace Etl.Cli.Settings;

/// <summary>Secrets from files, as container engines hand them in: <c>Etl__MySql__PasswordFile=/run/secrets/mysql</c> gives <c>MySql:Password</c>. One line break at the end is not part of the value.</summary>
internal static class SecretFiles
{
    public const string Suffix = "File";

    private const int BytesMax = 65_536;

    /// <summary>Settings that may come from a file, by the path that names the file.</summary>
    public static IReadOnlyDictionary<string, string> Paths { get; } = SettingsTable.All.Where(setting => setting.IsSecret).ToDictionary(setting => setting.Path + Suffix, setting => setting.Path, StringComparer.OrdinalIgnoreCase);

    /// <param name="faults">Takes what is wrong with a file; never a part of what it holds.</param>
    /// <returns>Values by the path of their setting.</returns>
    public static Dictionary<string, string> Read(IConfigurationSection section, List<string> faults)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (named, path) in Paths)
        {
            if (section[named] is not { Length: > 0 } file) continue;
            if (section[path] is { Length: > 0 }) faults.Add($"{section.Path}:{named}: found beside {section.Path}:{path}, expected one of the two");
            else if (FaultOf(file, out string value) is { } fault) faults.Add($"{section.Path}:{named}: found {file} ({fault}), expected a file that holds the value");
            else values[path] = value;
        }
        return values;
    }

    private static string? FaultOf(string file, out string value)
    {
        value = "";
        try
        {
            var facts = new FileInfo(file);
            if (facts.Exists && facts.Length > BytesMax) return $"{facts.Length:N0} bytes; {BytesMax:N0} at most";
            string text = File.ReadAllText(file);
            value = text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
            return value.Length == 0 ? "empty" : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return error.Message.TrimEnd('.');
        }
    }
}
