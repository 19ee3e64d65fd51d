using System.Reflection;
using System.Runtime.InteropServices;

namespace Etl.Lake.DuckDb;

/// <summary>Binds our imports to the libduckdb of the package DuckDB.NET.Bindings.Full, never to one that the machine happens to have.</summary>
internal static class BundledDuckDb
{
    private static readonly Lazy<nint> Own = new(Load);

    /// <summary>Called once, by the static constructor of <see cref="Native"/>.</summary>
    public static void Use() => NativeLibrary.SetDllImportResolver(typeof(BundledDuckDb).Assembly, static (name, _, _) => name == "duckdb" ? Own.Value : 0);

    // Asked through the package's assembly, so that the runtime looks where the package's natives were put: runtimes/<rid>/native or beside the program.
    private static nint Load() => NativeLibrary.TryLoad("duckdb", Assembly.Load("DuckDB.NET.Bindings"), null, out nint handle)
        ? handle
        : throw new DllNotFoundException($"libduckdb was not found beside {AppContext.BaseDirectory}; expected runtimes/{RuntimeInformation.RuntimeIdentifier}/native. Publish the program with its runtimes folder.");
}
