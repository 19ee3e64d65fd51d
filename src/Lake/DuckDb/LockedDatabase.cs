using Etl.Codecs.Columns;

namespace Etl.Lake.DuckDb;

/// <summary>A database for SQL that users write: files only under the given folders, no network, settings locked, and single SELECTs only.</summary>
public sealed class LockedDatabase : IDisposable
{
    private readonly DuckDatabase _database;

    /// <param name="folders">Full paths; with none, no file can be read at all.</param>
    public LockedDatabase(IReadOnlyList<string> folders, DuckOptions? options = null) => _database = new((options ?? new()) with { AllowedFolders = folders });

    /// <summary>For the program's own statements, such as the views that users may read. Locked as well, but not held to SELECT.</summary>
    public DuckConnection Connect() => _database.Connect();

    /// <summary>Runs a user's SELECT over the tables and views that <paramref name="connection"/> sees.</summary>
    /// <param name="rowsMax">Rows behind it are left out, at least 1.</param>
    /// <exception cref="SqlRefusedException">It is not one SELECT over datasets, or not safe to run; see <see cref="SqlRules.Safe"/>.</exception>
    public static ColumnBatch Select(DuckConnection connection, string sql, int rowsMax, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsMax, 1);
        SqlLint.Demand(connection, sql, SqlRules.Safe);
        var rows = new ColumnBatch(connection.Describe(sql));
        try
        {
            connection.Query(sql, chunk =>
            {
                if (rows.RowCount < rowsMax) chunk.AppendTo(rows, rowsMax - rows.RowCount);
            }, cancel: cancel);
            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    public void Dispose() => _database.Dispose();
}
