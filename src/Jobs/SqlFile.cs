using System.Reflection;

namespace Etl.Jobs;

/// <summary>SQL that lies beside a DAG class, <c>Jobs/Trucks/hourly.sql</c>, and is part of the program.</summary>
public static class SqlFile
{
    /// <param name="beside">A type of the DAG's folder.</param>
    /// <exception cref="FileNotFoundException">No such file was built in.</exception>
    public static string Read(Type beside, string name)
    {
        string resource = $"{beside.Namespace}.{name}";
        using var stream = beside.Assembly.GetManifestResourceStream(resource)
            ?? throw new FileNotFoundException($"SQL \"{name}\" was not found beside {beside.FullName}; there are: {string.Join(", ", Beside(beside))}", name);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static IEnumerable<string> Beside(Type type) =>
        type.Assembly.GetManifestResourceNames().Where(name => name.StartsWith($"{type.Namespace}.", StringComparison.Ordinal)).Select(name => name[(type.Namespace!.Length + 1)..]);
}
