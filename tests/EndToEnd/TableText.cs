using System.Globalization;
using Microsoft.Data.Sqlite;
using MySqlConnector;

namespace Etl.Tests.EndToEnd;

/// <summary>Published tables, a row a line, so that equal lines are equal bits.</summary>
internal interface ITables
{
    /// <summary>All rows in order of their first two columns' text; columns by name.</summary>
    IReadOnlyList<string> Read(string table);
}

/// <summary>The one form of a row: columns by name, doubles with all their bits.</summary>
internal static class TableText
{
    public static string Row(IEnumerable<KeyValuePair<string, object?>> columns) =>
        string.Join(", ", columns.OrderBy(column => column.Key, StringComparer.Ordinal).Select(column => $"{column.Key}={Value(column.Value)}"));

    /// <summary>Instants as the sinks' text: a fraction only where there is one.</summary>
    public static string Instant(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString(instant.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd HH:mm:ss" : "yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    private static string Value(object? value) => value switch
    {
        null or DBNull => "null",
        double number => string.Create(CultureInfo.InvariantCulture, $"{number:R} ({BitConverter.DoubleToInt64Bits(number):x16})"),
        DateTime instant => Instant(new(DateTime.SpecifyKind(instant, DateTimeKind.Utc))),
        IFormattable plain => plain.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    public static IReadOnlyList<string> Rows(System.Data.Common.DbDataReader reader)
    {
        var rows = new List<(string Key, string Row)>();
        while (reader.Read())
        {
            var columns = Enumerable.Range(0, reader.FieldCount).Select(index => KeyValuePair.Create(reader.GetName(index), Field(reader, index))).ToList();
            rows.Add((string.Join('|', columns.Where(column => column.Key is "hour" or "day" or "truck_id").Select(column => Value(column.Value))), Row(columns)));
        }
        return [.. rows.OrderBy(row => row.Key, StringComparer.Ordinal).ThenBy(row => row.Row, StringComparer.Ordinal).Select(row => row.Row)];
    }

    private static object? Field(System.Data.Common.DbDataReader reader, int index) => reader.GetDataTypeName(index) == "DATE" && !reader.IsDBNull(index)
        ? reader.GetDateTime(index).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : reader.GetValue(index);
}

/// <param name="path">The file; another process may have it open.</param>
internal sealed class SqliteTables(string path) : ITables
{
    public IReadOnlyList<string> Read(string table)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, Mode = SqliteOpenMode.ReadWrite }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT * FROM \"{table}\"";
        using var reader = command.ExecuteReader();
        return TableText.Rows(reader);
    }
}

internal sealed class MySqlTables(string server, string database) : ITables
{
    public IReadOnlyList<string> Read(string table)
    {
        using var connection = new MySqlConnection($"{server};Database={database}");
        connection.Open();
        using var command = new MySqlCommand($"SELECT * FROM `{table}`", connection);
        command.Prepare(); // values come in binary: doubles with all their bits
        using var reader = command.ExecuteReader();
        return TableText.Rows(reader);
    }
}
