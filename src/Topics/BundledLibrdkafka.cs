using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Etl.Topics;

/// <summary>
/// Binds Confluent.Kafka to the librdkafka of its own package. Without this .NET takes any <c>librdkafka.so</c> of the machine where the package's
/// main build does not load (it needs libsasl2.so.3); an older one produces, but every <c>Consume</c> throws <see cref="EntryPointNotFoundException"/>.
/// </summary>
public static class BundledLibrdkafka
{
    /// <summary>The oldest version taken: 2.1.0, the first with the functions that Confluent.Kafka 2.15 consumes through.</summary>
    private const int OldestVersion = 0x020100ff;

    private static readonly Lazy<nint> Own = new(Load);
    private static readonly Lock Once = new();
    private static bool _set;

    /// <summary>Call before the first use of Confluent.Kafka in the process; later calls do nothing.</summary>
    /// <exception cref="DllNotFoundException">No librdkafka could be loaded, or only one that is too old.</exception>
    public static void Use()
    {
        lock (Once)
        {
            if (_set) return;
            // Our own imports must reach the very copy that Confluent.Kafka uses: its handles are passed to them.
            foreach (var assembly in new[] { typeof(Library).Assembly, typeof(BundledLibrdkafka).Assembly })
                NativeLibrary.SetDllImportResolver(assembly, (name, _, _) => name == "librdkafka" ? Own.Value : 0);
            if (Library.Version < OldestVersion)
                throw new DllNotFoundException($"librdkafka {Library.VersionString} was loaded; expected 2.1.0 or newer. Publish the program with its runtimes folder.");
            _set = true;
        }
    }

    private static nint Load()
    {
        string[] files = OperatingSystem.IsWindows() ? ["librdkafka.dll"]
            : OperatingSystem.IsMacOS() ? ["librdkafka.dylib"]
            : ["librdkafka.so", "centos8-librdkafka.so", "alpine-librdkafka.so"]; // the second needs neither Kerberos nor anything else
        string[] folders = [Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native"),
            Path.Combine(AppContext.BaseDirectory, "runtimes", PortableIdentifier, "native"), AppContext.BaseDirectory];
        foreach (string folder in folders)
            foreach (string file in files)
                if (NativeLibrary.TryLoad(Path.Combine(folder, file), out nint handle)) return handle;
        if (NativeLibrary.TryLoad("librdkafka.so.1", out nint machine)) return machine;
        throw new DllNotFoundException($"no librdkafka could be loaded from {string.Join(", ", folders)}; expected one of {string.Join(", ", files)}.");
    }

    private static string PortableIdentifier =>
        (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : "linux-") + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
}
