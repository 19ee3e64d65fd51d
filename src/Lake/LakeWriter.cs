using Etl.Codecs.Columns;
using Etl.Contracts.Commits;
using Etl.Lake.DuckDb;

namespace Etl.Lake;

/// <summary>Writes one Parquet file of the lake, footer and all, and says what a commit shall list. Any thread may call; each call has a connection of its own.</summary>
/// <param name="store">The store's id, for the footers.</param>
internal sealed class LakeWriter(string store, DuckDatabase database, LakeFiles files, LakeOptions options)
{
    /// <summary>Distinct values of a column in a row group past which it is stored plainly: no time is lost hashing measurements. More than that many keys is rare.</summary>
    private const int DictionaryValuesMax = 2_000;

    private readonly ParquetOptions _form = new()
    {
        IsVersion2 = options.ParquetVersion == ParquetVersion.V2,
        CompressionLevel = options.CompressionLevel,
        RowGroupRows = options.RowGroupRows,
        DictionarySizeLimit = DictionaryValuesMax,
    };

    /// <summary>From columns of ours.</summary>
    public Task<NewFile> WriteAsync(LakeFooter footer, IColumnSource rows, long token, CancellationToken cancel) => WriteAsync(footer, token, path =>
    {
        using var connection = database.Connect();
        using var source = connection.Offer(rows);
        return Copy(connection, $"SELECT {string.Join(", ", rows.Fields.Select(Stored))} FROM {source.Sql}", footer, path, cancel);
    });

    /// <summary>From SQL over files of the lake, whose columns are stored as they are.</summary>
    public Task<NewFile> WriteAsync(LakeFooter footer, string select, long token, CancellationToken cancel) => WriteAsync(footer, token, path =>
    {
        using var connection = database.Connect();
        return Copy(connection, select, footer, path, cancel);
    });

    private async Task<NewFile> WriteAsync(LakeFooter footer, long token, Func<string, long> copy)
    {
        var month = footer.Windows.Min(window => window.Start);
        var (path, bytes) = await files.WriteAsync(footer.Schema.Dataset, month, token, temporary => Task.Run(() =>
        {
            long rows = copy(temporary);
            if (rows != footer.Rows) throw new InvalidOperationException($"{footer.Schema.Dataset}: {rows} rows were written, their windows hold {footer.Rows}: who counted the windows is wrong");
        }));
        return new(footer.Schema.Dataset, path, footer.Rows, bytes, footer.Schema.Version, footer.Windows, footer.Offsets);
    }

    private long Copy(DuckConnection connection, string select, LakeFooter footer, string path, CancellationToken cancel)
    {
        var form = _form with { Metadata = new Dictionary<string, string> { [LakeFooter.Key] = (footer with { Store = store }).Write() } };
        try { return ParquetFile.WriteQuery(connection, select, footer.Rows, path, form, cancel); }
        catch (DuckException error) { throw LakeException.From(error, $"writing {footer.Schema.Dataset}"); }
    }

    // Parquet has no 128-bit integer: DuckDB would store it as DOUBLE and lose digits.
    private static string Stored(ColumnField field) =>
        field.Type.Kind == ColumnKind.Int128 ? $"CAST({Sql.Name(field.Name)} AS DECIMAL(38, 0)) AS {Sql.Name(field.Name)}" : Sql.Name(field.Name);
}
