using System.Diagnostics;
using Etl.Contracts.Workflow;

namespace Etl.Cli.Dags;

/// <summary>The products whose DAG is good, and those that are refused with the reason.</summary>
public sealed class ProductCatalog
{
    private readonly List<Product> _products = [];
    private readonly List<RefusedDag> _refused = [];

    private ProductCatalog() { }

    public IReadOnlyList<Product> Products => _products;

    public IReadOnlyList<RefusedDag> Refused => _refused;

    public static ProductCatalog Of(IReadOnlyList<ProductLine> lines)
    {
        var catalog = new ProductCatalog();
        foreach (var line in lines) catalog.Add(line);
        return catalog;
    }

    private void Add(ProductLine line)
    {
        try
        {
            var product = new Product(line.Source(Find), line.Topics, line.Sql);
            if (_products.Any(other => other.Dag.Name == product.Dag.Name)) _refused.Add(new(line.Dag, RefusedDag.FileOf(product.Source), $"found a second DAG called \"{product.Dag.Name}\", expected names that are each once"));
            else _products.Add(product);
        }
        catch (Exception error) when (error is not OutOfMemoryException) { _refused.Add(new(line.Dag, RefusedDag.PlaceOf(error), FirstLine(error.Message))); } // an author's class may throw anything; the others run
    }

    private Dag Find(string name) => _products.FirstOrDefault(product => product.Dag.Name == name)?.Dag
        ?? throw new ArgumentException(_refused.Any(refused => refused.Dag == name) ? $"needs the DAG {name}, which is refused" : $"needs the DAG \"{name}\", found no such DAG before it, expected one of: {string.Join(", ", _products.Select(product => product.Dag.Name))}");

    private static string FirstLine(string text) => text.ReplaceLineEndings("\n").Split('\n')[0];
}

/// <summary>A line of the parts list.</summary>
/// <param name="Dag">The name it goes by where its DAG cannot be defined.</param>
/// <param name="Source">Makes the DAG's class; may ask for DAGs of earlier lines by name.</param>
/// <param name="Sql">As of <see cref="Product"/>.</param>
public sealed record ProductLine(string Dag, Func<Func<string, Dag>, IDagSource> Source, IReadOnlyList<DeclaredTopic> Topics, Func<string, string>? Sql = null);

/// <summary>A DAG that does not run because it is wrong.</summary>
/// <param name="Place">File, and line where it is known.</param>
/// <param name="Reason">What was found and what expected.</param>
public sealed record RefusedDag(string Dag, string Place, string Reason)
{
    public override string ToString() => $"{Dag} is refused: {(Place.Length > 0 ? $"{Place}: " : "")}{Reason}";

    /// <summary><c>src/Jobs/Trucks/TrucksDag.cs</c>: folder = namespace.</summary>
    public static string FileOf(Type source, string? name = null) => $"src/{(source.Namespace ?? "").Replace("Etl.", "", StringComparison.Ordinal).Replace('.', '/')}/{name ?? $"{source.Name}.cs"}";

    /// <summary>The line of the DAG's class that was refused, by the stack.</summary>
    public static string PlaceOf(Exception error)
    {
        var frames = new StackTrace(error, fNeedFileInfo: true).GetFrames();
        var frame = frames.FirstOrDefault(frame => StackFrameMethod(frame) is { } type && type.IsAssignableTo(typeof(IDagSource)));
        if (frame is null || StackFrameMethod(frame) is not { } source) return "";
        string file = frame.GetFileName() is { } path ? path.Replace('\\', '/') is var plain && plain.LastIndexOf("/src/", StringComparison.Ordinal) is >= 0 and var at ? plain[(at + 1)..] : Path.GetFileName(plain) : FileOf(source);
        return frame.GetFileLineNumber() is > 0 and var line ? $"{file}:{line}" : file;
    }

    private static Type? StackFrameMethod(StackFrame frame) => frame.GetMethod()?.DeclaringType;
}
