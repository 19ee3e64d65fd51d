using System.Text.Json;

namespace Etl.Lake.DuckDb;

/// <summary>The lint's look at the parse tree (<c>json_serialize_sql</c>): what is written, and where.</summary>
internal sealed class WrittenSql
{
    private readonly string _sql;
    private readonly HashSet<string> _tables;
    private readonly HashSet<string> _commonTables = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Name, int Position)> _calls = [];
    private readonly List<SqlFinding> _findings = [];

    /// <param name="tables">Names of the database's own tables and views.</param>
    public WrittenSql(string sql, JsonElement tree, HashSet<string> tables)
    {
        (_sql, _tables) = (sql, tables);
        CollectCommonTables(tree);
        Walk(tree);
    }

    public IReadOnlyList<SqlFinding> Findings => _findings;

    /// <summary>Where a function is called for the first time; −1 if the SQL does not name it (then a view or macro does).</summary>
    /// <param name="bound">Its node in the plan, which may know the place of what is written without brackets (<c>current_date</c>).</param>
    public int PositionOf(string function, JsonElement bound)
    {
        int called = _calls.Where(call => call.Name.Equals(function, StringComparison.OrdinalIgnoreCase)).Select(call => call.Position).FirstOrDefault(-1);
        int place = called >= 0 ? called : SqlPositions.Of(_sql, bound);
        return place >= 0 && _sql.AsSpan(place).StartsWith(function, StringComparison.OrdinalIgnoreCase) ? place : called;
    }

    private void Walk(JsonElement node)
    {
        switch (node.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var item in node.EnumerateArray()) Walk(item);
                break;
            case JsonValueKind.Object:
                if (Text(node, "function_name") is { } function) JudgeCall(node, function);
                JudgeSource(node);
                JudgeRowChoice(node);
                foreach (var property in node.EnumerateObject()) Walk(property.Value);
                break;
        }
    }

    private void JudgeCall(JsonElement node, string name)
    {
        int position = SqlPositions.Of(_sql, node);
        _calls.Add((name, position));
        bool isWindow = Text(node, "class") == "WINDOW", isOrdered = HasItems(node, "order_bys", "orders") || HasItems(node, "arg_orders");
        if (name.StartsWith(SqlFunctions.ExactPrefix, StringComparison.OrdinalIgnoreCase))
        {
            if (isWindow) Add(SqlRules.Safe, name, position, $"{name} with OVER", "group instead of windowing, and join the result: exact aggregates have no window form");
            else if (isOrdered) Add(SqlRules.Safe, name, position, $"{name} with ORDER BY inside", "leave the ORDER BY out: the result does not depend on order");
        }
        if (SqlFunctions.Volatile.Contains(name)) Add(SqlRules.Repeatable, name, position, BoundSql.VolatileProblem(name), BoundSql.VolatileRemedy);
        if (SqlFunctions.NeverRepeatable.Contains(name)) Add(SqlRules.Repeatable, name, position, $"{name} depends on the order of rows, or on chance", "write median, quantile_cont or count(distinct …)");
        if (!isWindow && !isOrdered && SqlFunctions.NeedOrder.Contains(name))
            Add(SqlRules.Repeatable, name, position, $"{name} without ORDER BY takes rows as they come", $"write {name}(… order by …) over what is unique, or min or max");
    }

    // FROM: names of the database or of WITH, and the few table functions that read nothing.
    private void JudgeSource(JsonElement node)
    {
        int position = SqlPositions.Of(_sql, node);
        switch (Text(node, "type"))
        {
            case "BASE_TABLE" when Text(node, "table_name") is { } table && !IsKnown(node, table):
                Add(SqlRules.Safe, table, position, $"'{table}' is no table or view here", "name a dataset, not a file or a system table");
                break;
            case "TABLE_FUNCTION" when node.TryGetProperty("function", out var call) && Text(call, "function_name") is { } function && !SqlFunctions.PlainTables.Contains(function):
                Add(SqlRules.Safe, function, position, $"table function {function}", $"read datasets by name; only {string.Join(", ", SqlFunctions.PlainTables.Order())} may be called in FROM");
                break;
            case "SHOW_REF":
                Add(SqlRules.Safe, "show", position, "DESCRIBE, SHOW or SUMMARIZE", "write a SELECT");
                break;
        }
    }

    private void JudgeRowChoice(JsonElement node)
    {
        if (node.TryGetProperty("sample", out var sample) && sample.ValueKind == JsonValueKind.Object)
            Add(SqlRules.Repeatable, "sample", SqlPositions.Of(_sql, node), "a sample takes rows by chance", "filter by a hash of the key, e.g. hash(key) % 100 = 0");
        if (!node.TryGetProperty("modifiers", out var modifiers) || modifiers.ValueKind != JsonValueKind.Array) return;
        string[] types = [.. modifiers.EnumerateArray().Select(modifier => Text(modifier, "type") ?? "")];
        if (types.Contains("ORDER_MODIFIER")) return;
        if (types.Any(type => type is "LIMIT_MODIFIER" or "LIMIT_PERCENT_MODIFIER"))
            Add(SqlRules.Repeatable, "limit", -1, "LIMIT without ORDER BY takes any rows", "add an ORDER BY over what is unique");
        if (modifiers.EnumerateArray().Any(modifier => HasItems(modifier, "distinct_on_targets")))
            Add(SqlRules.Repeatable, "distinct on", -1, "DISTINCT ON without ORDER BY takes any row of each", "add an ORDER BY over what is unique");
    }

    private bool IsKnown(JsonElement node, string table)
    {
        string? schema = Text(node, "schema_name"), catalog = Text(node, "catalog_name");
        bool isOwn = schema is null or "" or "main" && catalog is null or "" or "memory" or "temp";
        if (isOwn && _tables.Contains(table)) return true;
        // A file has a dot or a slash in its name, and a WITH of such a name may be out of scope where it is read.
        return schema is null or "" && catalog is null or "" && _commonTables.Contains(table) && table.All(letter => char.IsLetterOrDigit(letter) || letter == '_');
    }

    private void CollectCommonTables(JsonElement node)
    {
        if (node.ValueKind == JsonValueKind.Array)
            foreach (var item in node.EnumerateArray()) CollectCommonTables(item);
        if (node.ValueKind != JsonValueKind.Object) return;
        if (node.TryGetProperty("cte_map", out var with) && with.ValueKind == JsonValueKind.Object && with.TryGetProperty("map", out var map))
            foreach (var entry in map.EnumerateArray())
                if (Text(entry, "key") is { } name) _commonTables.Add(name);
        foreach (var property in node.EnumerateObject()) CollectCommonTables(property.Value);
    }

    private void Add(SqlRules rule, string name, int position, string problem, string remedy) => _findings.Add(new(rule, name, position, problem, remedy));

    internal static string? Text(JsonElement node, string name) =>
        node.ValueKind == JsonValueKind.Object && node.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    internal static bool HasItems(JsonElement node, params ReadOnlySpan<string> path)
    {
        foreach (string name in path)
            if (node.ValueKind != JsonValueKind.Object || !node.TryGetProperty(name, out node)) return false;
        return node.ValueKind == JsonValueKind.Array && node.GetArrayLength() > 0;
    }
}
