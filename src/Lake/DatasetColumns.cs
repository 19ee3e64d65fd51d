using System.Text.Json;
using System.Text.Json.Serialization;
using Etl.Codecs.Columns;

namespace Etl.Lake;

/// <summary>A column of a dataset's schema version.</summary>
public sealed record DatasetColumn(string Name, ColumnType Type, bool Nullable)
{
    /// <summary>SQL expression for rows of versions that have not the column, e.g. <c>0.0</c> or <c>'unknown'</c>; null stands for NULL.</summary>
    public string? Default { get; init; }

    /// <summary>Names it had in earlier versions.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    public ColumnField Field => new(Name, Type, Nullable);
}

/// <summary>The JSON form of a schema version's columns, as <c>DatasetSchema.Columns</c> keeps it: a list of name, type (SQL), nullable, and where there are any default and aliases.</summary>
public static class DatasetColumns
{
    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // stored, never shown in a page as it is
    };

    /// <summary>Columns that every row of an event dataset has beside its own: where it came from, and the registry's id of the schema it was written in.</summary>
    public static IReadOnlyList<DatasetColumn> Origin { get; } =
    [
        new("_partition", ColumnType.Of(ColumnKind.Int32), false),
        new("_offset", ColumnType.Of(ColumnKind.Int64), false),
        new("_schema", ColumnType.Of(ColumnKind.Int32), false),
    ];

    public static string Write(IEnumerable<DatasetColumn> columns) => JsonSerializer.Serialize(
        columns.Select(column => new Entry(column.Name, column.Type.ToSql(), column.Nullable, column.Default, column.Aliases.Count == 0 ? null : column.Aliases)), Form);

    /// <summary>For columns without defaults and aliases: those of a result, or of a first version.</summary>
    public static string Write(IReadOnlyList<ColumnField> fields) => Write(fields.Select(field => new DatasetColumn(field.Name, field.Type, field.Nullable)));

    /// <exception cref="FormatException">Not the form that <see cref="Write(IEnumerable{DatasetColumn})"/> makes.</exception>
    public static IReadOnlyList<DatasetColumn> Read(string json)
    {
        try
        {
            var entries = JsonSerializer.Deserialize<Entry[]>(json, Form) ?? throw new FormatException("a dataset's columns: found null, expected a list");
            return [.. entries.Select(entry => new DatasetColumn(entry.Name, SqlTypes.Parse(entry.Type), entry.Nullable) { Default = entry.Default, Aliases = entry.Aliases ?? [] })];
        }
        catch (JsonException error) { throw new FormatException($"a dataset's columns: {error.Message}; expected [{{\"name\":…,\"type\":…,\"nullable\":…}}]", error); }
    }

    public static IReadOnlyList<ColumnField> Fields(string json) => [.. Read(json).Select(column => column.Field)];

    private sealed record Entry([property: JsonRequired] string Name, [property: JsonRequired] string Type, bool Nullable, string? Default, IReadOnlyList<string>? Aliases);
}
