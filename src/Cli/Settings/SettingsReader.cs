using Etl.Jobs.Weather;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace Etl.Cli.Settings;

/// <summary>Reads the settings: defaults, then appsettings.json, then the environment, then the command line.</summary>
public static class SettingsReader
{
    public const string File = "appsettings.json";

    /// <summary>Variables of the environment that the replaced pipelines were set by; <c>Etl__…</c> goes before them.</summary>
    private static readonly (string Name, string Path)[] Replaced =
    [
        ("BASE_URL", "Weather:ForecastUrl"), ("HOURLY_DATA_TOPIC", "Weather:HourlyTopic"), ("DAILY_DATA_TOPIC", "Weather:DailyTopic"),
        ("HOURLY_SINK_TABLE", "Weather:HourlyTable"), ("DAILY_SINK_TABLE", "Weather:DailyTable"),
    ];

    /// <param name="data">Of the command line; null when not given.</param>
    /// <exception cref="UsageException">Something is wrong; all of it is listed.</exception>
    public static EtlSettings Read(string folder, string? data)
    {
        var faults = new List<string>();
        var settings = new EtlSettings();
        try
        {
            var root = Open(folder);
            var section = root.GetSection("Etl");
            faults.AddRange(Unknown(section, typeof(EtlSettings), "Etl"));
            settings = section.Get<EtlSettings>() ?? settings;
        }
        catch (Exception error) when (error is InvalidDataException or FormatException or InvalidOperationException)
        {
            faults.Add(error is InvalidDataException ? $"{Path.GetFullPath(Path.Combine(folder, File))}: {error.GetBaseException().Message.TrimEnd('.')}" : error.Message.TrimEnd('.'));
        }
        if (data is not null) settings = settings with { Data = data };
        faults.AddRange(settings.Faults());
        return faults.Count == 0 ? settings : throw new UsageException(faults.Count == 1
            ? $"settings: {faults[0]}; `etl config describe` lists every setting"
            : $"settings: {faults.Count} are not good; `etl config describe` lists every setting\n{string.Join('\n', faults.Select(fault => $"  {fault}"))}");
    }

    /// <summary>Where each setting's value comes from: <c>default</c>, <c>appsettings.json</c>, <c>environment</c> or <c>command line</c>, by path (<c>Kafka:BootstrapServers</c>).</summary>
    public static Func<string, string> Sources(string folder, string? data)
    {
        var root = Open(folder);
        return path => path == nameof(EtlSettings.Data) && data is not null ? "command line" : root.Providers.Reverse().FirstOrDefault(provider => provider.TryGet($"Etl:{path}", out _)) switch
        {
            null => "default",
            JsonConfigurationProvider => File,
            _ => "environment",
        };
    }

    /// <summary>What the weather pipeline's topics and tables are called. Steps are made of it before a call's settings are read, which tell what is wrong with it.</summary>
    public static WeatherNames Names(string folder)
    {
        try { return (Open(folder).GetSection("Etl:Weather").Get<WeatherSettings>() ?? new()).Names; }
        catch (Exception error) when (error is InvalidDataException or FormatException or InvalidOperationException) { return new(); }
    }

    private static IConfigurationRoot Open(string folder) => (IConfigurationRoot)new ConfigurationBuilder().SetBasePath(Path.GetFullPath(folder)).AddJsonFile(File, optional: true)
        .AddInMemoryCollection(Replaced.Select(each => KeyValuePair.Create($"Etl:{each.Path}", Environment.GetEnvironmentVariable(each.Name))).Where(pair => pair.Value is { Length: > 0 })).AddEnvironmentVariables().Build();

    /// <summary>A setting that nobody reads is a typing error, told at start.</summary>
    private static IEnumerable<string> Unknown(IConfigurationSection section, Type type, string path)
    {
        foreach (var child in section.GetChildren())
        {
            var property = type.GetProperties().FirstOrDefault(property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null || !property.CanWrite) yield return $"{path}:{child.Key}: no such setting; there are {string.Join(", ", type.GetProperties().Where(known => known.CanWrite).Select(known => known.Name))}";
            else if (property.PropertyType.Namespace == type.Namespace)
                foreach (string fault in Unknown(child, property.PropertyType, $"{path}:{child.Key}")) yield return fault;
        }
    }
}

/// <summary>The caller asked for something that cannot be: exit code 2.</summary>
public sealed class UsageException(string message) : Exception(message);

/// <summary>What was asked for is not there: exit code 3.</summary>
public sealed class NotFoundException(string message) : Exception(message);

/// <summary>Another process is in the way: exit code 4.</summary>
public sealed class ConflictException(string message) : Exception(message);
