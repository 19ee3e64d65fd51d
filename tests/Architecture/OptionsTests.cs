using System.Reflection;
using System.Runtime.Loader;

namespace Etl.Tests.Architecture;

/// <summary>Settings are good or are refused: options list all that is wrong with them, limits refuse a wrong value at birth.</summary>
public sealed class OptionsTests
{
    private static readonly Type[] Public = [.. Directory.EnumerateFiles(AppContext.BaseDirectory, "Etl.*.dll").Where(file => !Path.GetFileName(file).StartsWith("Etl.Tests.", StringComparison.Ordinal))
        .SelectMany(file => AssemblyLoadContext.Default.LoadFromAssemblyPath(file).GetExportedTypes())];

    [Fact]
    public void All_public_options_list_their_faults()
    {
        var options = Public.Where(type => type.IsClass && (type.Name.EndsWith("Options", StringComparison.Ordinal) || type.Name.EndsWith("Policy", StringComparison.Ordinal))).ToList();
        options.Count.ShouldBeGreaterThan(10);
        options.Where(type => type.GetMethod("Faults", []) is not { } faults || !typeof(IEnumerable<string>).IsAssignableFrom(faults.ReturnType)).Select(type => type.FullName).ShouldBeEmpty();
    }

    [Fact]
    public void All_public_limits_refuse_a_negative_number()
    {
        var limits = Public.Where(type => type.IsClass && type.Name.EndsWith("Limits", StringComparison.Ordinal)).ToList();
        limits.Count.ShouldBeGreaterThan(3);
        foreach (var type in limits)
            foreach (var property in type.GetProperties().Where(property => property.CanWrite && (property.PropertyType == typeof(int) || property.PropertyType == typeof(long))))
                Should.Throw<TargetInvocationException>(() => property.SetValue(Activator.CreateInstance(type), Convert.ChangeType(-1, property.PropertyType, null)), $"{type.Name}.{property.Name}")
                    .InnerException.ShouldBeOfType<ArgumentOutOfRangeException>();
    }
}
