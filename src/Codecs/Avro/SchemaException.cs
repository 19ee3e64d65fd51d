namespace Etl.Codecs.Avro;

/// <summary>Why a text is no schema.</summary>
/// <param name="Path">Where, as a JSON path from <c>$</c>.</param>
public sealed record SchemaProblem(string Found, string Expected, string Path)
{
    public override string ToString() => $"schema at {Path}: found {Found}, expected {Expected}";
}

/// <summary>A text that is no Avro schema.</summary>
public sealed class SchemaException(SchemaProblem problem, Exception? cause = null) : Exception(problem.ToString(), cause)
{
    public SchemaProblem Problem { get; } = problem;
}
