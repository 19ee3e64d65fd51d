using System.Text.Json;

namespace Etl.Lake.DuckDb;

/// <summary>The lint's look at the bound plan (<c>json_serialize_plan</c>): views and macros opened, each function with the types that it was bound to.</summary>
internal sealed class BoundSql
{
    public const string VolatileRemedy = "let the window's own times, or a column, say it";

    private readonly WrittenSql _written;
    private readonly List<SqlFinding> _findings = [];

    public BoundSql(JsonElement plan, WrittenSql written)
    {
        _written = written;
        Walk(plan);
    }

    public IReadOnlyList<SqlFinding> Findings => _findings;

    public static string VolatileProblem(string name) => $"{name} differs from run to run";

    private void Walk(JsonElement node)
    {
        switch (node.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var item in node.EnumerateArray()) Walk(item);
                break;
            case JsonValueKind.Object:
                if (WrittenSql.Text(node, "expression_class") is { } kind && WrittenSql.Text(node, "name") is { } name) Judge(node, kind, name);
                foreach (var property in node.EnumerateObject()) Walk(property.Value);
                break;
        }
    }

    private void Judge(JsonElement node, string kind, string name)
    {
        switch (kind)
        {
            case "BOUND_FUNCTION":
                bool isAgeOfNow = name == "age" && Arguments(node).Count == 1;
                if (SqlFunctions.Volatile.Contains(name) || isAgeOfNow) Add(node, SqlRules.Repeatable, name, VolatileProblem(name), VolatileRemedy);
                break;
            case "BOUND_AGGREGATE" or "BOUND_WINDOW" when name.StartsWith(SqlFunctions.ExactPrefix, StringComparison.OrdinalIgnoreCase):
                if (kind == "BOUND_WINDOW") Add(node, SqlRules.Safe, name, $"{name} with OVER", "group instead of windowing, and join the result: exact aggregates have no window form");
                else if (WrittenSql.HasItems(node, "order_bys", "orders")) Add(node, SqlRules.Safe, name, $"{name} with ORDER BY inside", "leave the ORDER BY out: the result does not depend on order");
                break;
            case "BOUND_AGGREGATE" or "BOUND_WINDOW":
                if (SqlFunctions.NeverRepeatable.Contains(name)) Add(node, SqlRules.Repeatable, name, $"{name} depends on the order of rows, or on chance", "write median, quantile_cont or count(distinct …)");
                else if (!SqlFunctions.OrderFree.Contains(name) && Arguments(node).Any(type => type is "DOUBLE" or "FLOAT"))
                    Add(node, SqlRules.Repeatable, name, $"{name} over {Arguments(node).First(type => type is "DOUBLE" or "FLOAT")} rounds in the order in which rows come, which differs from run to run", SqlFunctions.Remedy(name));
                break;
        }
    }

    /// <summary>Types that the function was bound to, e.g. DOUBLE also where an integer is cast to it.</summary>
    private static List<string> Arguments(JsonElement node) => node.TryGetProperty("arguments", out var types) && types.ValueKind == JsonValueKind.Array
        ? [.. types.EnumerateArray().Select(type => WrittenSql.Text(type, "id") ?? "")]
        : [];

    private void Add(JsonElement node, SqlRules rule, string name, string problem, string remedy) =>
        _findings.Add(new(rule, name, _written.PositionOf(name, node), problem, remedy));
}
