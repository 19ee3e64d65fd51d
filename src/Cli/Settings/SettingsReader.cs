using System.Globalization;
using Etl.Jobs.Weather;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace Etl.Cli.Settings;

/// <summary>Reads the settings: defaults, then appsettings.json, then the environment, then the command line.</summary>
public static class SettingsReader
{
    public const string File = "appsettings.json";

    private const string Section = "Etl";

    /// <summary>Variables of the environment that the replaced pipelines were set by; <c>Etl__…</c> goes before them.</summary>
    internal static readonly (string Name, string Path)[] Replaced =
    [
        ("BASE_URL", "Weather:ForecastUrl"), ("HOURLY_DATA_TOPIC", "Weather:HourlyTopic"), ("DAILY_DATA_TOPIC", "Weather:DailyTopic"),
        ("HOURLY_SINK_TABLE", "Weather:HourlyTable"), ("DAILY_SINK_TABLE", "Weather:DailyTable"),
        ("CASSANDRA_KEYSPACE", "Cassandra:Keyspace"),
    ];

    /// <param name="data">Of the command line; null when not given.</param>
    /// <exception cref="UsageException">Something is wrong; all of it is listed.</exception>
    public static EtlSettings Read(string folder, string? data)
    {
        var (settings, faults) = Inspect(folder, data);
        return faults.Count == 0 ? settings : throw new UsageException(faults.Count == 1
            ? $"settings: {faults[0]}; `etl config describe` lists every setting"
            : $"settings: {faults.Count} are not good; `etl config describe` lists every setting\n{string.Join('\n', faults.Select(fault => $"  {fault}"))}");
    }

    /// <summary>The settings, and all that is wrong with them: one that is no number does not hide what else is not good.</summary>
    public static (EtlSettings Settings, IReadOnlyList<string> Faults) Inspect(string folder, string? data)
    {
        try { return Inspect(Open(folder), data); }
        catch (Exception error) when (error is InvalidDataException or FormatException)
        {
            return (new(), [$"{Path.GetFullPath(Path.Combine(folder, File))}: {error.GetBaseException().Message.TrimEnd('.')}"]);
        }
    }

    /// <summary>The same of settings by name (<c>Etl__Kafka__Partitions</c>) alone, as a container's environment gives them.</summary>
    internal static (EtlSettings Settings, IReadOnlyList<string> Faults) Inspect(IReadOnlyDictionary<string, string> environment) =>
        Inspect(new ConfigurationBuilder().AddInMemoryCollection(OfReplaced(environment.GetValueOrDefault)).AddInMemoryCollection(environment.Select(pair => KeyValuePair.Create(pair.Key.Replace("__", ":", StringComparison.Ordinal), (string?)pair.Value))).Build(), null);

    /// <summary>Where each setting's value comes from: <c>default</c>, <c>appsettings.json</c>, <c>environment</c> or <c>command line</c>, and the file that holds a secret, by path (<c>Kafka:BootstrapServers</c>).</summary>
    public static Func<string, string> Sources(string folder, string? data)
    {
        var root = Open(folder);
        return path =>
        {
            if (path == nameof(EtlSettings.Data) && data is not null) return "command line";
            if (root[$"{Section}:{path}{SecretFiles.Suffix}"] is { Length: > 0 } file && SecretFiles.Paths.ContainsKey(path + SecretFiles.Suffix)) return $"file {file}";
            return root.Providers.Reverse().FirstOrDefault(provider => provider.TryGet($"{Section}:{path}", out _)) switch
            {
                null => "default",
                JsonConfigurationProvider => File,
                _ => "environment",
            };
        };
    }

    /// <summary>What the weather pipeline's topics and tables are called. Steps are made of it before a call's settings are read, which tell what is wrong with it.</summary>
    public static WeatherNames Names(string folder)
    {
        try { return (Open(folder).GetSection($"{Section}:Weather").Get<WeatherSettings>() ?? new()).Names; }
        catch (Exception error) when (error is InvalidDataException or FormatException or InvalidOperationException) { return new(); }
    }

    private static (EtlSettings Settings, IReadOnlyList<string> Faults) Inspect(IConfigurationRoot root, string? data)
    {
        var section = root.GetSection(Section);
        List<string> faults = [.. Unknown(section, typeof(EtlSettings), Section)];
        var values = SecretFiles.Read(section, faults);
        foreach (var setting in SettingsTable.All)
        {
            if (section[setting.Path] is not { } text) continue;
            if (FaultOf(setting, text) is { } fault) faults.Add($"{Section}:{setting.Path}: {fault}");
            else values.TryAdd(setting.Path, text);
        }
        var settings = new ConfigurationBuilder().AddInMemoryCollection(values.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build().Get<EtlSettings>() ?? new();
        if (data is not null) settings = settings with { Data = data };
        faults.AddRange(settings.Faults());
        return (settings, faults);
    }

    private static string? FaultOf(Setting setting, string text) => setting.Type switch
    {
        Setting.Number when !int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) => $"found \"{text}\", expected a whole number",
        Setting.Switch when !bool.TryParse(text, out _) => $"found \"{text}\", expected true or false",
        _ => null,
    };

    private static IConfigurationRoot Open(string folder) => (IConfigurationRoot)new ConfigurationBuilder().SetBasePath(Path.GetFullPath(folder)).AddJsonFile(File, optional: true)
        .AddInMemoryCollection(OfReplaced(Environment.GetEnvironmentVariable)).AddEnvironmentVariables().Build();

    private static IEnumerable<KeyValuePair<string, string?>> OfReplaced(Func<string, string?> variable) =>
        Replaced.Select(each => KeyValuePair.Create($"{Section}:{each.Path}", variable(each.Name))).Where(pair => pair.Value is { Length: > 0 });

    /// <summary>A setting that nobody reads is a typing error, told at start.</summary>
    private static IEnumerable<string> Unknown(IConfigurationSection section, Type type, string path)
    {
        foreach (var child in section.GetChildren())
        {
            string name = $"{path}:{child.Key}";
            var property = type.GetProperties().FirstOrDefault(property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null && SecretFiles.Paths.ContainsKey(name[(Section.Length + 1)..])) continue;
            if (property is null || !property.CanWrite) yield return $"{name}: no such setting; there are {string.Join(", ", type.GetProperties().Where(known => known.CanWrite).Select(known => known.Name))}";
            else if (!SettingsTable.IsPart(property.PropertyType))
            {
                if (child.GetChildren().Any()) yield return $"{name}: found a list or a group, expected one value";
            }
            else if (child.Value is { Length: > 0 }) yield return $"{name}: found a value, expected a group of {string.Join(", ", property.PropertyType.GetProperties().Where(known => known.CanWrite).Select(known => known.Name))}";
            else
                foreach (string fault in Unknown(child, property.PropertyType, name)) yield return fault;
        }
    }
}

/// <summary>The caller asked for something that cannot be: exit code 2.</summary>
public sealed class UsageException(string message) : Exception(message);

/// <summary>What was asked for is not there: exit code 3.</summary>
public sealed class NotFoundException(string message) : Exception(message);

/// <summary>Another process is in the way: exit code 4.</summary>
public sealed class ConflictException(string message) : Exception(message);
